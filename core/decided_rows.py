"""The rows of a comparison that decisions are judged by: a run has many times as many, and a record takes long to make."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.frames import alike, array, codes, records
from core.records import Comparison


def rows_of_decisions(comparisons: pd.DataFrame, keys: Iterable[str]) -> dict[str, Comparison]:
    """By key: the rows with these keys, and where one has no proposal, the other lines of its group that have none (R1).

    comparisons: a Comparison frame.
    """
    asked = np.asarray(pc.is_in(array(comparisons["key"]), value_set=pa.array(list(set(keys)), pa.string())))
    loose = ~np.asarray(array(comparisons["proposed"]))
    group, _ = alike(codes(comparisons[name])[0] for name in ("customer_id", "service_id"))
    wanted = asked | (loose & np.isin(group, group[asked & loose]))
    chosen = comparisons if wanted.all() else comparisons.take(np.flatnonzero(wanted))
    return {row.key: row for row in records(Comparison, chosen)}
