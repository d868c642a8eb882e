"""What the checks of one part need to know of others."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbooks.checker.ranges import Range


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A tab of the workbook and the part that holds it."""

    name: str
    number: str  # sheetId
    part: str
    kind: str  # worksheet, chartsheet, ...


@dataclass(frozen=True, slots=True)
class TablePart:
    """A table as its own part declares it."""

    part: str
    name: str
    ref: Range
    columns: tuple[str, ...]
    has_header: bool

    def header_cells(self) -> Mapping[str, str]:
        """The name that each header cell must show, by its address."""
        if not self.has_header:
            return {}
        row, left = self.ref.top, self.ref.left
        return {str(Range(row, left + place, row, left + place)): name for place, name in enumerate(self.columns)}


@dataclass(frozen=True, slots=True)
class Styles:
    """How many formats there are, and which of them show dates."""

    cells: int = 1
    differences: int = 0  # dxfs: formats of conditions and tables
    dates: frozenset[int] = frozenset()


@dataclass(slots=True)
class StringUse:
    """What the sheets use of the shared strings: the highest number, and the header cells that are among them."""

    highest: int = -1
    place: str = ""
    part: str = ""
    headers: dict[int, list[tuple[str, str, str]]] = field(default_factory=dict)  # number: (part, place, column's name)
