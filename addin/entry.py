"""What the ribbon's VBA starts: one button's command. Nothing gets out but one plain sentence; the rest goes to the log."""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from addin.dialogs import TITLE, Dialogs
from addin.errors import AddInError, NotReady
from addin.excel import Press, attach, decoded
from addin.log_file import close_log, open_log
from addin.machine import Machine, this_machine
from addin.ribbon import button
from addin.versions import tieout_version

Told = tuple[str, str]
"""A sentence, and how it is shown: INFO or CRITICAL."""

INFO, CRITICAL = "info", "critical"

Tell = Callable[[str, str, int | None], int]
"""Tells a sentence in a mode, beside the window of that number, and gives the exit status that follows."""


def run(button_id: str, workbook: str = "") -> None:
    """Runs a button's command and ends the process. `workbook` is the name of the workbook in front, in hexadecimal digits."""
    sys.exit(press(button_id, workbook, this_machine(), sys.argv, show))


def press(
    button_id: str, workbook: str, machine: Machine, arguments: Sequence[str], tell: Tell, asking: Dialogs | None = None
) -> int:
    """Runs the command, tells how it went, and gives the exit status. `asking`: other dialogs than Excel's."""
    log = open_log(machine)
    window = window_of(arguments)
    log.info("%s begins", button_id)
    try:
        told: Told | None = _run(button_id, workbook, machine, window, asking)
        log.info("%s is done", button_id)
    except AddInError as error:
        first = str(error).partition("\n")[0]  # further lines hold the person's rows, which the log does not
        log.warning("%s: %s", button_id, first, exc_info=error.__cause__)
        told = str(error), CRITICAL
    except BaseException as error:  # the last resort: told in words, kept for whoever mends it
        log.exception("%s ended unexpectedly", button_id)
        told = _unexpected(error, machine), CRITICAL
    finally:
        close_log(log)
    return tell(*told, window) if told else 0


def _run(button_id: str, workbook: str, machine: Machine, window: int | None, asking: Dialogs | None) -> Told | None:
    from addin.commands import COMMANDS

    pressed, command = button(button_id), COMMANDS.get(button_id)
    if pressed is None or command is None:
        raise NotReady(
            f"This Tieout ({tieout_version()}) has no button {button_id!r}: the add-in in Excel is of another version. "
            "Close Excel, run 'tieout addin install' in a terminal, and start Excel again."
        )
    if pressed.needs_workbook and not workbook and window is not None:
        raise NotReady(f"Open a reconciliation workbook first, then press {pressed.label} again.")
    said = command(Press(pressed, decoded(workbook), window, machine, asking))
    return (said, INFO) if said else None


def _unexpected(error: BaseException, machine: Machine) -> str:
    what = f"{type(error).__name__}: {error}".partition("\n")[0]
    return (
        f"Something unexpected happened, and this is a fault of Tieout's ({what}). Press Status to see what the service has "
        f"received. The details are in {machine.log_file}; read it before you send it to anybody."
    )


def window_of(arguments: Sequence[str]) -> int | None:
    """The number of Excel's window, as the VBA gives it; None where it is not known."""
    for argument in arguments:
        if argument.startswith("--hwnd=") and argument.removeprefix("--hwnd=").strip('"').isdigit():
            return int(argument.removeprefix("--hwnd=").strip('"'))
    return None


def show(text: str, mode: str, window: int | None) -> int:
    """Shows a sentence in a dialog of Excel's. Where that cannot be, prints it and gives 1, and the VBA shows what was printed."""
    with suppress(Exception):  # whatever is wrong with Excel
        attach(window).alert(text, title=TITLE, mode=mode)
        return 0
    print(text, file=sys.stderr)  # noqa: T201 - the VBA reads it
    return 1
