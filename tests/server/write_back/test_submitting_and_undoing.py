"""What is submitted once stays submitted once; what was written can be taken back, as long as nobody invoiced or changed it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from connectors.sandbox.faults import Fault
from core.records import Action
from server.errors import Refused
from server.store.errors import KeyReused
from server.store.write_records import Submission, WriteState
from server.submitting import Submitted, approve, foresee, submit_cost, undo
from server.write_back.submitting import Verdict
from tests.connectors.api.sandboxes import add_agreement, add_line, add_product
from tests.server.write_back.loop import Loop, charge

D = Decimal


def decided(loop: Loop, vendor: int = 28, **typed: Any) -> None:
    """One line of 25, and a decision on it."""
    if 3589 not in loop.model.additions:
        add_line(loop.model, id=3589, quantity=25, unitPrice=D("22.00"), unitCost=D("17.60"))
    loop.run([charge(vendor)])
    loop.decide(Action.APPROVE, **typed)


def sent(loop: Loop, submitted: Submitted) -> Submission:
    assert submitted.submission is not None
    if submitted.submission.large:
        approve(loop.store, submitted.submission.id, "ben")
    loop.send(submitted.submission)
    return submitted.submission


def quantity(loop: Loop) -> Decimal:
    found: Decimal = loop.model.additions[3589]["quantity"]
    return found


def test_the_same_key_is_the_same_submission_and_with_other_content_an_error(loop: Loop) -> None:
    decided(loop)
    first = loop.submit(key="k-1").submission
    assert first is not None
    assert loop.submit(key="k-1").submission == first
    loop.decide(Action.APPROVE, by="ben", quantity=D(29), reason="commitment")
    with pytest.raises(KeyReused, match="under another key"):
        loop.submit(key="k-1")


def test_what_the_dry_run_did_not_show_is_refused(loop: Loop) -> None:
    decided(loop)
    seen = foresee(loop.house, loop.runs[-1])
    loop.decide(Action.APPROVE, by="anna", quantity=D(29), reason="commitment")
    with pytest.raises(Refused, match="something else would be written than the dry run showed"):
        loop.submit(digest=seen.digest)
    assert loop.store.writes.submissions() == []


def test_a_dry_run_tells_what_would_be_a_conflict_and_writes_nothing(loop: Loop) -> None:
    decided(loop)
    assert [f.verdict for f in foresee(loop.house, loop.runs[-1]).foreseen] == [Verdict.WRITE]
    loop.model.patch_addition(loop.model.additions[3589], [{"op": "replace", "path": "quantity", "value": 26}])
    (found,) = foresee(loop.house, loop.runs[-1]).foreseen
    assert (found.verdict, found.said) == (Verdict.CONFLICT, "decided on quantity 25, the PSA shows quantity 26")
    loop.model.patch_addition(loop.model.additions[3589], [{"op": "replace", "path": "quantity", "value": 28}])
    assert [f.verdict for f in foresee(loop.house, loop.runs[-1]).foreseen] == [Verdict.ALREADY]
    assert loop.requests() == []


def test_a_conflict_is_sent_once_more_only_when_a_person_says_so(loop: Loop) -> None:
    decided(loop)
    row = loop.model.additions[3589]
    loop.model.patch_addition(row, [{"op": "replace", "path": "quantity", "value": 26}])
    assert loop.write() == ["conflict"]
    assert loop.submit().submission is None
    loop.model.patch_addition(row, [{"op": "replace", "path": "quantity", "value": 25}])
    assert loop.write(again=True) == ["conflict"]  # the record was changed, though it is as before
    assert quantity(loop) == 25


def test_an_undo_writes_the_old_value_and_the_decision_may_be_sent_anew(loop: Loop) -> None:
    decided(loop)
    first = sent(loop, loop.submit())
    assert quantity(loop) == 28
    taken_back = sent(loop, undo(loop.house, first.id, "anna"))
    assert (quantity(loop), loop.outcomes(taken_back)) == (25, ["done"])
    assert taken_back.undoes == first.id
    with pytest.raises(Refused, match="taken back already"):
        undo(loop.house, first.id, "anna", [loop.changes(first)[0].id])
    assert loop.submit().submission is None  # taken back on purpose, it does not come again by itself
    assert loop.write(again=True) == ["done"]
    assert quantity(loop) == 28


def test_a_decision_that_was_replaced_while_it_waited_is_not_written(loop: Loop) -> None:
    add_line(loop.model, id=3589, quantity=25, unitPrice=D("22.00"))
    loop.run([charge(28)])
    loop.decide(Action.END_LINE, reason="not billable")
    waiting = loop.submit().submission
    assert waiting is not None
    assert waiting.large
    loop.decide(Action.APPROVE)
    assert loop.write() == ["done"]
    approve(loop.store, waiting.id, "ben")
    loop.send(waiting)
    (write,) = loop.store.writes.of_submission(waiting.id)
    assert (write.state, "decided otherwise since, Approve by anna" in write.said) == (WriteState.CONFLICT, True)
    assert (quantity(loop), loop.model.additions[3589]["cancelledDate"]) == (28, None)


def test_nobody_approves_his_own_large_change_by_another_spelling(loop: Loop) -> None:
    add_line(loop.model, id=3589, quantity=25, unitPrice=D("22.00"))
    loop.run([charge(28)])
    loop.decide(Action.END_LINE, reason="not billable")
    waiting = loop.submit().submission
    assert waiting is not None
    with pytest.raises(Refused, match="somebody else's approval"):
        approve(loop.store, waiting.id, " ANNA ")


def test_a_small_line_that_is_ended_is_large_too(loop: Loop) -> None:
    add_line(loop.model, id=3589, quantity=5, unitPrice=D("20.00"))
    loop.run([charge(4)])
    assert "large change" in loop.decide(Action.END_LINE, reason="not billable").warnings


def test_a_second_new_line_of_a_service_is_not_in_the_way_of_the_first(loop: Loop) -> None:
    for number, price in ((11, "24.00"), (12, "22.00")):
        add_line(loop.model, id=number, quantity=10, unitPrice=D(price))
    loop.run([charge(22)])
    for number in (11, 12):
        loop.decide(Action.APPROVE, line=number, quantity=D(11), effective_date=dt.date(2027, 1, 1), reason="commitment")
    assert loop.write() == ["done", "done"]
    assert sorted(row["quantity"] for row in loop.model.additions.values()) == [10, 10, 11, 11]


def test_a_new_line_that_the_psa_kept_otherwise_is_asked_about_and_the_old_one_stays(loop: Loop) -> None:
    line = add_line(loop.model, id=11, quantity=10, unitPrice=D("24.00"))
    loop.run([charge(11)])
    loop.decide(Action.APPROVE, effective_date=dt.date(2027, 1, 1), reason="commitment")
    real = loop.model.add_addition

    def cheaper(agreement: int, body: Any) -> Any:
        return real(agreement, body | {"unitPrice": D("2.40")})

    loop.model.add_addition = cheaper  # type: ignore[method-assign]
    assert loop.write() == ["asked"]
    assert loop.model.additions[line]["cancelledDate"] is None


def test_an_undo_leaves_a_value_alone_that_moved_since(loop: Loop) -> None:
    decided(loop)
    first = sent(loop, loop.submit())
    loop.model.patch_addition(loop.model.additions[3589], [{"op": "replace", "path": "quantity", "value": 30}])
    assert loop.outcomes(sent(loop, undo(loop.house, first.id, "anna"))) == ["conflict"]
    assert quantity(loop) == 30


def test_what_was_invoiced_since_goes_to_the_credit_list(loop: Loop) -> None:
    decided(loop)
    first = sent(loop, loop.submit())
    loop.next_invoice()
    found = undo(loop.house, first.id, "anna")
    assert found.submission is None
    assert [(c.amount, "66.00 USD in the first" in c.said) for c in found.credits] == [(D("66.00"), True)]
    assert quantity(loop) == 28


def new_line(loop: Loop) -> Submission:
    loop.model.products.clear()
    add_product(loop.model, 418, "BP", price=D("14.50"), cost=D("10.00"))
    loop.run([charge(7, "70.00", unit_cost=D("10.00"))])
    loop.decide(Action.ADD_LINE, agreement="871")
    return sent(loop, loop.submit())


def test_an_undo_deletes_a_line_that_was_added(loop: Loop) -> None:
    first = new_line(loop)
    assert len(loop.model.additions) == 1
    assert loop.outcomes(sent(loop, undo(loop.house, first.id, "anna"))) == ["done"]
    assert len(loop.model.additions) == 0


def test_without_the_right_to_delete_an_undo_says_so_before_anything_is_sent(loop: Loop) -> None:
    first = new_line(loop)
    loop.model.role["Agreements"].discard("Delete")
    with pytest.raises(Refused, match="permission is missing: Finance > Agreements: Delete"):
        undo(loop.house, first.id, "anna")
    assert len(loop.model.additions) == 1


def test_an_agreement_that_is_gone_does_not_keep_the_rest_from_being_taken_back(loop: Loop) -> None:
    add_agreement(loop.model, 900)
    other = add_line(loop.model, 900, quantity=10, unitPrice=D("24.00"))
    add_line(loop.model, id=3589, quantity=25, unitPrice=D("22.00"))
    loop.run([charge(38)])
    for line, wanted in ((3589, 27), (other, 11)):
        loop.decide(Action.APPROVE, line=line, quantity=D(wanted), reason="commitment")
    first = sent(loop, loop.submit())
    assert loop.outcomes(first) == ["done", "done"]
    del loop.model.additions[other]
    del loop.model.agreements[900]
    taken_back = sent(loop, undo(loop.house, first.id, "anna"))
    assert (loop.outcomes(taken_back), quantity(loop)) == (["done"], 25)


def test_a_cost_follows_our_own_quantity_on_the_same_line_and_not_a_strangers_change(loop: Loop) -> None:
    decided(loop)
    assert loop.write() == ["done"]
    run = loop.runs[-1]
    pushed = sent(loop, submit_cost(loop.house, run, "BP", D("18.20"), "anna"))
    assert loop.outcomes(pushed) == ["done", "done"]
    assert (loop.model.products[412]["cost"], loop.model.additions[3589]["unitCost"]) == (D("18.2"), D("18.2"))


def test_a_line_that_a_stranger_changed_keeps_its_cost_and_the_catalogue_has_the_new_one(loop: Loop) -> None:
    decided(loop)
    loop.model.patch_addition(loop.model.additions[3589], [{"op": "replace", "path": "invoiceDescription", "value": "Other"}])
    pushed = sent(loop, submit_cost(loop.house, loop.runs[-1], "BP", D("18.20"), "anna"))
    assert loop.outcomes(pushed) == ["done", "conflict"]
    assert (loop.model.products[412]["cost"], loop.model.additions[3589]["unitCost"]) == (D("18.2"), D("17.6"))


@pytest.mark.parametrize("updates", [True, False])
def test_a_product_that_updates_its_lines_by_itself_ends_alike(loop: Loop, updates: bool) -> None:
    decided(loop)
    loop.model.products[412]["autoUpdateUnitCostFlag"] = True
    loop.model.switches.cost_updates_additions = updates
    pushed = sent(loop, submit_cost(loop.house, loop.runs[-1], "BP", D("18.20"), "anna"))
    assert loop.outcomes(pushed) == ["done", "done"]
    assert loop.model.additions[3589]["unitCost"] == D("18.2")
    assert len(loop.requests()) == (1 if updates else 2)


def test_where_the_catalogue_refuses_its_cost_no_line_gets_it(loop: Loop) -> None:
    decided(loop)
    for _ in range(3):
        loop.psa.faults.add(Fault("drop before", "PATCH", "*/procurement/catalog/*"))
    pushed = sent(loop, submit_cost(loop.house, loop.runs[-1], "BP", D("18.20"), "anna"))
    assert loop.outcomes(pushed) == ["asked", "conflict"]
    (_, line) = loop.store.writes.of_submission(pushed.id)
    assert (line.state, "the change that it needs was not done" in line.said) == (WriteState.CONFLICT, True)
    assert loop.model.additions[3589]["unitCost"] == D("17.6")
