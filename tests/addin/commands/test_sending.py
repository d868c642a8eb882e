"""Validate, dry run, submit, status and undo against the real service on loopback, from a workbook that is open."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from addin import service as asking
from addin.errors import NotReady, Unreachable
from addin.machine import Machine
from addin.results import PROBLEMS
from server import checked
from server.store.tokens import Scope
from tests.addin.commands.world import Desk, issued_to, on_both, opened, signed_in
from tests.server.api.site import LINE, Person, Site


def decide(desk: Desk, **cells: object) -> None:
    lines = desk.lines[0]
    desk.type(lines, lines.first, **cells)


def result(desk: Desk) -> object:
    return desk.cells("result")[0][0]


def billed(site: Site) -> Decimal:
    return Decimal(str(site.loop.model.additions[LINE]["quantity"]))


@on_both
def test_a_valid_workbook_is_told_and_nothing_is_kept(live: Desk, site: Site) -> None:
    decide(live, decision=" approve ", quantity="27.5", reason="agreed")
    said = live.press("validate")
    assert said == (
        "1 decision: all of them can be used.\n1 Approve: 1 change to the PSA.\n"
        "Per month +55.00 USD; next invoices 550.00 before, 605.00 after."
    )
    assert site.loop.store.decisions(site.loop.runs[-1]) == []
    assert PROBLEMS not in [sheet.name for sheet in live.book.sheets]


@pytest.mark.parametrize(
    ("cells", "cell", "words"),
    [
        ({"decision": "Aprove"}, "L8", "'Aprove' is not a choice; choose Approve or Dismiss or Ask"),
        ({"decision": "Approve", "quantity": "many"}, "M8", "Quantity: 'many' is not a number"),
        ({"decision": "Approve", "from": "01/02/2027"}, "N8", "From: '01/02/2027' can be"),
        ({"quantity": 5.0}, "M8", "Quantity is typed, but nothing is decided"),
        ({"decision": "Approve", "quantity": -5.0}, "M8", "below zero"),
        ({"decision": "Dismiss"}, "L8", "Dismiss wants a reason from the list"),
        ({"decision": "Add line", "add_to": "x"}, "L8", "Add line is not a choice for Reconcile"),
    ],
)
def test_what_cannot_be_used_is_marked_listed_and_not_sent(
    live: Desk, site: Site, cells: dict[str, object], cell: str, words: str
) -> None:
    decide(live, **cells)
    said = live.press("validate") or ""
    lines = live.lines[0]
    assert said.startswith(f"1 line cannot be used as decided:\n{lines.name}!{cell}: ")
    assert words in said
    assert words in str(result(live))
    listed = live.book.sheets[PROBLEMS].range((1, 1), (2, 2)).value
    assert words in listed[1][1]
    with pytest.raises(NotReady, match=r"Nothing was sent\. 1 line cannot be used"):
        live.press("submit")
    assert site.loop.store.decisions(site.loop.runs[-1]) == []
    decide(live, decision="Dismiss", reason="commitment", quantity=None, **{"from": None, "add_to": None})
    live.press("validate")
    assert result(live) is None
    assert live.book.sheets[PROBLEMS].range((2, 1), (2, 2)).value == [None, None]


@on_both
def test_a_problem_is_linked_to_its_cell_and_gone_when_it_is_mended(live: Desk) -> None:
    decide(live, decision="Dismiss", note="=not a formula")
    live.press("validate")
    lines, listed = live.lines[0], live.book.sheets[PROBLEMS]
    said = "Dismiss wants a reason from the list"
    assert result(live) == f"✗ {said}"
    assert listed.range((2, 2)).value == said
    assert listed.range((2, 1)).formula == f'=HYPERLINK("#\'{lines.name}\'!L8","{lines.name}!L8")'
    decide(live, reason="commitment")
    assert (live.press("validate") or "").startswith("1 decision: all of them can be used.")
    assert result(live) is None


def test_a_dry_run_says_where_and_from_when(live: Desk, site: Site) -> None:
    decide(live, decision="Approve")
    said = live.press("dry_run") or ""
    assert said.startswith("Nothing was written. Submit would do this:\n1 Approve: 1 change to the PSA.")
    assert "From 2026-12-01, Acme: " in said
    assert site.loop.requests() == []
    assert site.loop.store.decisions(site.loop.runs[-1]) == []


@on_both
def test_submitting_asks_writes_and_fills_the_result(live: Desk, site: Site) -> None:
    decide(live, decision="Approve")
    assert live.press("submit", "no") == "Nothing was sent."
    assert "1 change to the PSA" in live.asked[0]
    assert site.loop.store.decisions(site.loop.runs[-1]) == []
    said = live.press("submit", "yes") or ""
    assert said.startswith("1 change submitted.")
    assert (billed(site), result(live)) == (28, "written")
    (kept,) = site.loop.store.decisions(site.loop.runs[-1])
    assert (kept.by, kept.action) == ("Anna", "Approve")


def test_sending_twice_is_once(live: Desk, site: Site) -> None:
    decide(live, decision="Approve")
    live.press("submit", "yes")
    said = live.press("submit", "yes") or ""
    assert said.startswith("All of it was submitted before.")
    assert len(site.loop.store.writes.submissions()) == 1
    assert len(site.loop.store.decisions_of_run(site.loop.runs[-1])) == 1
    (workbook,) = site.loop.store.workbooks(site.loop.runs[-1])
    assert len(site.loop.store.copies(workbook.id)) == 1


def test_whoever_changes_their_mind_and_changes_it_back_acts_again(live: Desk, site: Site) -> None:
    site.jobs.sends = False
    for cells in (
        {"decision": "Approve"},
        {"decision": "Dismiss", "reason": "commitment"},
        {"decision": "Approve", "reason": None},
    ):
        decide(live, **cells)
        live.press("submit", "yes")
        (kept,) = site.loop.store.decisions(site.loop.runs[-1])
        assert kept.action == cells["decision"]


def test_an_answer_that_got_lost_is_asked_for_again_and_counts_once(
    live: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = []
    real = httpx.Client.request

    def losing(client: httpx.Client, method: str, url: str, **options: object) -> httpx.Response:
        answer = real(client, method, url, **options)  # type: ignore[arg-type]
        if method == "POST" and url not in lost and not url.endswith("/check"):
            lost.append(url)
            raise httpx.ReadTimeout("no answer")
        return answer

    monkeypatch.setattr(httpx.Client, "request", losing)
    monkeypatch.setattr(asking, "WAIT", 0.0)
    decide(live, decision="Approve")
    live.press("submit", "yes")
    assert [url.rpartition("/")[2] for url in lost] == ["checked", "decisions", "dry-run", "submissions"]
    assert len(site.loop.store.writes.submissions()) == 1
    assert len(site.loop.store.decisions_of_run(site.loop.runs[-1])) == 1
    assert len(site.loop.requests()) == 1


@pytest.mark.parametrize(("held_for", "sent"), [(300, ["check", "checked"]), (0, ["check", "checked", "decisions"])])
def test_decisions_are_sent_once_as_long_as_the_service_holds_them(
    live: Desk, site: Site, monkeypatch: pytest.MonkeyPatch, held_for: int, sent: list[str]
) -> None:
    seen = []
    real = httpx.Client.request

    def watched(client: httpx.Client, method: str, url: str, **options: object) -> httpx.Response:
        seen.append(url)
        return real(client, method, url, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(httpx.Client, "request", watched)
    monkeypatch.setattr(checked, "HELD_FOR", dt.timedelta(seconds=held_for))
    decide(live, decision="Approve")
    live.press("submit", "yes")
    assert [url.rpartition("/")[2] for url in seen if "/decisions" in url] == sent
    assert len(site.loop.store.decisions_of_run(site.loop.runs[-1])) == 1
    assert len(site.loop.requests()) == 1


def test_decisions_that_change_nothing_in_the_psa_are_received(live: Desk, site: Site) -> None:
    decide(live, decision="Ask", note="Ben: 28?")
    said = live.press("submit", "yes")
    assert said == "1 decision received. None of them changes the PSA."
    assert result(live) == "asked"
    assert site.loop.store.writes.submissions() == []


def test_what_the_psa_shows_otherwise_by_now_is_asked_about(live: Desk, site: Site) -> None:
    decide(live, decision="Approve")
    site.loop.model.additions[LINE]["quantity"] = Decimal(26)
    said = live.press("submit", "yes", "no") or ""
    assert said.startswith("The decisions were received. Nothing is written to the PSA.")
    assert "The PSA shows something else for 1 line, which will be left alone:" in live.asked[1]
    assert billed(site) == 26


def test_a_large_change_waits_for_a_second_person(app: object, site: Site, anna: Person, signed: Machine, tmp_path: Path) -> None:
    path = issued_to(site, anna, site.run(60), tmp_path / "large.xlsx")
    with opened(app, signed, path) as desk:
        decide(desk, decision="Approve")
        said = desk.press("submit", "yes") or ""
        assert "wait until a second person approves" in said
        assert result(desk) == "waiting to be written"


def test_status_fills_a_workbook_that_was_sent_from_elsewhere(live: Desk, site: Site, anna: Person) -> None:
    assert live.press("status") == "Nothing of this run was submitted yet."
    run_id = site.loop.runs[-1]
    (workbook,) = site.loop.store.workbooks(run_id)
    anna.post("/decisions", {"workbook_id": workbook.id, "decisions": [site.decision(run_id)]})
    site.submitted(anna, run_id)
    assert live.press("status") == "1 written."
    assert result(live) == "written"


@on_both
def test_what_was_written_is_taken_back_and_not_written_again_unawares(live: Desk, site: Site) -> None:
    decide(live, decision="Approve")
    lines = live.lines[0]
    live.select(lines, f"A{lines.first}")
    with pytest.raises(NotReady, match="Nothing was written for the selected lines"):
        live.press("undo")
    live.press("submit", "yes")
    assert live.press("undo", "no") == "Nothing was taken back."
    said = live.press("undo", "yes") or ""
    assert said.startswith("1 change being taken back.")
    assert (billed(site), result(live)) == (25, "taken back")
    with pytest.raises(NotReady, match="that can be taken back"):
        live.press("undo")
    said = live.press("submit", "yes") or ""
    assert said.startswith("All of it was submitted before.")
    assert billed(site) == 25


def test_what_was_invoiced_since_is_named_for_a_credit(live: Desk, site: Site) -> None:
    decide(live, decision="Approve")
    live.press("submit", "yes")
    site.loop.next_invoice()
    live.select(live.lines[0], f"A{live.lines[0].first}")
    said = live.press("undo", "yes") or ""
    assert said.startswith("0 changes being taken back.\nAcme: invoiced since; write a credit of 66.00")
    assert billed(site) == 28


def test_nothing_decided_is_said(live: Desk) -> None:
    with pytest.raises(NotReady, match="Nothing is decided"):
        live.press("submit")


def test_a_result_that_cannot_be_written_keeps_nothing_from_being_sent(live: Desk, site: Site) -> None:
    decide(live, decision="Approve")
    live.file.protect(live.lines[0].name)
    said = live.press("submit", "yes") or ""
    assert "The column Result was not filled" in said
    assert billed(site) == 28


def test_without_the_right_and_without_the_service_it_is_said(live: Desk, site: Site, signed: Machine) -> None:
    decide(live, decision="Approve")
    address, _ = asking.address_and_token(signed)
    signed_in(signed, address, site.person("Ben", Scope.READ))
    with pytest.raises(NotReady, match="Your token does not allow this"):
        live.press("validate")
    (signed.settings_folder / "token.json").unlink()
    with pytest.raises(NotReady, match="press Sign in"):
        live.press("validate")
    signed_in(signed, "http://127.0.0.1:9", site.person("Ben", Scope.READ))
    with pytest.raises(Unreachable, match="gave no answer"):
        live.press("validate")


def test_a_line_that_the_run_does_not_have_is_not_used(live: Desk) -> None:
    decide(live, decision="Approve", key="line:9999")
    said = live.press("validate") or ""
    assert "this line is not in the newest revision of the run any more" in said
