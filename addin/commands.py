"""The commands behind the ribbon's buttons, by the button's id. What a command needs is loaded when it is pressed."""

from collections.abc import Callable, Mapping
from importlib import import_module

from addin.excel import Press
from addin.ribbon import GROUPS
from addin.versions import tieout_version
from core.resting import collector_resting

Command = Callable[[Press], str | None]
"""What a button runs; it gives the sentence that is shown, or None where it has shown what there is. Errors are AddInErrors."""


def help_text(press: Press) -> str:
    """What each button does, which version this is and where its log is."""
    lines = [f"Tieout {tieout_version()}. Its log is {press.machine.log_file}"]
    for group in GROUPS:
        lines += ["", group.label, *(f"{one.label}: {one.screentip[0].lower()}{one.screentip[1:]}" for one in group.buttons)]
    return "\n".join(lines)


def _of(module: str, name: str) -> Command:
    """The command of a module, which is loaded with all it needs when the button is pressed."""

    def command(press: Press) -> str | None:
        found: Command = getattr(import_module(f"addin.{module}"), name)
        with collector_resting():
            return found(press)

    return command


COMMANDS: Mapping[str, Command] = {
    "sign_in": _of("signing_in", "sign_in"),
    "get_workbook": _of("fetching", "get_workbook"),
    "refresh": _of("refreshing", "refresh"),
    "accept_selected": _of("deciding", "accept_selected"),
    "dismiss_selected": _of("deciding", "dismiss_selected"),
    "ask": _of("deciding", "ask"),
    "clear": _of("deciding", "clear"),
    "validate": _of("validating", "validate"),
    "dry_run": _of("validating", "dry_run"),
    "submit": _of("submitting", "submit"),
    "status": _of("receipts", "status"),
    "undo": _of("undoing", "undo"),
    "help": help_text,
}
