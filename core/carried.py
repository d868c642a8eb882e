"""What is carried forward: lines that differ still and were passed over before, with why, how long, and the money waved through.

A line's chain are the reconciled periods before this one, without a gap, in which it differed. What was decided before the chain
was about another difference, and is left to the log. A run that was made again in one period counts once: its newest rows, and the
newest decision of any of its runs.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core.decisions import Status
from core.exact import MONEY, Flags, Ints, decimals, scaled
from core.frames import Objects, codes, frame_of_columns, texts
from core.history import Carried, How, PastRun
from core.periods import DAY, Period, add_months
from core.records import Action, State
from core.run import Reconciliation

TO_DECIDE = (State.RECONCILE, State.NEW_REVENUE, State.NO_USAGE)


@dataclass(frozen=True, slots=True)
class _Month:
    """One earlier period beside the rows that differ now, each at its place; 0 or empty where it says nothing of the row."""

    period: Period
    differed: Flags
    effect: Ints  # cents
    decision: Ints  # place in the decisions; -1: none
    unchanged: Flags  # the PSA bills what it billed when it was decided


def dismissed_through(period: Period) -> dt.date:
    """R14: a dismissal hides its line through the last day of the period after the run's."""
    return add_months(period.until, 1) - DAY


def carried(run: Reconciliation, past: Sequence[PastRun], decisions: pd.DataFrame) -> pd.DataFrame:
    """A Carried row for each line that was passed over: the largest amounts waved through first.

    past: earlier runs, newest first; of this period those that were made before this one. decisions: PastDecision, of those runs.
    """
    rows = run.comparisons
    standing = standing_of(past, decisions)
    months = [_month(rows, period, runs, standing) for period, runs in _by_period(past)]
    found = _passed_over(rows, run.inputs.period, months, standing)
    kept = np.flatnonzero(found.how != "")
    return _frame(rows, kept, found, standing, run.inputs.period, {one.id: one.period for one in past})


def standing_of(past: Sequence[PastRun], decisions: pd.DataFrame) -> pd.DataFrame:
    """The decisions that hold: of each person the newest for a line, if it was accepted and made on the numbers of its run now."""
    newest = decisions.sort_values("id").drop_duplicates(["run", "key", "person"], keep="last")
    accepted = newest[newest["status"] == str(Status.ACCEPTED)]
    decided = set(texts(accepted["key"]))
    numbers = {(one.id, key): mark for one in past for key, mark in _marks(one.rows[one.rows["key"].isin(decided)])}
    columns = (texts(accepted[name]) for name in ("run", "key", "fingerprint"))
    holds = [numbers.get((run, key)) == mark for run, key, mark in zip(*columns, strict=True)]
    return accepted[np.array(holds, dtype=bool)].drop_duplicates(["run", "key"], keep="last").reset_index(drop=True)


def _marks(rows: pd.DataFrame) -> Any:
    return zip(texts(rows["key"]), texts(rows["fingerprint"]), strict=True)


def _by_period(past: Sequence[PastRun]) -> list[tuple[Period, list[PastRun]]]:
    """The runs of each period, newest first."""
    found: dict[Period, list[PastRun]] = {}
    for one in past:
        found.setdefault(one.period, []).append(one)
    return sorted(found.items(), reverse=True)


def _month(rows: pd.DataFrame, period: Period, runs: Sequence[PastRun], standing: pd.DataFrame) -> _Month:
    keys = pd.Index(texts(rows["key"]))
    place = _places(keys, runs[0].rows)
    differed = (place >= 0) & (_at(texts(runs[0].rows["state"]), place) != str(State.NO_CHANGE))
    same_money = _at(texts(runs[0].rows["currency"]), place) == texts(rows["currency"])
    effect = np.where(differed & same_money, _at(scaled(runs[0].rows["effect"])[0], place), 0)
    decision, unchanged = np.full(len(rows), -1), np.zeros(len(rows), dtype=bool)
    for one in reversed(runs):  # the newest run's decision is looked at last, and counts
        own = np.flatnonzero(standing["run"] == one.id)
        at = pd.Index(texts(standing["key"])[own]).get_indexer(keys)
        decision = np.where(at >= 0, own[at] if len(own) else -1, decision)
        unchanged = np.where(at >= 0, _unchanged(rows, one.rows, _places(keys, one.rows)), unchanged)
    return _Month(period, differed, effect, decision, unchanged)


def _places(keys: "pd.Index[Any]", rows: pd.DataFrame) -> Ints:
    there = pd.Index(texts(rows["key"]))
    first = np.flatnonzero(~there.duplicated())  # of two lines of one id, which an export may have
    found = there[first].get_indexer(keys)
    return np.where(found >= 0, first[found], -1) if len(first) else np.full(len(keys), -1)


def _at(column: Any, places: Ints) -> Any:
    return column[places] if len(column) else np.full(len(places), None if column.dtype == object else 0)


def _unchanged(rows: pd.DataFrame, before: pd.DataFrame, place: Ints) -> Flags:
    """The PSA bills the line as it did."""
    same = place >= 0
    for name in ("psa_quantity", "unit_price"):
        (now, valid), (was, known) = scaled(rows[name]), scaled(before[name])
        same &= (now == _at(was, place)) & (valid == _at(known, place).astype(bool))
    return np.asarray(same & (texts(rows["state"]) == _at(texts(before["state"]), place)))


@dataclass(frozen=True, slots=True)
class _Found:
    """What is carried of each row that is compared now."""

    how: Objects  # empty: nothing
    decision: Ints  # the newest one; -1: none
    since: Ints  # months since year 0
    waved: Ints  # cents


def _passed_over(rows: pd.DataFrame, period: Period, months: Sequence[_Month], standing: pd.DataFrame) -> _Found:
    """Walks back month by month along each row's chain, and remembers the newest decision and the oldest of its kind."""
    state = texts(rows["state"]).astype(str)
    differs, actions = state != str(State.NO_CHANGE), np.append(texts(standing["action"]), "")
    chain, length = differs.copy(), np.zeros(len(rows), dtype=np.int64)
    newest, kind = np.full(len(rows), -1), np.full(len(rows), "", dtype=object)
    since, oldest = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    waved, reached = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    for month in months:
        before = month.period < period
        chain &= month.differed if before else True
        action = actions[month.decision].astype(str)
        asked_only = ~differs & (action == str(Action.ASK))
        fresh = (chain | asked_only) & (kind == "") & (action != "")
        newest = np.where(fresh, month.decision, newest)
        kind = np.where(fresh, _kinds(action, month.unchanged), kind)
        again = (fresh | (chain & (_kinds(action, month.unchanged) == kind))) & (action != "")
        reached += np.where(chain & before, month.effect, 0)
        waved = np.where(again, reached, waved)
        since = np.where(again, _number(month.period), since)
        length += chain & before
        oldest = np.where(chain & before, _number(month.period), oldest)
    never = (kind == "") & (length > 0) & np.isin(state, [str(s) for s in TO_DECIDE])
    return _Found(
        np.where(never, str(How.OPEN), np.where(kind == _DECIDED, "", kind)),
        newest, np.where(never, oldest, since), np.where(never, reached, waved),
    )  # fmt: skip


_DECIDED = "decided"
"""Approved, and the PSA bills something else since: what differs now is new."""


def _kinds(action: Objects, unchanged: Flags) -> Objects:
    approved = np.where(unchanged, str(How.NOT_IN_PSA), _DECIDED)
    kinds = [str(How.DISMISSED), str(How.ASKED), ""]
    found = np.select([action == str(Action.DISMISS), action == str(Action.ASK), action == ""], kinds, "other")
    return np.where(found == "other", approved, found).astype(object)


def _number(period: Period) -> int:
    return period.year * 12 + period.month - 1


def _frame(
    rows: pd.DataFrame, kept: Ints, found: _Found, standing: pd.DataFrame, period: Period, periods: dict[str, Period]
) -> pd.DataFrame:
    taken, since, decision = rows.iloc[kept], found.since[kept], found.decision[kept]
    made: dict[str, Any] = {name: taken[name] for name in ("customer", "service", "vendor", "state", "effect", "currency")}
    runs = _said(standing, "run", decision)
    dismissed = found.how[kept] == str(How.DISMISSED)
    made |= {
        "key": [f"carried:{key}" for key in texts(taken["key"])],
        "line_key": taken["key"],
        "how": pa.array(found.how[kept], pa.string()),
        "since": [str(Period(n // 12, n % 12 + 1)) for n in since.tolist()],
        "age": _number(period) - since + 1,
        "waved": decimals(found.waved[kept], None, MONEY),
        "until": [dismissed_through(periods[run]) if gone else None for run, gone in zip(runs, dismissed, strict=True)],
        "reason": _said(standing, "reason", decision),
        "note": _said(standing, "note", decision),
        "by": [text or "" for text in _said(standing, "person", decision)],
        "run": [text or "" for text in runs],
    }
    data = frame_of_columns(Carried, made)
    names = [_rank(texts(data[name])) for name in ("line_key", "service", "customer")]
    return data.iloc[np.lexsort((*names, -np.abs(found.waved[kept])))].reset_index(drop=True)


def _said(standing: pd.DataFrame, name: str, places: Ints) -> list[Any]:
    column: list[Any] = [*texts(standing[name]), None]
    return [column[place] for place in places]


def _rank(names: Objects) -> Ints:
    numbers, distinct = codes(pa.array(names, pa.string()))
    rank = np.argsort(np.argsort(distinct.astype(str)))
    return rank[numbers] if len(distinct) else numbers
