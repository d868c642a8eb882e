"""What became of returned copies."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.changes import Change
from core.decisions import Judged
from core.periods import Period
from core.records import Comparison, Problem, Tally


@dataclass(frozen=True, slots=True)
class InvoiceTotal:
    """The total of a vendor's invoice, typed on the cover, against the rows of its file (R16)."""

    source: str
    currency: str
    typed: Decimal
    rows: Decimal
    place: str

    @property
    def difference(self) -> Decimal:
        return self.typed - self.rows

    def __str__(self) -> str:
        agrees = "agrees" if self.difference == 0 else f"differs by {self.difference:+,.2f}"
        rows = f"{self.rows:,.2f} {self.currency}"
        return f"invoice total of {self.source}: typed {self.typed:,.2f}, its rows add up to {rows}: {agrees}"


@dataclass(frozen=True, slots=True)
class Taken:
    """The decisions of the copies, what is to be changed, and what kept the rest from being used."""

    run_id: str
    revision: int | None  # None: unverified
    period: Period
    rows: dict[str, Comparison]  # those that the decisions were judged by, by key
    judged: list[Judged]
    changes: list[Change]
    problems: list[Problem]  # rows that stay undecided
    notices: list[Problem]  # used or harmless, and worth saying
    remapped: int = 0  # entries added to the run's mapping
    totals: tuple[InvoiceTotal, ...] = ()
    copies: tuple[str, ...] = ()  # the ids that the store gave the copies; unverified: none
    tally: tuple[Tally, ...] = ()  # of the run after the copies (R16); unverified, or not asked for: none
    explained: int = 0  # changes since the last period


def problems_of(judged: Iterable[Judged]) -> list[Problem]:
    return [j.problem for j in judged if j.problem]
