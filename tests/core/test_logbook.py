"""The log of a workbook's lines."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest

from core.frames import column, frame, records
from core.history import Explained, Logged, PastRow, PastWrite
from core.logbook import amount, log
from core.reach import MOST_A_LINE
from core.records import Action
from tests.core.test_carried import MADE, OCTOBER, ROW, past

D = Decimal
KEY = "line:3589"
WRITE = PastWrite(
    "2026-10-1", KEY, "2026-10-27 09:00", "dana", "Approve", "25 at 22.00", "28 at 22.00 from 2026-11-01", None, None,
    "done: the PSA shows quantity 28", (),
)  # fmt: skip
SAID = Explained(KEY, "2026-10-1", "2026-10-28 08:00", "bert", None, "three people came", "b.xlsx, Changes!M5")


def lines(*keys: str) -> pd.DataFrame:
    kept = [(key, "Acme", "BP", "Microsoft") for key in keys]
    names = ("line_key", "customer", "service", "vendor")
    import pyarrow as pa

    return pd.DataFrame({name: column([row[at] for row in kept], pa.string()) for at, name in enumerate(names)})


def logged(*keys: str, decisions: object = (), writes: object = (), explained: object = ()) -> list[Logged]:
    data = log(lines(*keys), [past(OCTOBER, ROW)], list(decisions), list(writes), list(explained))  # type: ignore[call-overload]
    return records(Logged, data)


def test_what_happened_stands_newest_first() -> None:
    found = logged(KEY, decisions=[replace(MADE, action=Action.APPROVE)], writes=[WRITE], explained=[SAID])
    assert [(one.action, one.who, one.old, one.new, one.answer) for one in found] == [
        ("Explained", "bert", "", "three people came", ""),
        ("Approve", "dana", "25 at 22.00", "28 at 22.00 from 2026-11-01", "done: the PSA shows quantity 28"),
        ("Approve", "dana", "25 at 22.00", "28 at 22.00", "accepted"),
    ]
    assert {(one.period, one.run, one.customer, one.vendor) for one in found} == {("2026-10", "2026-10-1", "Acme", "Microsoft")}
    assert [one.key for one in found] == ["log:000001", "log:000002", "log:000003"]


CASES = [
    ({"action": Action.DISMISS}, "25 at 22.00", ""),
    ({"action": Action.END_LINE, "effective_date": dt.date(2026, 11, 1)}, "25 at 22.00", "0 at 22.00 from 2026-11-01"),
    ({"action": Action.APPROVE, "quantity": D(27), "new_price": D("21.125")}, "25 at 22.00", "27 at 21.125"),
    ({"action": Action.APPROVE, "quantity": D(27), "fingerprint": "moved"}, "", "27"),
    ({"action": Action.APPROVE, "run": "2026-10-1", "key": KEY, "problem": "0 is no quantity"}, "25 at 22.00", "28 at 22.00"),
]


@pytest.mark.parametrize(("changes", "old", "new"), CASES)
def test_a_decision_says_what_was_billed_and_what_instead(changes: dict[str, object], old: str, new: str) -> None:
    (one,) = logged(KEY, decisions=[replace(MADE, **changes)])  # type: ignore[arg-type]
    assert (one.old, one.new) == (old, new)
    assert one.answer == ("accepted: 0 is no quantity" if "problem" in changes else "accepted")


def test_lines_of_others_are_not_told() -> None:
    assert logged("line:1", decisions=[MADE], writes=[WRITE], explained=[SAID]) == []


def test_a_line_that_was_added_goes_on_with_what_was_decided_before_it_was_there() -> None:
    before = "new:0a"
    added = replace(WRITE, key=before, action="Add line", created=("77",))
    found = logged("line:77", decisions=[replace(MADE, key=before, action=Action.ADD_LINE)], writes=[added])
    assert [(one.line_key, one.action) for one in found] == [("line:77", "Add line"), ("line:77", "Add line")]


def test_a_line_keeps_its_newest_entries() -> None:
    many = [replace(MADE, id=n, at=f"2026-10-26 10:{n:02}") for n in range(MOST_A_LINE + 5)]
    found = logged(KEY, "line:1", decisions=[*many, replace(MADE, key="line:1")])
    mine = [one.at for one in found if one.line_key == KEY]
    assert (len(mine), mine[0], mine[-1]) == (MOST_A_LINE, "2026-10-26 10:14", "2026-10-26 10:05")
    assert len(found) == MOST_A_LINE + 1


def test_an_amount_is_said_as_far_as_it_is_known() -> None:
    assert [amount(D(3), D("1.5")), amount(None, D(2)), amount(D("2.5"), None), amount(None, None)] == [
        "3 at 1.50", "at 2.00", "2.5", "",
    ]  # fmt: skip
    assert len(frame(PastRow, [])) == 0
