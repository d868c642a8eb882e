"""What is wrong with a workbook, each with its place, and what to do; the same fault in every row is told only some times."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

TOLD = 10
"""How often one fault is told of one part, before only its number is."""

Note = Callable[[str, str, str], None]
"""Told of a fault in one part: the cell or element, what is wrong, what to do."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something for which Excel offers to repair the file, refuses it, or shows other than what is meant."""

    part: str  # "xl/worksheets/sheet3.xml"
    place: str  # "Pax8!K12", or the element where no cell is meant
    wrong: str
    mend: str

    def __str__(self) -> str:
        where = f"{self.place} ({self.part})" if self.place else self.part
        return f"{where}: {self.wrong}; {self.mend}"


class Faults:
    """Collects faults in the order in which they are found."""

    def __init__(self) -> None:
        self._told: list[Fault] = []
        self._kinds: Counter[tuple[str, str]] = Counter()

    def of(self, part: str) -> Note:
        """How a fault of that part is noted."""

        def note(place: str, wrong: str, mend: str) -> None:
            self._kinds[part, mend] += 1
            if self._kinds[part, mend] <= TOLD:
                self._told.append(Fault(part, place, wrong, mend))

        return note

    def all(self) -> tuple[Fault, ...]:
        """Every fault, part by part; where one stands in many places also the number of those that are not told."""
        more = [
            Fault(part, "", f"{count - TOLD:,} more of the same", mend)
            for (part, mend), count in self._kinds.items()
            if count > TOLD
        ]
        parts = list(dict.fromkeys(part for part, _ in self._kinds))
        return tuple(sorted((*self._told, *more), key=lambda fault: parts.index(fault.part)))
