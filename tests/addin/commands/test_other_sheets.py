"""What is typed on the sheets beside those of lines is sent with the decisions: mapping, and the totals of invoices."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from addin.errors import NotReady
from addin.machine import Machine
from addin.workbook import Lines
from tests.addin.commands.world import Desk, issued_to, on_both, opened
from tests.connectors.api.sandboxes import add_line
from tests.server.api.site import LINE, Person, Site
from tests.server.write_back.loop import charge
from workbooks.layout_tables import INVOICE_TOTALS, UNMAPPED_ACCOUNTS


@pytest.fixture
def month(app: Any, site: Site, anna: Person, signed: Machine, tmp_path: Path) -> Iterator[Desk]:
    """A line and its vendor's count, and an account that nobody knows yet; issued to Anna and open."""
    add_line(site.loop.model, id=LINE, quantity=25, unitPrice=Decimal("22.00"))
    unknown = charge(3, "9.00", "sub-9", account_id="t-beta", account="Beta Ltd")
    run_id = site.loop.run([charge(28, "28.00"), unknown])
    with opened(app, signed, issued_to(site, anna, run_id, tmp_path / "november.xlsx")) as made:
        yield made


def table(desk: Desk, layout: Any) -> Lines:
    (found,) = [lines for lines in desk.workbook.others if lines.layout is layout]
    return found


def put(desk: Desk, layout: Any, **cells: Any) -> None:
    lines = table(desk, layout)
    desk.type(lines, lines.first, **cells)


@on_both
def test_an_account_and_a_total_are_sent_with_the_lines(month: Desk, site: Site) -> None:
    lines = month.lines[0]
    month.type(lines, lines.first, decision="Dismiss", reason="commitment")
    put(month, UNMAPPED_ACCOUNTS, decision="Internal")
    put(month, INVOICE_TOTALS, typed=37)
    said = month.press("validate") or ""
    assert said.startswith(
        "3 decisions: all of them can be used.\n1 Dismiss, 1 row on Cover, 1 row on Unmapped accounts: no change"
    )
    assert "The mapping gets 1 new entry." in said
    assert len(site.loop.store.mapping().accounts) == 1
    said = month.press("submit", "yes") or ""
    assert said.startswith("3 decisions received. None of them changes the PSA.\nThe run was compared again")
    assert table(month, UNMAPPED_ACCOUNTS).read("result")["result"][0] == "accepted and remembered"
    assert {a.account_id: str(a.kind) for a in site.loop.store.mapping().accounts}["t-beta"] == "internal"
    assert any("37" in str(line) for line in site.loop.store.activity(20) if "invoice" in line.action)
    revisions = len(site.loop.store.revisions(site.loop.runs[-1]))
    month.press("submit", "yes")
    assert len(site.loop.store.revisions(site.loop.runs[-1])) == revisions


@on_both
def test_half_a_mapping_decision_is_marked_and_nothing_is_sent(month: Desk, site: Site) -> None:
    put(month, UNMAPPED_ACCOUNTS, target="Acme")
    said = month.press("validate") or ""
    assert said.startswith("1 line cannot be used as decided:\nUnmapped accounts!")
    assert "Target is typed, but nothing is decided" in said
    assert str(table(month, UNMAPPED_ACCOUNTS).read("result")["result"][0]).startswith("✗ Target is typed")
    with pytest.raises(NotReady, match="Nothing was sent"):
        month.press("submit")
    put(month, UNMAPPED_ACCOUNTS, decision="Map")
    assert (month.press("validate") or "").startswith("1 decision: all of them can be used.")
    assert table(month, UNMAPPED_ACCOUNTS).read("result")["result"][0] is None


def test_the_suggestion_is_sent_for_map_without_a_target(month: Desk) -> None:
    put(month, UNMAPPED_ACCOUNTS, decision="Map")
    said = month.press("validate") or ""
    shown = table(month, UNMAPPED_ACCOUNTS).read("suggestion")["suggestion"][0]
    assert ("can be used" in said) == (shown is not None)
    assert ("Map wants a Target" in said) == (shown is None)


@pytest.mark.parametrize("typed", [{"typed": "about 37"}, {"typed": 10.0**12}])
def test_a_total_that_is_no_number_is_marked_here(month: Desk, typed: dict[str, Any]) -> None:
    put(month, INVOICE_TOTALS, **typed)
    assert "Cover!" in (month.press("validate") or "")


def test_a_column_that_is_gone_is_named_and_nothing_left_out(month: Desk) -> None:
    accounts = table(month, UNMAPPED_ACCOUNTS)
    put(month, UNMAPPED_ACCOUNTS, decision="Internal")
    accounts.sheet.range((accounts.first - 1, accounts.places["decision"])).value = "Verdict"
    with pytest.raises(NotReady, match="Unmapped accounts has no column Decision: give it its name again"):
        month.press("validate")


def test_an_empty_workbook_says_that_nothing_is_decided(month: Desk) -> None:
    with pytest.raises(NotReady, match="Nothing is decided in this workbook yet"):
        month.press("validate")


def test_spaces_are_nothing(month: Desk) -> None:
    put(month, UNMAPPED_ACCOUNTS, owner="  ")
    with pytest.raises(NotReady, match="Nothing is decided in this workbook yet"):
        month.press("validate")
