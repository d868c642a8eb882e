"""What is carried forward over three months of one line, by what was decided in each."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.carried import carried, dismissed_through
from core.decisions import Status
from core.frames import frame, records
from core.history import Carried, How, PastDecision, PastRow, PastRun
from core.periods import Period
from core.records import Action, Comparison, State
from core.run import Reconciliation
from tests.core.build import charge, compared, inputs, line

D = Decimal
NOVEMBER, OCTOBER, SEPTEMBER = Period(2026, 11), Period(2026, 10), Period(2026, 9)
ROW = PastRow("line:3589", "mark", State.RECONCILE, D(25), D(28), D("22.00"), D("66.00"), "USD")
MADE = PastDecision(
    1, "2026-10-1", "line:3589", "mark", Action.DISMISS, None, None, None, None, "commitment", "until March", "dana",
    "2026-10-26 10:00", "october.xlsx", Status.ACCEPTED, None,
)  # fmt: skip


def now(used: int = 28) -> Reconciliation:
    return compared(inputs([line()], [charge(used)]))[0]


def past(period: Period, *rows: PastRow, number: int = 1) -> PastRun:
    return PastRun(f"{period}-{number}", period, frame(PastRow, rows))


def found(run: Reconciliation, runs: list[PastRun], *decisions: PastDecision) -> list[Carried]:
    return records(Carried, carried(run, runs, frame(PastDecision, decisions)))


def made(period: Period, action: Action = Action.DISMISS, number: int = 1, **changes: object) -> PastDecision:
    return replace(MADE, run=f"{period}-{number}", action=action, **changes)  # type: ignore[arg-type]


OCT, SEP = past(OCTOBER, ROW), past(SEPTEMBER, replace(ROW, effect=D("44.00")))
DISMISS, ASK, APPROVE = Action.DISMISS, Action.ASK, Action.APPROVE
CASES = [
    # runs, decisions; how, since, age, waved (None: nothing is carried)
    ([], [], None),
    ([OCT], [], (How.OPEN, "2026-10", 2, "66.00")),
    ([OCT, SEP], [], (How.OPEN, "2026-09", 3, "110.00")),
    ([OCT, SEP], [made(OCTOBER)], (How.DISMISSED, "2026-10", 2, "66.00")),
    ([OCT, SEP], [made(SEPTEMBER), made(OCTOBER, id=2)], (How.DISMISSED, "2026-09", 3, "110.00")),
    ([OCT, SEP], [made(SEPTEMBER)], (How.DISMISSED, "2026-09", 3, "110.00")),
    ([OCT, SEP], [made(SEPTEMBER, ASK), made(OCTOBER, id=2)], (How.DISMISSED, "2026-10", 2, "66.00")),
    ([OCT], [made(OCTOBER, ASK)], (How.ASKED, "2026-10", 2, "66.00")),
    ([OCT], [made(OCTOBER, APPROVE)], (How.NOT_IN_PSA, "2026-10", 2, "66.00")),
    ([past(OCTOBER, replace(ROW, psa_quantity=D(20)))], [made(OCTOBER, APPROVE)], None),
    ([OCT], [made(OCTOBER, fingerprint="moved")], (How.OPEN, "2026-10", 2, "66.00")),
    ([OCT], [made(OCTOBER, status=Status.REFUSED)], (How.OPEN, "2026-10", 2, "66.00")),
    ([OCT], [made(OCTOBER), made(OCTOBER, id=2, status=Status.CONFLICT)], (How.OPEN, "2026-10", 2, "66.00")),
    ([past(OCTOBER, replace(ROW, state=State.NO_CHANGE)), SEP], [made(SEPTEMBER)], None),
    ([past(OCTOBER), SEP], [made(SEPTEMBER)], None),
    ([past(OCTOBER, replace(ROW, effect=None))], [made(OCTOBER)], (How.DISMISSED, "2026-10", 2, "0.00")),
    ([past(OCTOBER, replace(ROW, currency="EUR"))], [made(OCTOBER)], (How.DISMISSED, "2026-10", 2, "0.00")),
    ([past(NOVEMBER, ROW)], [made(NOVEMBER)], (How.DISMISSED, "2026-11", 1, "0.00")),
    ([past(OCTOBER, ROW, number=2), OCT], [made(OCTOBER)], (How.DISMISSED, "2026-10", 2, "66.00")),
    (
        [past(OCTOBER, ROW, number=2), OCT],
        [made(OCTOBER), made(OCTOBER, ASK, number=2, id=2)],
        (How.ASKED, "2026-10", 2, "66.00"),
    ),
]


@pytest.mark.parametrize(("runs", "decisions", "said"), CASES)
def test_what_is_carried(runs: list[PastRun], decisions: list[PastDecision], said: tuple[How, str, int, str] | None) -> None:
    rows = [(one.how, one.since, one.age, str(one.waved)) for one in found(now(), runs, *decisions)]
    assert rows == ([] if said is None else [said])


def test_a_dismissal_says_why_by_whom_and_until_when() -> None:
    (one,) = found(now(), [OCT], MADE)
    assert (one.reason, one.note, one.by, one.run, one.until) == (
        "commitment", "until March", "dana", "2026-10-1", dismissed_through(OCTOBER),
    )  # fmt: skip
    assert (one.state, one.effect, one.line_key, one.key) == (State.RECONCILE, D("66.00"), "line:3589", "carried:line:3589")


def test_a_question_on_a_line_that_agrees_stays_asked() -> None:
    (one,) = found(now(25), [past(OCTOBER, replace(ROW, state=State.NO_CHANGE, effect=D(0)))], made(OCTOBER, ASK))
    assert (one.how, one.state, one.waved) == (How.ASKED, State.NO_CHANGE, D(0))


def test_a_year_without_a_gap_goes_over_its_turn() -> None:
    run = replace(now(), inputs=replace(now().inputs, period=Period(2027, 1)))
    runs = [past(Period(2026, 12), ROW), past(NOVEMBER, ROW), OCT]
    (one,) = found(run, runs)
    assert (one.since, one.age, one.waved, one.by, one.run, one.until) == ("2026-10", 4, D("198.00"), "", "", None)


def test_the_most_money_waved_through_comes_first() -> None:
    rows = [replace(ROW, key=f"line:{n}", effect=D(-n)) for n in range(1, 6)]
    lines = [line(str(n), customer_id=f"C{n}", customer=f"C{n}") for n in range(1, 6)]
    run = compared(inputs(lines, [charge(28)]))[0]
    kept = replace(run, comparisons=frame(Comparison, [replace(one, state=State.RECONCILE) for one in _rows(run)]))
    assert [one.customer for one in found(kept, [past(OCTOBER, *rows)])] == ["C5", "C4", "C3", "C2", "C1"]


def _rows(run: Reconciliation) -> list[Comparison]:
    return records(Comparison, run.comparisons)


def test_two_rows_of_one_id_are_carried_by_the_first() -> None:
    (one,) = found(now(), [past(OCTOBER, ROW, replace(ROW, effect=D("9.00")))])
    assert one.waved == D("66.00")
