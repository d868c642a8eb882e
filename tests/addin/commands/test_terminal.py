"""The same commands from a terminal, attached to the workbook that is open, and from the ribbon with Excel's own dialogs."""

from decimal import Decimal

import pytest
from click.testing import CliRunner

import addin.machine
from addin.cli import addin as program
from addin.entry import press, show
from addin.terminal import TerminalDialogs
from tests.addin.commands.world import Desk
from tests.server.api.site import LINE, Site


@pytest.fixture
def terminal(live: Desk, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setattr(addin.machine, "this_machine", lambda: live.machine)
    return CliRunner()


def test_a_workbook_is_submitted_from_a_terminal_with_the_same_question(terminal: CliRunner, live: Desk, site: Site) -> None:
    lines = live.lines[0]
    live.type(lines, lines.first, decision="Approve")
    done = terminal.invoke(program, ["submit"], input="n\n")
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "Nothing was sent.")
    done = terminal.invoke(program, ["submit"], input="y\n")
    assert done.exit_code == 0, done.output
    assert "1 change to the PSA" in done.output
    assert "1 change submitted." in done.output
    assert site.loop.model.additions[LINE]["quantity"] == Decimal(28)
    assert terminal.invoke(program, ["status"]).output == "1 written.\n"


def test_what_is_wrong_is_an_exit_status(terminal: CliRunner) -> None:
    done = terminal.invoke(program, ["validate"])
    assert done.exit_code == 1
    assert "Nothing is decided in this workbook yet" in done.output


def test_a_token_is_typed_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []
    monkeypatch.setattr("click.prompt", lambda prompt, **options: asked.append(options) or " typed ")
    assert TerminalDialogs().text("Your token for https://tieout.example.com:") == "typed"
    assert TerminalDialogs().text("Why?") == "typed"
    assert [options["hide_input"] for options in asked] == [True, False]


def test_the_ribbon_s_button_asks_and_tells_in_excel(live: Desk, site: Site) -> None:
    lines = live.lines[0]
    live.type(lines, lines.first, decision="Approve")
    live.app.impl.answers[:] = ["yes"]
    live.app.impl.shown.clear()
    name = live.book.name.encode("utf-16-be").hex()
    assert press("submit", name, live.machine, ("--hwnd=4711",), show) == 0
    assert live.app.impl.shown[0].startswith("1 change submitted.")
    assert site.loop.model.additions[LINE]["quantity"] == Decimal(28)
