"""A cost decided in a workbook: it reaches the PSA's catalogue and the lines that carry the old one exactly once, with receipts."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.faults import Fault
from core.decisions import Status
from core.reconcile import reconcile
from core.records import Action
from server.copies import read_copies
from server.errors import Refused
from server.receipts import receipts
from server.reconciling import issue
from server.returning import take_copies
from server.standing import standing, tally_of_run
from server.submitting import approve, foresee, submit_decided, undo
from server.taken import Taken
from server.write_back.submitting import Verdict
from tests.connectors.api.sandboxes import add_line
from tests.server.write_back.loop import Loop, charge
from tests.workbooks.editing import type_row
from workbooks.layout_costs import COSTS
from workbooks.reader import read_workbook

D = Decimal
UPDATE = {"decision": "Update cost"}
BP = "cost:BP"


def run(loop: Loop, **charged: Any) -> str:
    """A line that carries the catalogue's 17.60, one with a cost of its own, and a vendor that charges 18.20."""
    if not loop.model.additions:
        add_line(loop.model, id=3589, quantity=25, unitPrice=D("22.00"), unitCost=D("17.60"))
        add_line(loop.model, id=3590, quantity=5, unitPrice=D("22.00"), unitCost=D("16.00"))
    return loop.run([charge(30, **{"unit_cost": D("18.20"), **charged})])


def issued(loop: Loop, folder: Path, recipient: str = "anna") -> Path:
    path = folder / f"{recipient}.xlsx"
    issue(loop.store, loop.runs[-1], path, loop.house.key, "tests", lambda _: None, recipient=recipient)
    return path


def returned(loop: Loop, folder: Path, cells: dict[str, Any], by: str = "anna", name: str = "", **options: Any) -> Taken:
    """A copy with these cells typed into the row of the cost comes back."""
    path = folder / f"{by}{name}-back.xlsx"
    type_row(issued(loop, folder, by), path, "Costs", BP, cells, COSTS)
    return take_copies(loop.store, read_copies([path]), loop.house.key, by, lambda _: None, **options)


def costs(loop: Loop) -> tuple[Decimal, Decimal, Decimal]:
    """Of the catalogue, of the line that carries it, and of the one that does not."""
    lines = loop.model.additions
    return loop.model.products[412]["cost"], lines[3589]["unitCost"], lines[3590]["unitCost"]


def write(loop: Loop, taken: Taken, **options: Any) -> list[str]:
    submitted = submit_decided(loop.house, taken.run_id, "anna", taken.copies, **options)
    if submitted.submission is None:
        return []
    loop.send(submitted.submission)
    return loop.outcomes(submitted.submission)


def writes(loop: Loop) -> list[str]:
    return [method for method, path in loop.psa.faults.seen if method == "PATCH" and "probe" not in path]


def test_a_cost_goes_to_the_catalogue_and_its_lines_once_each_with_a_receipt(loop: Loop, tmp_path: Path) -> None:
    run(loop)
    taken = returned(loop, tmp_path, UPDATE)
    assert [(c.line_id, c.what) for c in taken.changes] == [
        (None, "unit cost of BP licence 17.60 to 18.20 in the catalogue"),
        ("3589", "unit cost of BP licence 17.60 to 18.20 in line 3589"),
    ]
    seen = foresee(loop.house, taken.run_id, taken.copies)
    assert [f.verdict for f in seen.foreseen] == [Verdict.WRITE] * 2
    assert (seen.money, seen.problems, costs(loop)) == ((), (), (D("17.6"), D("17.6"), D("16")))
    before = len(writes(loop))
    assert write(loop, taken, digest=seen.digest) == ["done", "done"]
    assert (costs(loop), len(writes(loop)) - before) == ((D("18.2"), D("18.2"), D("16")), 2)
    (submission,) = loop.store.writes.submissions()
    shown = [
        (
            r.change.line_id,
            (r.writes[0].seen or {}).get("cost") or (r.writes[0].seen or {}).get("unitCost"),
            r.change.by,
            r.change.place.split(", ")[1][:6],
        )
        for r in receipts(loop.store, submission.id)
    ]
    assert shown == [(None, "18.2", "anna", "Costs!"), ("3589", "18.2", "anna", "Costs!")]


def test_the_same_copy_again_writes_nothing(here: Loop, tmp_path: Path) -> None:
    run(here)
    assert write(here, returned(here, tmp_path, UPDATE)) == ["done", "done"]
    again = returned(here, tmp_path, UPDATE)
    before = len(writes(here))
    submitted = submit_decided(here.house, again.run_id, "anna", again.copies)
    assert (submitted.submission, len(submitted.notices), len(writes(here)) - before) == (None, 2, 0)
    assert len(here.store.decisions(again.run_id)) == 1


def test_lines_with_their_own_cost_get_it_only_where_that_is_said_and_may_be_added_later(here: Loop, tmp_path: Path) -> None:
    run(here)
    assert write(here, returned(here, tmp_path, UPDATE)) == ["done", "done"]
    assert costs(here)[2] == D("16")
    taken = returned(here, tmp_path, UPDATE | {"own_too": "yes "}, name="-2")
    assert write(here, taken) == ["done"]
    assert costs(here) == (D("18.2"), D("18.2"), D("18.2"))


def test_a_cost_that_was_written_is_taken_back(here: Loop, tmp_path: Path) -> None:
    run(here)
    taken = returned(here, tmp_path, UPDATE)
    assert write(here, taken) == ["done", "done"]
    (submission,) = here.store.writes.submissions()
    back = undo(here.house, submission.id, "anna").submission
    here.send(back)
    assert costs(here) == (D("17.6"), D("17.6"), D("16"))
    assert write(here, taken) == []
    assert write(here, taken, again=True) == ["done", "done"]
    assert costs(here)[:2] == (D("18.2"), D("18.2"))


def test_a_cost_and_a_line_are_decided_in_one_copy_and_sent_together(loop: Loop, tmp_path: Path) -> None:
    add_line(loop.model, id=3589, quantity=25, unitPrice=D("22.00"), unitCost=D("17.60"))
    loop.run([charge(28, unit_cost=D("18.20"))])
    first = tmp_path / "first.xlsx"
    type_row(issued(loop, tmp_path), first, "Costs", BP, UPDATE, COSTS)
    both = tmp_path / "both.xlsx"
    type_row(first, both, "Microsoft", "line:3589", {"decision": "Approve"})
    taken = take_copies(loop.store, read_copies([both]), loop.house.key, "anna", lambda _: None)
    assert write(loop, taken) == ["done", "done", "done"]
    line = loop.model.additions[3589]
    assert (line["quantity"], line["unitCost"], loop.model.products[412]["cost"]) == (28, D("18.2"), D("18.2"))


def test_where_the_catalogue_moved_since_the_run_nothing_of_it_is_sent(here: Loop, tmp_path: Path) -> None:
    run(here)
    taken = returned(here, tmp_path, UPDATE)
    here.model.products[412]["cost"] = D("17.90")
    with pytest.raises(Refused, match=r"decided on a catalogue cost of 17\.6, now it is 17\.9: sync"):
        write(here, taken)
    assert write(here, taken, despite_problems=True) == []
    assert costs(here) == (D("17.9"), D("17.6"), D("16"))


def test_a_catalogue_that_moves_after_the_dry_run_is_a_conflict_and_its_lines_wait(here: Loop, tmp_path: Path) -> None:
    run(here)
    taken = returned(here, tmp_path, UPDATE)
    submitted = submit_decided(here.house, taken.run_id, "anna", taken.copies)
    here.model.products[412]["cost"] = D("17.90")
    here.send(submitted.submission)
    assert here.outcomes(submitted.submission) == ["conflict", "conflict"]  # type: ignore[arg-type]
    later = returned(here, tmp_path, UPDATE | {"own_too": "Yes"}, name="-2")
    assert write(here, later) == []  # no line gets what the catalogue has not got
    assert costs(here) == (D("17.9"), D("17.6"), D("16"))


def test_a_decision_on_a_cost_that_the_newest_run_shows_otherwise_is_suspended(here: Loop, tmp_path: Path) -> None:
    run(here)
    path = issued(here, tmp_path)
    book = tmp_path / "old.xlsx"
    type_row(path, book, "Costs", BP, UPDATE | {"own_too": "Yes"}, COSTS)
    result = here.store.reconciliation(here.runs[-1])
    packs = replace(
        result.inputs.mapping,
        services=tuple(replace(s, multiplier=D(2)) for s in result.inputs.mapping.services),
    )
    here.store.save_revision(here.runs[-1], reconcile(replace(result.inputs, mapping=packs)), "two in a pack", "anna")
    taken = take_copies(here.store, read_copies([book]), here.house.key, "anna", lambda _: None)
    assert [j.status for j in taken.judged] == [Status.SUSPENDED]
    assert "now catalogue 17.60 USD, Microsoft 9.10 USD (30 units)" in taken.problems[0].message
    assert taken.changes == []


def test_mixed_costs_want_a_typed_one(here: Loop, tmp_path: Path) -> None:
    add_line(here.model, id=3589, quantity=25, unitPrice=D("22.00"), unitCost=D("17.60"))
    here.run([charge(20), charge(5, subscription="sub-2", unit_cost=D("21.12"))])
    taken = returned(here, tmp_path, UPDATE)
    assert [j.status for j in taken.judged] == [Status.REFUSED]
    assert "17.60 USD (20 units); Microsoft 21.12 USD (5 units)" in taken.problems[0].message
    assert taken.problems[0].place.startswith("anna-back.xlsx, Costs!")
    assert here.store.copy_problems(taken.copies[0]) == taken.problems
    mended = returned(here, tmp_path, UPDATE | {"new_cost": 19}, name="-2")
    assert write(here, mended) == ["done", "done"]
    assert (here.model.products[412]["cost"], here.model.additions[3589]["unitCost"]) == (D(19), D(19))


def test_two_people_who_decide_a_cost_differently_are_a_conflict_until_one_is_chosen(here: Loop, tmp_path: Path) -> None:
    run(here)
    returned(here, tmp_path, UPDATE)
    ben = returned(here, tmp_path, {"decision": "Dismiss", "reason": "commitment"}, by="ben")
    assert [j.status for j in ben.judged] == [Status.CONFLICT]
    with pytest.raises(Refused, match="decides otherwise here than anna"):
        submit_decided(here.house, here.runs[-1], "anna")
    settled = returned(here, tmp_path, {"decision": "Dismiss", "reason": "commitment"}, by="ben", replacing=True)
    assert [j.status for j in settled.judged] == [Status.ACCEPTED]


def test_a_decision_that_stands_is_typed_into_the_next_workbook_and_is_no_row_to_decide(here: Loop, tmp_path: Path) -> None:
    run(here)
    rows = tally_of_run(here.store, here.runs[-1])
    returned(here, tmp_path, UPDATE | {"new_cost": 18.3, "reason": "list price", "own_too": "Yes"})
    decided = standing(here.store, here.runs[-1])
    assert [(d.key, d.action, d.new_price, d.own_too) for d in decided.values()] == [(BP, Action.UPDATE_COST, D("18.3"), True)]
    assert tally_of_run(here.store, here.runs[-1]) == rows
    path = tmp_path / "next.xlsx"
    issue(here.store, here.runs[-1], path, here.house.key, "tests", lambda _: None, recipient="anna", decided=decided)
    (again,) = read_workbook(path).decisions
    assert (again.action, again.new_price, again.own_too, again.reason) == (Action.UPDATE_COST, D("18.3"), True, "list price")


@pytest.mark.parametrize("kind", ["drop before", "drop after", "500 after"])
def test_a_lost_answer_writes_no_cost_twice(here: Loop, tmp_path: Path, kind: str) -> None:
    run(here)
    taken = returned(here, tmp_path, UPDATE)
    here.psa.faults.add(Fault(kind, "PATCH", "*/procurement/catalog/*"))
    assert write(here, taken) == ["done", "done"]
    assert costs(here) == (D("18.2"), D("18.2"), D("16"))


def test_a_cost_waits_for_no_second_person(here: Loop, tmp_path: Path) -> None:
    run(here)
    taken = returned(here, tmp_path, UPDATE)
    submitted = submit_decided(here.house, taken.run_id, "anna", taken.copies)
    with pytest.raises(Refused, match="no large change"):
        approve(here.store, submitted.submission.id, "ben")  # type: ignore[union-attr]
