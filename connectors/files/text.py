"""Text files: which encoding, which separator, and the rows with the lines they start on."""

import csv
import io
import re

from connectors.files.errors import refused
from connectors.files.table import Book, Sheet, header_key

SEPARATORS = ",;\t|"
SAMPLE_ROWS = 40
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\ufffe\uffff]")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def read_text(file: str, data: bytes, vocabulary: frozenset[str]) -> Book:
    """The one table of a text file. `vocabulary` holds the header keys that tell the separator."""
    text, notes = _decoded(file, data)
    if _CONTROL.search(text):
        raise refused(file, "this is not a text file; export it as CSV (UTF-8) or .xlsx")
    if text.lstrip()[:200].casefold().startswith(("<!doctype html", "<html", "<table", "<?xml")):
        raise refused(file, "this is a web page or XML under another name; open it in Excel and save it as .xlsx or CSV")
    text, declared = _without_separator_line(text)
    separator = declared or _separator(text, vocabulary)
    rows, lines = _rows(file, text, separator, 1 if declared is None else 2)
    return Book(file, data, (Sheet(file, None, rows, lines),), separator, notes)


def _decoded(file: str, data: bytes) -> tuple[str, tuple[str, ...]]:
    encoding = _encoding(data)
    try:
        return data.decode(encoding), ()
    except UnicodeDecodeError:
        if encoding != "utf-8-sig":
            raise refused(file, f"the text is damaged ({encoding} was expected); export it as CSV (UTF-8)") from None
    try:
        return data.decode("cp1252"), ("the text is not UTF-8; it was read as Windows-1252: check the accented letters",)
    except UnicodeDecodeError:
        raise refused(file, "the text is neither UTF-8, UTF-16 nor Windows-1252; export it as CSV (UTF-8)") from None


def _encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    sample = data[:2000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) // 8 and min(even, odd) * 4 < max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8-sig"


def _without_separator_line(text: str) -> tuple[str, str | None]:
    found = _SEPARATOR_LINE.match(text)
    return (text[found.end() :], found[1]) if found else (text, None)


def _separator(text: str, vocabulary: frozenset[str]) -> str:
    """The separator that yields a row of the most known headers; else the one that cuts most rows alike."""
    return max(SEPARATORS, key=lambda separator: _fit(text, separator, vocabulary))


def _fit(text: str, separator: str, vocabulary: frozenset[str]) -> tuple[int, int, int]:
    reader = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=separator)
    rows = []
    try:
        for row in reader:
            rows.append(row)
            if len(rows) == SAMPLE_ROWS:
                break
    except csv.Error:
        return 0, 0, 0
    known = max((len(vocabulary.intersection(map(header_key, row))) for row in rows), default=0)
    widths = [len(row) for row in rows if len(row) > 1]
    usual = max(set(widths), key=widths.count, default=0)
    return (known if known > 1 else 0), widths.count(usual), usual


def _rows(file: str, text: str, separator: str, first_line: int) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    line = first_line
    try:
        for row in reader:
            rows.append(row)
            lines.append(line)
            line = reader.line_num + first_line
    except csv.Error as error:
        place = f"{file}, row {len(rows) + 1} (line {line})"
        message = f"a quoted cell starts here and is not closed properly ({error}); separator: {_NAMES.get(separator, separator)}"
        raise refused(place, f"{message}. Export the file again or correct the quotes") from None
    return rows, lines
