"""A button's command: what goes wrong is one sentence for the person, and the details are in the log."""

from collections.abc import Mapping

import pytest

import addin.commands
from addin.commands import Command
from addin.entry import CRITICAL, INFO, press, show, window_of
from addin.errors import NotReady
from addin.excel import Press, decoded, leave_other_excels_alone
from addin.ribbon import buttons
from tests.addin.conftest import Made

NAME = "November – Łódź 😀.xlsx"
HEXADECIMAL = NAME.encode("utf-16-be").hex().upper()
ARGUMENTS = ("-c", "--from_xl=1", "--app=C:\\Excel", '--hwnd="4711"')


class Dialog:
    """Keeps what was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, int | None]] = []

    def __call__(self, text: str, mode: str, window: int | None) -> int:
        self.told.append((text, mode, window))
        return 0


@pytest.fixture
def dialog() -> Dialog:
    return Dialog()


def offer(monkeypatch: pytest.MonkeyPatch, command: Command, button: str = "submit") -> None:
    commands: Mapping[str, Command] = {button: command}
    monkeypatch.setattr(addin.commands, "COMMANDS", commands)


def test_every_button_has_a_command_and_every_command_a_button() -> None:
    assert set(addin.commands.COMMANDS) == {button.id for button in buttons()}


def test_the_command_is_told_the_button_the_workbook_and_the_window(
    monkeypatch: pytest.MonkeyPatch, machine: Made, dialog: Dialog
) -> None:
    given: list[Press] = []

    def command(pressed: Press) -> str:
        given.append(pressed)
        return "3 lines were sent."

    offer(monkeypatch, command)
    assert press("submit", HEXADECIMAL, machine(), ARGUMENTS, dialog) == 0
    assert (given[0].button.label, given[0].workbook, given[0].window) == ("Submit", NAME, 4711)
    assert dialog.told == [("3 lines were sent.", INFO, 4711)]
    log = machine().log_file.read_text(encoding="utf-8")
    assert "submit begins" in log
    assert "submit is done" in log


def test_a_command_that_has_shown_everything_itself_is_not_followed_by_a_dialog(
    monkeypatch: pytest.MonkeyPatch, machine: Made, dialog: Dialog
) -> None:
    offer(monkeypatch, lambda _: None)
    assert press("submit", HEXADECIMAL, machine(), ARGUMENTS, dialog) == 0
    assert dialog.told == []


def test_what_the_person_has_to_do_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch, machine: Made, dialog: Dialog) -> None:
    def command(_: Press) -> str:
        raise NotReady("Sign in first.") from ValueError("the cause")

    offer(monkeypatch, command)
    press("submit", HEXADECIMAL, machine(), ARGUMENTS, dialog)
    assert dialog.told == [("Sign in first.", CRITICAL, 4711)]
    assert "ValueError: the cause" in machine().log_file.read_text(encoding="utf-8")


def test_the_log_holds_no_rows(monkeypatch: pytest.MonkeyPatch, machine: Made, dialog: Dialog) -> None:
    def command(_: Press) -> str:
        raise NotReady("1 line cannot be used as decided:\nPax8!L8: the typed quantity 27.5 differs from To bill 28")

    offer(monkeypatch, command)
    press("submit", HEXADECIMAL, machine(), ARGUMENTS, dialog)
    assert "27.5" in dialog.told[0][0]
    log = machine().log_file.read_text(encoding="utf-8")
    assert ("1 line cannot be used" in log, "27.5" in log) == (True, False)


@pytest.mark.parametrize("error", [KeyError("row"), RuntimeError("two\nlines"), KeyboardInterrupt(), SystemExit(3)])
def test_whatever_happens_is_one_sentence_and_the_details_are_in_the_log(
    monkeypatch: pytest.MonkeyPatch, machine: Made, dialog: Dialog, error: BaseException
) -> None:
    def command(_: Press) -> str:
        raise error

    offer(monkeypatch, command)
    press("submit", HEXADECIMAL, machine(), ARGUMENTS, dialog)
    [(text, mode, _)] = dialog.told
    assert (mode, "\n" in text, type(error).__name__ in text) == (CRITICAL, False, True)
    assert str(machine().log_file) in text
    assert "Traceback" in machine().log_file.read_text(encoding="utf-8")


@pytest.mark.parametrize("button", ["restart", "__class__", ""])
def test_a_button_of_another_version_is_told_what_to_do(machine: Made, dialog: Dialog, button: str) -> None:
    press(button, HEXADECIMAL, machine(), ARGUMENTS, dialog)
    assert "run 'tieout addin install'" in dialog.told[0][0]


def test_without_a_workbook_the_person_is_asked_to_open_one(monkeypatch: pytest.MonkeyPatch, machine: Made, dialog: Dialog) -> None:
    offer(monkeypatch, lambda _: "done")
    press("submit", "", machine(), ARGUMENTS, dialog)
    assert dialog.told[0][0] == "Open a reconciliation workbook first, then press Submit again."
    offer(monkeypatch, lambda _: "done", "help")
    press("help", "", machine(), ARGUMENTS, dialog)
    assert dialog.told[1][0] == "done"


def test_a_name_that_is_none_is_a_fault_and_told(monkeypatch: pytest.MonkeyPatch, machine: Made, dialog: Dialog) -> None:
    offer(monkeypatch, lambda _: "done")
    press("submit", "XY", machine(), ARGUMENTS, dialog)
    assert "fault of Tieout's" in dialog.told[0][0]


def test_a_log_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch, machine: Made, dialog: Dialog) -> None:
    machine().home.mkdir()
    (machine().home / "AppData").write_text("a file where a folder should be")
    offer(monkeypatch, lambda _: "done")
    press("submit", HEXADECIMAL, machine(), ARGUMENTS, dialog)
    assert dialog.told == [("done", INFO, 4711)]


def test_a_large_log_is_put_aside(monkeypatch: pytest.MonkeyPatch, machine: Made, dialog: Dialog) -> None:
    offer(monkeypatch, lambda _: None)
    machine().log_folder.mkdir(parents=True)
    machine().log_file.write_text("x" * 500_001)
    press("submit", HEXADECIMAL, machine(), ARGUMENTS, dialog)
    assert machine().log_file.stat().st_size < 500
    assert machine().log_file.with_name("addin.log.1").stat().st_size == 500_001


def test_where_there_is_no_excel_it_is_printed_for_the_vba_to_show(capsys: pytest.CaptureFixture[str]) -> None:
    assert show("Sign in first.", CRITICAL, None) == 1
    assert capsys.readouterr().err == "Sign in first.\n"


def test_a_window_is_only_a_number() -> None:
    assert window_of(ARGUMENTS) == 4711
    assert window_of(("--hwnd=",)) is None
    assert window_of(("--hwnd=4711 & calc",)) is None


def test_every_utf16_unit_comes_back() -> None:
    assert decoded(HEXADECIMAL) == NAME


def test_xlwings_is_kept_from_killing_other_excels(monkeypatch: pytest.MonkeyPatch) -> None:
    import atexit
    import sys
    import types

    windows = types.SimpleNamespace(cleanup=lambda: None)
    monkeypatch.setitem(sys.modules, "xlwings._xlwindows", windows)  # type: ignore[arg-type]
    dropped: list[object] = []
    monkeypatch.setattr(atexit, "unregister", dropped.append)
    leave_other_excels_alone()
    assert dropped == [windows.cleanup]
