"""A button that was pressed, and the Excel and the workbook that it was pressed in."""

import atexit
import sys
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from addin.dialogs import Dialogs, ExcelDialogs
from addin.errors import NotReady
from addin.machine import Machine, System
from addin.ribbon import Button

if TYPE_CHECKING:
    from xlwings import App, Book


@dataclass(frozen=True, slots=True)
class Press:
    """What a command is given. Excel is only looked for when it is asked for."""

    button: Button
    workbook: str  # the name of the workbook that was in front; empty: none, or not started from Excel
    window: int | None  # which Excel it was, where there are several (Windows)
    machine: Machine
    asking: Dialogs | None = None  # None: Excel's own dialogs

    def dialogs(self) -> Dialogs:
        """What the person is asked with."""
        return self.asking or ExcelDialogs(self.app())

    def app(self) -> "App":
        """The Excel that the button was pressed in. NotReady where there is none."""
        return attach(self.window)

    def book(self) -> "Book":
        """The workbook that was in front when the button was pressed, whatever is in front now. NotReady where there is none."""
        app = self.app()
        if not self.workbook:
            if len(app.books) == 0:
                raise NotReady(f"Open a reconciliation workbook first, then press {self.button.label} again.")
            return app.books.active
        wanted = _same(self.workbook)
        found = next((book for book in app.books if _same(book.name) == wanted), None)
        if found is None:
            raise NotReady(f"{self.workbook} is no longer open: open it, then press {self.button.label} again.")
        return found


def attach(window: int | None) -> "App":
    """The running Excel, by its window's number where that is known. NotReady where none is running."""
    import xlwings

    leave_other_excels_alone()
    try:
        apps = list(xlwings.apps)
    except xlwings.XlwingsError:  # no engine: not Windows, not a Mac
        apps = []
    found = next((app for app in apps if window is not None and app.hwnd == window), None)
    if found is None and not apps:
        raise NotReady("Excel is not running on this computer: open the workbook in Excel, then try again.")
    return found or xlwings.apps.active or apps[0]


def leave_other_excels_alone() -> None:
    """Keeps xlwings from its habit on Windows: when Python ends it kills every Excel process whose window it does not find, which
    may be one that starts, shows a dialog or is run by another program."""
    windows = sys.modules.get("xlwings._xlwindows")
    if windows is not None:
        atexit.unregister(windows.cleanup)


def can_attach(machine: Machine) -> bool:
    """Whether there may be an Excel at all."""
    return machine.system is not System.OTHER


def decoded(hexadecimal: str) -> str:
    """The text that the ribbon's VBA sent as four hexadecimal digits for each UTF-16 unit. ValueError where it is none."""
    return bytes.fromhex(hexadecimal).decode("utf-16-be")


def _same(name: str) -> str:
    """Excel's names are told apart neither by case nor by how an accent is composed (a Mac takes it apart)."""
    return unicodedata.normalize("NFC", name).casefold()
