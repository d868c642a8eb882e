"""A returned copy against what was issued: every read-only cell that differs is named, and what was issued is what counts.

A decision is only used in a row that was issued with its workbook and shows what its key stands for (`as_shown`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from core.history import History
from core.records import Decision, MappingDecision, Problem
from core.run import Reconciliation
from workbooks.as_shown import changed, differences, not_that_row, stranger
from workbooks.columns import Columns
from workbooks.cover import invoice_rows
from workbooks.decisions_read import SUBJECTS
from workbooks.issued_rows import IssuedRows
from workbooks.layout import COVER, Sheet
from workbooks.layout_tables import INVOICE_TOTALS, NOT_READ, TABLES
from workbooks.layout_vendor import VENDOR
from workbooks.reader import Cells, Returned, with_steps_joined
from workbooks.returned_rows import ReturnedCells
from workbooks.rows import Block, Row, blocks
from workbooks.slice import held
from workbooks.typed_values import plain
from workbooks.unlike import unlike

READ = tuple(sheet for sheet in TABLES if sheet not in NOT_READ)

MANY = 4
"""Changed cells of a row, beside the one that its problem names, from which they are not listed: it is another row."""

S = TypeVar("S", Decision, MappingDecision)


def against_issued(
    returned: Returned, reconciliation: Reconciliation, history: History | None = None
) -> tuple[Returned, tuple[Problem, ...]]:
    """What of a copy counts, as by `as_issued`, and its changed cells, as by `changed_cells`: what was issued is looked up once."""
    compared = _Compared(returned, reconciliation, history)
    return compared.counting(), tuple(compared.notices())


def changed_cells(returned: Returned, reconciliation: Reconciliation, history: History | None = None) -> tuple[Problem, ...]:
    """Each read-only cell that is not as issued, with its place. The change is not used.

    Where a decision cannot be used for it, that is a problem, which `as_issued` names.
    """
    return against_issued(returned, reconciliation, history)[1]


def as_issued(returned: Returned, reconciliation: Reconciliation, history: History | None = None) -> Returned:
    """The same without what is decided in rows that do not show what their key stands for, or were never issued, each told as a
    problem; with the fingerprint, and the vendor and id of each mapping decision, as issued.

    reconciliation: what the workbook holds, which for a slice are its own rows.
    """
    return against_issued(returned, reconciliation, history)[0]


class _Compared:
    """A copy's rows beside what was issued under their keys."""

    def __init__(self, returned: Returned, reconciliation: Reconciliation, history: History | None) -> None:
        totals = Columns.of_rows(INVOICE_TOTALS, invoice_rows(reconciliation.ledger))
        on_cover = Block(INVOICE_TOTALS, COVER, COVER, INVOICE_TOTALS.table, totals)
        self.issued = IssuedRows([*blocks(reconciliation, history, _looked_at(returned)), *([on_cover] if on_cover.size else [])])
        self.returned = returned = with_steps_joined(returned, self.issued.refs() if returned.steps else {})
        self.typed = {cells.decided_at: cells for cells in returned.typed}
        self.issued.make(which for c in returned.typed if (which := (c.sheet.table, c.key)) in self.issued)
        self.wrong = {place: said for place, cells in self.typed.items() if (said := self._wrong(cells))}
        """What keeps what is decided in a row from being used, by the place of the decision."""

    def row(self, cells: Cells) -> Row | None:
        """What was issued under the key of a row."""
        return self.issued.get((cells.sheet.table, cells.key))

    def _wrong(self, cells: Cells) -> Problem | None:
        row = self.row(cells)
        if row is None:
            return self._foreign(cells) or stranger(cells)
        return not_that_row(cells, row, list(differences(cells, row)))

    def _foreign(self, cells: Cells) -> Problem | None:
        """A slice says whose rows it holds."""
        if cells.sheet is not VENDOR or self.returned.identity.whole:
            return None
        return Problem(cells.decided_at, self._not_held(plain(cells.values.get("customer", ""))))

    def _not_held(self, customer: str) -> str:
        whose, own = customer or "another customer", held(self.returned.identity)
        return f"this row of {whose} was not issued with this workbook, which holds only {own}: decide it in a copy that holds it"

    def counting(self) -> Returned:
        """The copy with what counts of it."""
        returned = self.returned
        mappings = [self.with_ids(one) for one in self.usable(returned.mapping_decisions)]
        return replace(
            returned,
            decisions=tuple(self.with_fingerprint(one) for one in self.usable(returned.decisions)),
            mapping_keys=tuple(key for key, _ in mappings),
            mapping_decisions=tuple(said for _, said in mappings),
            typed_totals={w: typed for w, typed in returned.typed_totals.items() if _total_at(returned, w) not in self.wrong},
            problems=(*returned.problems, *self.problems()),
            explanations=tuple(one for one in returned.explanations if one.place not in self.wrong),
        )

    def notices(self) -> Iterator[Problem]:
        """Of every row once: the cells that are not as issued, where no problem says so."""
        told = self._given()
        rows = {cells.decided_at: (cells.key, cells) for cells in self.returned.typed}
        looked_at = ((key, self.returned.cells[key]) for key in unlike(self.returned, self.issued))
        rows |= {c.decided_at: (key, c) for key, c in looked_at}
        self.issued.make((c.sheet.table, key) for key, c in rows.values() if c.values and (c.sheet.table, key) in self.issued)
        for place, (key, cells) in rows.items():
            problem = self.wrong.get(place) if place in told else None
            if (cells.sheet.table, key) not in self.issued:
                if not problem:
                    yield stranger(cells)
            elif cells.values:
                yield from self._notices(cells, self.issued[cells.sheet.table, key], problem)

    @staticmethod
    def _notices(cells: Cells, row: Row, problem: Problem | None) -> Iterator[Problem]:
        differing = [c for c in differences(cells, row) if not problem or cells.at(c.name) != problem.place]
        if not (problem and len(differing) > MANY):
            yield from (changed(cells, row, column) for column in differing)

    def _given(self) -> dict[str, None]:
        """The places of everything that is decided."""
        returned = self.returned
        said = [one.place for one in (*returned.decisions, *returned.mapping_decisions, *returned.explanations, *returned.repeats)]
        return dict.fromkeys([*said, *(_total_at(returned, whose) for whose in returned.typed_totals)])

    def problems(self) -> Iterator[Problem]:
        """Of what is decided and cannot be used."""
        yield from (self.wrong[place] for place in self._given() if place in self.wrong)
        if not self.returned.identity.whole:
            yield from (Problem(d.place, self._not_held("")) for d in self.returned.decisions if self._unheld(d))

    def _unheld(self, decision: Decision) -> bool:
        """Whether a decision that came without a sheet is on a row of another customer."""
        return decision.place not in self.typed and (VENDOR.table, decision.key) not in self.issued

    def usable(self, given: Sequence[S]) -> Iterator[S]:
        """Each decision; where its row does not show what its key stands for, the same one of another row of that key that does."""
        for one in given:
            if one.place in self.wrong:
                yield from self._spare(one)
            elif isinstance(one, MappingDecision) or self.returned.identity.whole or not self._unheld(one):
                yield one

    def _spare(self, one: S) -> Iterator[S]:
        key = self.typed[one.place].key
        for other in self.returned.repeats:
            if isinstance(other, type(one)) and other.place not in self.wrong and self.typed[other.place].key == key:
                yield other
                return

    def with_fingerprint(self, decision: Decision) -> Decision:
        """With the fingerprint that was issued, where the row has none: its other cells say that it is that row."""
        row = None if decision.fingerprint or decision.place not in self.typed else self.row(self.typed[decision.place])
        return replace(decision, fingerprint=str(row["fingerprint"])) if row else decision

    def with_ids(self, said: MappingDecision) -> tuple[str, MappingDecision]:
        """With the vendor and id that were issued under its key, and the key."""
        cells = self.typed[said.place]
        _, vendor, identifier, _ = SUBJECTS[cells.sheet.name]
        row = self.row(cells) or {}
        return cells.key, replace(said, vendor=str(row.get(vendor) or ""), vendor_id=str(row[identifier]))


def _looked_at(returned: Returned) -> Sequence[Sheet]:
    """The sheets whose rows a copy speaks of; one that came without a file names few."""
    if isinstance(returned.cells, ReturnedCells):
        return READ
    named = {cells.sheet.table for cells in (*returned.cells.values(), *returned.typed)}
    return [sheet for sheet in READ if sheet.table in named]


def _total_at(returned: Returned, whose: tuple[str, str]) -> str:
    """Place of a typed invoice total."""
    cells = returned.cells.get("|".join(whose))
    return cells.decided_at if cells else ""
