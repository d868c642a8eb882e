"""The commands behind the ribbon's buttons, by the button's id."""

from collections.abc import Callable, Mapping

from addin.excel import Press
from addin.ribbon import GROUPS
from addin.versions import tieout_version

Command = Callable[[Press], str | None]
"""What a button runs; it gives the sentence that is shown, or None where it has shown what there is. Errors are AddInErrors."""


def help_text(press: Press) -> str:
    """What each button does, which version this is and where its log is."""
    lines = [f"Tieout {tieout_version()}. Its log is {press.machine.log_file}"]
    for group in GROUPS:
        lines += ["", group.label, *(f"{one.label}: {one.screentip[0].lower()}{one.screentip[1:]}" for one in group.buttons)]
    return "\n".join(lines)


COMMANDS: Mapping[str, Command] = {"help": help_text}
