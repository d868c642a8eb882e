"""One decision on a row, judged and planned."""

import datetime as dt
from typing import Any

from core.changes import Change, plan
from core.decisions import Judge, Judged, Status
from core.records import Action, Comparison, Decision
from core.run import Inputs
from tests.core.build import compared

NOV_1, NOV_10, NOV_30 = dt.date(2026, 11, 1), dt.date(2026, 11, 10), dt.date(2026, 11, 30)
DEC_1, DEC_15, JAN_1 = dt.date(2026, 12, 1), dt.date(2026, 12, 15), dt.date(2027, 1, 1)


def judge(made: Inputs, action: Action, row: Comparison | None = None, **typed: Any) -> Judged:
    result, rows = compared(made)
    row = row or rows[0]
    found = Judge({r.key: r for r in rows}, result.agreements, made.settings, made.today)
    (judged,) = found.judge([Decision(row.key, typed.pop("fingerprint", row.fingerprint), action, place="a.xlsx, M!K9", **typed)])
    return judged


def decide(made: Inputs, action: Action, row: Comparison | None = None, **typed: Any) -> Change:
    judged = judge(made, action, row, **typed)
    assert judged.status is Status.ACCEPTED, judged.problem
    (change,) = plan([judged], made.mapping.rules, made.settings, made.today)
    return change


def refusal(made: Inputs, action: Action, row: Comparison | None = None, **typed: Any) -> str:
    """What is said against it; empty where it is accepted."""
    judged = judge(made, action, row, **typed)
    if judged.status is Status.ACCEPTED:
        return ""
    return judged.problem.message if judged.problem else str(judged.status)


def bodies(change: Change) -> list[tuple[str, dict[str, Any]]]:
    return [(w.method, dict(w.body)) for w in change.writes]
