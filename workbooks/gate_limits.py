"""How large a returned workbook may be: derived from what was issued, so that a small issue cannot come back as a flood."""

import math
from dataclasses import dataclass

MIB = 1024 * 1024
UNKNOWN = 100_000
"""Rows that are taken for issued where nobody can say how many were."""

LONGEST_TEXT = 32_767 * 6
"""Bytes between two tags: the longest text of a cell in its longest spelling."""
MOST_PACKED = 100
"""A part beyond eight MiB may unpack to this many times what it takes; our densest sheets reach thirty, a bomb a thousand."""
COLUMN_BLOCKS = 6
"""Cells may stand up to column FZ: twice the 76 columns of a vendor's sheet, and what is left of that block of letters."""

_BYTES_A_ROW = 24_000
_CELLS_A_ROW = 160


@dataclass(frozen=True, slots=True)
class Limits:
    """The most of everything. Rows are of one sheet, everything else of the whole file."""

    rows: int
    cells: int
    unpacked: int  # bytes
    parts: int

    @classmethod
    def of(cls, issued: int | None) -> "Limits":
        """For a workbook of that many rows; None: not known. Twice the rows, and room for what people add."""
        rows = _two_digits(2 * (UNKNOWN if issued is None else issued) + 20_000)
        return cls(rows, rows * _CELLS_A_ROW, 64 * MIB + rows * _BYTES_A_ROW, 5_000)

    @property
    def packed(self) -> int:
        """Bytes of the file itself."""
        return 32 * MIB + self.unpacked // 4

    @property
    def columns(self) -> int:
        return 26 * (COLUMN_BLOCKS + 1)

    @property
    def memory(self) -> int:
        """Bytes that reading may take. A cell of the sheet at hand takes seventy; no file is as full as it may be."""
        return 512 * MIB + 40 * self.cells

    @property
    def processor_seconds(self) -> int:
        return 60 + self.cells // 250_000

    @property
    def seconds(self) -> int:
        """On the clock of a busy machine."""
        return 4 * self.processor_seconds

    @property
    def answer(self) -> int:
        """Bytes of what was read, column by column."""
        return 64 * MIB + self.unpacked


def _two_digits(count: int) -> int:
    """Rounded up to two digits and noughts: such a limit can be told from a number's first digits."""
    unit = int(10 ** max(0, math.floor(math.log10(count)) - 1))
    return -(-count // unit) * unit
