"""The log of a workbook's lines: what was decided, explained and written for each, newest first, as much as fits a look."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

import pandas as pd

from core.causes import number
from core.frames import frame, records, texts
from core.history import Explained, Logged, PastDecision, PastRow, PastRun, PastWrite
from core.reach import MOST_A_LINE
from core.records import Action

EXPLAINED = "Explained"


def log(
    lines: pd.DataFrame,
    past: Sequence[PastRun],
    decisions: Sequence[PastDecision],
    writes: Sequence[PastWrite],
    explained: Sequence[Explained],
) -> pd.DataFrame:
    """A Logged row for each entry of these lines, newest first, of each line the newest MOST_A_LINE.

    lines: line_key, customer, service and vendor of everything that the workbook shows. A line that a write added goes on with
    what was decided before it was there.
    """
    columns = (texts(lines[name]) for name in ("line_key", "customer", "service", "vendor"))
    whose = {key: (customer, service, vendor) for key, customer, service, vendor in zip(*columns, strict=True)}
    now = {w.key: f"line:{line}" for w in writes for line in w.created if f"line:{line}" in whose}
    periods = {one.id: str(one.period) for one in past}
    rows = _rows(past, decisions)
    found = [
        *((d.at, d.key, _of_decision(d, rows.get((d.run, d.key)))) for d in decisions),
        *((w.at, w.key, (w.run, w.person, w.action, w.old, w.new, w.reason, w.note, "", w.answer)) for w in writes),
        *((e.at, e.key, (e.run, e.person, EXPLAINED, e.old or "", e.text, None, None, e.source, "")) for e in explained),
    ]
    kept = _newest((at, _standing(key, whose, now), said) for at, key, said in found)
    return frame(Logged, _logged(kept, whose, periods))


Said = tuple[str, str, str, str, str, str | None, str | None, str, str]
"""Run, who, action, old, new, reason, note, source and answer."""


def _rows(past: Sequence[PastRun], decisions: Sequence[PastDecision]) -> dict[tuple[str, str], PastRow]:
    wanted = {(d.run, d.key) for d in decisions}
    keys = {key for _, key in wanted}
    found = ((one.id, row) for one in past for row in records(PastRow, one.rows[one.rows["key"].isin(keys)]))
    return {(run, row.key): row for run, row in found if (run, row.key) in wanted}


def _of_decision(made: PastDecision, row: PastRow | None) -> Said:
    """What the PSA billed and what was decided instead; where the numbers have moved since, what was typed alone."""
    same = row is not None and row.fingerprint == made.fingerprint
    old = amount(row.psa_quantity, row.unit_price) if row is not None and same else ""
    answer = str(made.status) + (f": {made.problem}" if made.problem else "")
    new = _decided(made, row if same else None)
    return made.run, made.person, str(made.action), old, new, made.reason, made.note, made.source, answer


def _decided(made: PastDecision, row: PastRow | None) -> str:
    if made.action in (Action.DISMISS, Action.ASK):
        return ""
    quantity, price = made.quantity, made.new_price
    if row is not None:
        quantity = row.to_bill if quantity is None else quantity
        price = row.unit_price if price is None else price
    said = amount(Decimal(0) if made.action is Action.END_LINE else quantity, price)
    return said + (f" from {made.effective_date}" if made.effective_date else "")


def amount(quantity: Decimal | None, price: Decimal | None) -> str:
    """A quantity at a price, as far as they are known."""
    parts = (number(quantity) if quantity is not None else "", f"at {price_text(price)}" if price is not None else "")
    return " ".join(part for part in parts if part)


def price_text(price: Decimal) -> str:
    """A price with two places, and more where it has them."""
    text = number(price)
    places = len(text.partition(".")[2])
    return f"{price:,.2f}" if places < 2 else text


def _standing(key: str, whose: Mapping[str, object], now: Mapping[str, str]) -> str | None:
    """The line of the workbook that a key is about; None: none of them."""
    return key if key in whose else now.get(key)


def _newest(found: Iterable[tuple[str, str | None, Said]]) -> Iterator[tuple[str, str, Said]]:
    counts: dict[str, int] = {}
    numbered = ((at, place, key, said) for place, (at, key, said) in enumerate(found) if key is not None)
    for at, _, key, said in sorted(numbered, key=lambda one: one[:2], reverse=True):
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= MOST_A_LINE:
            yield at, key, said


def _logged(
    kept: Iterable[tuple[str, str, Said]], whose: Mapping[str, tuple[str, str, str]], periods: Mapping[str, str]
) -> Iterator[Logged]:
    for place, (at, key, (run, who, action, old, new, reason, note, source, answer)) in enumerate(kept, 1):
        named = (f"log:{place:06}", key, at, periods[run], run, *whose[key])
        yield Logged(*named, who, action, old, new, reason, note, source, answer)
