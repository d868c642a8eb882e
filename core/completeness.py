"""The completeness proof (R16): what came in, and in which one bucket each of it stands, in rows, units and money."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core import buckets
from core.exact import MONEY, QUANTITY, Ints, decimals, scaled
from core.frames import Objects, array, codes, frame, frame_of_columns
from core.groups import sums
from core.records import State, Tally
from core.run import Inputs
from core.scope import Scope


def ledger(
    inputs: Inputs,
    scope: Scope,
    comparisons: pd.DataFrame,
    no_vendor: pd.DataFrame,
    bucket: Objects,
    units: Ints,
    revenue: Ints,
) -> pd.DataFrame:
    """The Tally frame of both sides: `in` from the files' rows, the buckets from where the rows stand."""
    charges, lines = inputs.charges, inputs.lines
    amount, quantity = scaled(charges["amount"])[0], scaled(lines["quantity"])[0]
    where = _line_buckets(inputs, scope, comparisons, no_vendor)
    both = (
        _tally("vendor", array(charges["source"]), array(charges["currency"]), bucket, buckets.VENDOR, units, amount),
        _tally("psa", _psa_sources(inputs), array(lines["currency"]), where, buckets.PSA, quantity, revenue),
    )
    return pd.concat(both, ignore_index=True)


def _psa_sources(inputs: Inputs) -> pa.Array:
    """Where each line came from: the PSA, of which there is one (R17), or the file that its place names."""
    places = array(inputs.lines["place"])
    named = [source.name for source in inputs.sources if source.role == "PSA"]
    if len(named) == 1:
        return pa.array(named * len(places), pa.string())
    return pc.replace_substring_regex(places, r" row \d+$", "")


def _line_buckets(inputs: Inputs, scope: Scope, comparisons: pd.DataFrame, no_vendor: pd.DataFrame) -> Objects:
    """Each line's bucket, looked up where its row stands: a line that stands nowhere has none."""
    ids = array(inputs.lines["line_id"])
    bucket = np.where(scope.compared, np.array("", dtype=object), np.array(buckets.OUT_OF_SCOPE, dtype=object))
    bucket[np.asarray(pc.is_in(ids, value_set=array(no_vendor["line_id"])))] = buckets.NO_VENDOR
    at = pc.index_in(ids, value_set=array(comparisons["line_id"])).fill_null(-1).to_numpy(zero_copy_only=False)
    states, names = codes(comparisons["state"])
    of_state = {str(State.NO_USAGE): buckets.NO_USAGE, str(State.NOT_KNOWN): buckets.NOT_KNOWN}
    named = np.array([of_state.get(n, buckets.COMPARED) for n in names], dtype=object)
    bucket[at >= 0] = named[states[at[at >= 0]]]
    return bucket


def _tally(
    name: str, source: pa.Array, currency: pa.Array, bucket: Objects, order: Sequence[str], units: Ints, cents: Ints
) -> pd.DataFrame:
    """One row for what came in of each source and currency, then one for each bucket that holds any of it."""
    sources, source_names = codes(source)
    currencies, currency_names = codes(currency)
    place = {b: i + 1 for i, b in enumerate(order)}
    code = sources * max(1, len(currency_names)) + currencies
    width = len(order) + 1
    found, names = codes(pa.array(bucket, pa.string()))
    at = np.array([place.get(n, -1) for n in names], dtype=np.int64)[found]  # -1 stands nowhere: it shows as unexplained
    stands = at >= 0
    within = (code * width + at)[stands]
    length = max(1, len(source_names)) * max(1, len(currency_names)) * width
    totals = [sums(within, v, length) + sums(code * width, v, length) for v in (np.ones(len(code), dtype=np.int64), units, cents)]
    filled = np.flatnonzero(totals[0])
    whose, b = filled // width, filled % width
    return frame_of_columns(
        Tally,
        {
            "ledger": [name] * len(filled),
            "source": [str(source_names[int(w)]) for w in whose // max(1, len(currency_names))],
            "currency": [str(currency_names[int(w)]) for w in whose % max(1, len(currency_names))],
            "bucket": [(buckets.IN, *order)[i] for i in b.tolist()],
            "rows": totals[0][filled],
            "units": decimals(totals[1][filled], None, QUANTITY),
            "money": decimals(totals[2][filled], None, MONEY),
        },
    )


def unexplained(ledger: pd.DataFrame) -> pd.DataFrame:
    """Per ledger, source and currency: what came in less its buckets, in rows, units and money; all zero, or rows are lost."""
    left: dict[tuple[str, str, str], list[Decimal]] = {}
    for row in ledger.itertuples():
        sign = 1 if row.bucket == buckets.IN else -1
        entry = left.setdefault((str(row.ledger), str(row.source), str(row.currency)), [Decimal(0), Decimal(0), Decimal(0)])
        for i, value in enumerate((row.rows, row.units, row.money)):
            entry[i] += sign * Decimal(value)  # type: ignore[arg-type]
    rows = [Tally(*key, "unexplained", int(rows), units, money) for key, (rows, units, money) in left.items()]
    return frame(Tally, rows)
