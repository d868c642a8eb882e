"""What a command asks the person: in Excel's own dialogs, or on a terminal where there is no ribbon."""

import subprocess
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from addin.errors import NotReady

if TYPE_CHECKING:
    from xlwings import App

TITLE = "Tieout"
INPUT_IS_TEXT = 2
"""Excel's Application.InputBox: the type of what is asked for."""

LONGEST_PROMPT = 250
"""Excel's input box takes 255 characters: what is longer is shown before it."""

_MAC_SCRIPT = """on run arguments
activate
set answered to display dialog (item 1 of arguments) with title "Tieout" default answer (item 2 of arguments)
return text returned of answered
end run"""
_MAC_CANCELLED = "-128"


class Dialogs(Protocol):
    """Asks one thing at a time."""

    def confirm(self, text: str) -> bool:
        """Whether the person says yes."""

    def text(self, prompt: str, default: str = "") -> str | None:
        """What the person types; None where they cancel."""


class ExcelDialogs:
    """Dialogs in front of the Excel that the button was pressed in."""

    def __init__(self, app: "App") -> None:
        self._app = app

    def confirm(self, text: str) -> bool:
        return self._app.alert(text, title=TITLE, buttons="yes_no") == "yes"

    def text(self, prompt: str, default: str = "") -> str | None:
        if sys.platform == "darwin":
            return _typed_on_a_mac(prompt, default)
        if len(prompt) > LONGEST_PROMPT:
            self._app.alert(prompt, title=TITLE)
            prompt = prompt.partition("\n")[0][:LONGEST_PROMPT]
        typed = self._app.api.InputBox(Prompt=prompt, Title=TITLE, Default=default, Type=INPUT_IS_TEXT)
        return None if typed is False else str(typed).strip()


def _typed_on_a_mac(prompt: str, default: str) -> str | None:
    """Excel for Mac hands its input box to no program, so the system asks. The texts are arguments, never part of the script."""
    command = ["/usr/bin/osascript", "-e", _MAC_SCRIPT, prompt, default]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed program and script
    if done.returncode == 0:
        return done.stdout.strip()
    if _MAC_CANCELLED in done.stderr:
        return None
    raise NotReady(f"The question could not be shown ({done.stderr.strip()}): type the answer into the yellow cells instead.")


def chosen(dialogs: Dialogs, prompt: str, words: Sequence[str]) -> str | None:
    """One of these words, by its number or as it is written; None where the person cancels or leaves it empty. Asks again
    where the answer is neither."""
    listed = "\n".join(f"{number}  {word}" for number, word in enumerate(words, 1))
    question = f"{prompt}\n{listed}"
    while True:
        typed = dialogs.text(question)
        if not typed:
            return None
        if typed.isdecimal() and 1 <= int(typed) <= len(words):
            return words[int(typed) - 1]
        found = next((word for word in words if word.casefold() == typed.casefold()), None)
        if found:
            return found
        question = f"{typed!r} is not in the list. {prompt}\n{listed}"
