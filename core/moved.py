"""What moved since the last period, line by line: both runs' lines side by side, joined by key and taken where they differ.

A line stands in a run on a vendor's sheet, without a vendor, or not compared (then it bills nothing that counts here). A count or
an amount that is not known on either side moved nowhere: missing is not zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core.exact import MONEY, PRICE, QUANTITY, Flags, Ints, decimals, scaled, to_int
from core.frames import Objects, codes, frame_of_columns, texts
from core.history import Changed, LastRun, Moved
from core.run import Reconciliation
from core.settings import Settings

NUMBERS = {"quantity": QUANTITY, "counted": QUANTITY, "price": PRICE, "revenue": MONEY, "cost": MONEY}
"""What is compared, with its decimal places."""
NAMES = ("line_key", "customer_id", "customer", "service_id", "service", "vendor", "agreement", "line_id", "currency", "away")
_OF_COMPARISON = {
    "quantity": "psa_quantity", "counted": "vendor_quantity", "price": "unit_price", "revenue": "revenue_before",
    "cost": "vendor_cost",
}  # fmt: skip
NO_VENDOR = "No vendor"
PSA_SIDE = "PSA"


@dataclass(frozen=True, slots=True)
class _Lines:
    """Every line of one run. `away` says why a line is not compared, or that it has no vendor; empty where a vendor counts it."""

    names: Mapping[str, Objects]
    numbers: Mapping[str, tuple[Ints, Flags]]

    def __len__(self) -> int:
        return len(self.names["line_key"])

    def within(self, rows: Ints) -> "_Lines":
        """These rows; -1 is a row of nothing."""
        there = rows >= 0
        nothing = _nothing(len(rows))
        names = {name: np.where(there, _at(column, rows), nothing) for name, column in self.names.items()}
        numbers: dict[str, tuple[Ints, Flags]] = {}
        for name, (found, valid) in self.numbers.items():
            numbers[name] = np.where(there, _at(found, rows), 0), np.asarray(there & _at(valid, rows))
        return _Lines(names, numbers)


def _at(column: Any, rows: Ints) -> Any:
    return column[rows] if len(column) else np.zeros(len(rows), dtype=column.dtype)


def moved(run: Reconciliation, last: LastRun | None, explanations: Mapping[str, str] | None = None) -> pd.DataFrame:
    """A Changed row for each line that the two runs say something else of: explanations wanted first, then by money.

    explanations: what was said before, by the row's key. Without a last run there is nothing to compare with.
    """
    if last is None:
        return frame_of_columns(Changed, {"key": []})
    now, was = _each_once(_lines(run)), _each_once(_lines(last))
    at, before = _joined(now, was)
    both = (at >= 0) & (before >= 0)
    now, was = now.within(at), was.within(before)
    what = np.where(both, Moved.CHANGED, np.where(at >= 0, Moved.NEW, Moved.ENDED)).astype(object)
    kept = np.flatnonzero(_differs(now, was, both))
    return _frame(now.within(kept), was.within(kept), what[kept], run.inputs.settings, last.label, explanations or {})


def _lines(run: Reconciliation | LastRun) -> _Lines:
    compared, listed = run.comparisons, run.not_compared[run.not_compared["side"] == PSA_SIDE]
    frames = (compared, run.no_vendor, listed)
    sizes = [len(data) for data in frames]
    shown = {"line_key": "key", "customer": "customer", "service": "service", "currency": "currency"}
    names = {name: np.concatenate([texts(data[column]) for data in frames]) for name, column in shown.items()}
    for name in ("customer_id", "vendor"):
        names[name] = _padded(texts(compared[name]), sizes)
    names["service_id"], names["agreement"], names["line_id"] = (
        np.concatenate([texts(compared[name]), texts(run.no_vendor[name]), _nothing(sizes[2])])
        for name in ("service_id", "agreement", "line_id")
    )
    names["away"] = np.concatenate([_nothing(sizes[0]), np.full(sizes[1], NO_VENDOR, dtype=object), texts(listed["reason"])])
    numbers = {name: _numbers(compared[column], sizes) for name, column in _OF_COMPARISON.items()}
    for name in ("quantity", "revenue"):
        found, valid = scaled(run.no_vendor[name])
        numbers[name][0][sizes[0] : sizes[0] + sizes[1]], numbers[name][1][sizes[0] : sizes[0] + sizes[1]] = found, valid
    return _Lines(names, numbers)


def _each_once(lines: _Lines) -> _Lines:
    """Two lines of one id, which an export may have, are told as the first."""
    again = _identities(lines, "line_key", "currency").duplicated()
    return lines.within(np.flatnonzero(~again)) if again.any() else lines


def _nothing(length: int) -> Objects:
    return np.full(length, None, dtype=object)


def _padded(column: Objects, sizes: list[int]) -> Objects:
    return np.concatenate([column, _nothing(sizes[1] + sizes[2])])


def _numbers(column: Any, sizes: list[int]) -> tuple[Ints, Flags]:
    found, valid = scaled(column)
    more = sizes[1] + sizes[2]
    return np.concatenate([found, np.zeros(more, dtype=np.int64)]), np.concatenate([valid, np.zeros(more, dtype=bool)])


def _joined(now: _Lines, was: _Lines) -> tuple[Ints, Ints]:
    """Positions in both runs, one pair a line; -1: not there. A line in another currency is another line."""
    keys, before = _identities(now, "line_key", "currency"), _identities(was, "line_key", "currency")
    found = before.get_indexer(keys).astype(np.int64)
    gone = np.setdiff1d(np.arange(len(was)), found)
    found = _paired(now, was, found, gone)
    gone = np.setdiff1d(np.arange(len(was)), found)
    return np.concatenate([np.arange(len(now)), np.full(len(gone), -1)]), np.concatenate([found, gone])


def _identities(lines: _Lines, *names: str) -> "pd.Index[str]":
    columns = [lines.names[name].tolist() for name in names]
    return pd.Index(["\x1f".join(map(str, one)) for one in zip(*columns, strict=True)], dtype=object)


def _paired(now: _Lines, was: _Lines, found: Ints, gone: Ints) -> Ints:
    """New revenue that has its line now, and the reverse: one such row on each side, of one customer, service and vendor."""
    fresh = np.flatnonzero(found < 0)
    fresh = fresh[now.names["vendor"][fresh] != None]  # noqa: E711 - elementwise
    gone = gone[was.names["vendor"][gone] != None]  # noqa: E711 - elementwise
    whose = ("customer_id", "service_id", "vendor", "currency")
    ours, theirs = _identities(now, *whose)[fresh], _identities(was, *whose)[gone]
    alone, before = _once(ours), _once(theirs)
    places = theirs[before].get_indexer(ours[alone])
    mine, other = fresh[alone][places >= 0], gone[before][places[places >= 0]]
    one_line = (now.names["line_id"][mine] == None) != (was.names["line_id"][other] == None)  # noqa: E711 - elementwise
    paired = found.copy()
    paired[mine[one_line]] = other[one_line]
    return paired


def _once(names: "pd.Index[str]") -> Ints:
    """Places of the names that stand there once."""
    return np.flatnonzero(~names.duplicated(keep=False))


def _differs(now: _Lines, was: _Lines, both: Flags) -> Flags:
    """Lines of which something known on both sides moved, and those that came or went; what is away on both is passed over."""
    moved = np.zeros(len(now), dtype=bool)
    for name in NUMBERS:
        (found, valid), (before, known) = now.numbers[name], was.numbers[name]
        moved |= valid & known & (found != before)
    compared, earlier = _compared(now), _compared(was)
    came = compared & ~earlier
    went = earlier & ~compared
    line = (now.names["line_id"] == None) != (was.names["line_id"] == None)  # noqa: E711 - elementwise
    return np.asarray((both & ((compared & earlier & (moved | line)) | came | went)) | (~both & (compared | earlier)))


def _compared(lines: _Lines) -> Flags:
    """Lines that a vendor counts or could: not those that are left out of the comparison."""
    away = lines.names["away"]
    return np.asarray((lines.names["line_key"] != None) & ((away == None) | (away == NO_VENDOR)))  # noqa: E711 - elementwise


def _frame(
    now: _Lines, was: _Lines, what: Objects, settings: Settings, label: str, explanations: Mapping[str, str]
) -> pd.DataFrame:
    what = np.where(_compared(now), np.where(_compared(was), what, Moved.NEW), Moved.ENDED).astype(object)
    side = {name: np.where(_compared(now), now.names[name], was.names[name]) for name in NAMES if name != "away"}
    side["agreement"] = np.where(side["agreement"] == None, was.names["agreement"], side["agreement"])  # noqa: E711 - elementwise
    side["vendor"] = np.where(side["vendor"] == None, "", side["vendor"])  # noqa: E711 - elementwise
    keys = [f"change:{'ended:' if w == Moved.ENDED else ''}{key}" for w, key in zip(what, side["line_key"], strict=True)]
    wanted = _wanted(now, was, what, settings)
    made: dict[str, Any] = {name: pa.array(column, pa.string()) for name, column in side.items() if name != "service_id"}
    made |= {
        "key": keys,
        "what": pa.array([str(w) for w in what], pa.string()),
        "note": _notes(now, was),
        "wanted": pa.array(wanted),
        "against": [label] * len(keys),
        "explanation": [explanations.get(key) for key in keys],
    }
    for name, places in NUMBERS.items():
        for suffix, lines in (("", now), ("_was", was)):
            found, valid = lines.numbers[name]
            made[name + suffix] = decimals(found, valid & _compared(lines), places)
    data = frame_of_columns(Changed, made)
    return data.iloc[_order(now, was, what, wanted, side)].reset_index(drop=True)


def _notes(now: _Lines, was: _Lines) -> list[str]:
    """Where the line stood or stands otherwise than on a vendor's sheet with a line of the PSA."""
    names = zip(
        now.names["line_key"], was.names["line_key"], now.names["away"], was.names["away"], now.names["line_id"],
        was.names["line_id"], strict=True,
    )  # fmt: skip
    return [_note(*one) for one in names]


def _note(key: Any, key_was: Any, away: Any, away_was: Any, line: Any, line_was: Any) -> str:
    if key is not None and key_was is not None and away != away_was:
        return _stands("now ", away) if away else _stands("was ", away_was)
    if key is not None and key_was is not None and (line is None) != (line_was is None):
        return "billed now, was New revenue" if line else "not billed any more, still counted"
    there, line = (away, line) if key is not None else (away_was, line_was)
    return _stands("", there) if there else "" if line else "counted, not billed"


def _stands(when: str, away: str) -> str:
    return f"{when}without a vendor" if away == NO_VENDOR else f"{when}not compared: {away}"


def _wanted(now: _Lines, was: _Lines, what: Objects, settings: Settings) -> Flags:
    """A change of revenue or of cost that is large in money and in per cent of what it was."""
    least, percent = to_int(settings.explain_amount, MONEY), Fraction(settings.explain_percent) / 100
    wanted = np.zeros(len(what), dtype=bool)
    for name in ("revenue", "cost"):
        gap, before = _gap(name, now, was, what)
        wanted |= (gap >= least) & (gap * percent.denominator >= np.abs(before) * percent.numerator) & (gap > 0)
    return wanted


def _gap(name: str, now: _Lines, was: _Lines, what: Objects) -> tuple[Ints, Ints]:
    """By how much an amount moved, without its sign, and what it was. Nothing where a line stayed and one side is not known."""
    (found, valid), (before, known) = now.numbers[name], was.numbers[name]
    found, before = np.where(_compared(now), found, 0), np.where(_compared(was), before, 0)
    counts = (valid & known) | (what != Moved.CHANGED)
    return np.where(counts, np.abs(found - before), 0), before


def _order(now: _Lines, was: _Lines, what: Objects, wanted: Flags, side: Mapping[str, Objects]) -> Ints:
    gaps = [_gap(name, now, was, what)[0] for name in ("revenue", "cost")]
    names = [_rank(side[name]) for name in ("line_key", "service", "customer")]
    return np.lexsort((*names, -gaps[1], -gaps[0], ~wanted))


def _rank(names: Objects) -> Ints:
    numbers, distinct = codes(pa.array(names, pa.string()))
    rank = np.argsort(np.argsort(distinct.astype(str)))
    return rank[numbers] if len(distinct) else numbers
