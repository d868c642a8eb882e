"""Sets the text of single cells in a worksheet's own XML, as it streams by; every other byte stays as it is.

The XML is not parsed: rows and cells are found by their tags, which text can never look like, for it has no bare "<". What
could deceive that (comments, other encodings) is not recognised.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape

from workbooks.sheet_scan import address, column_number
from workbooks.zip_copy import NotRecognised

Texts = Mapping[int, tuple[int, str]]
"""By row from 0: the column from 0, and the text of its cell; an empty text empties the cell."""

LONGEST_STRETCH = 32 << 20
"""Bytes before the rows, or of one row."""
_START = re.compile(rb"<(?:([\w.-]+):)?sheetData(?=[\s/>])[^>]*>")
_ODD = b"<!"
"""Begins comments, unparsed text and document types, and nothing else."""
_ENCODING = re.compile(rb"<\?xml[^>]*\sencoding\s*=\s*[\"']([^\"']+)")
_ATTRIBUTE = re.compile(rb"([\w:.-]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_GOES_WITH_THE_VALUE = (b"t", b"cm", b"vm")


@dataclass(frozen=True, slots=True)
class _Names:
    """What rows and cells are called in a sheet: programs may put a prefix before every name."""

    prefix: bytes
    row: re.Pattern[bytes]  # a row's first tag, or the end of all rows
    row_end: bytes
    cell: re.Pattern[bytes]
    cell_end: bytes
    formula: re.Pattern[bytes]
    value: re.Pattern[bytes]


@cache
def _names(prefix: bytes) -> _Names:
    p = re.escape(prefix)
    return _Names(
        prefix,
        re.compile(rb"<(?:" + p + rb"row(?=[\s/>])[^>]*|/" + p + rb"sheetData\s*)>"),
        b"</" + prefix + b"row>",
        re.compile(rb"<" + p + rb"c(?=[\s/>])[^>]*>"),
        b"</" + prefix + b"c>",
        re.compile(rb"<" + p + rb"f[\s/>]"),
        re.compile(rb"<" + p + rb"(?:v|is)[\s/>]"),
    )


def with_texts(pieces: Iterable[bytes], texts: Texts) -> Iterator[bytes]:
    """The sheet with these texts. NotRecognised, at the latest at the end, where one of them has no place."""
    missing, incoming = dict(texts), _plain(pieces)
    head = bytearray()
    start = None
    while start is None:
        head += _next(incoming, head)
        start = _START.search(head)
    _refuse_other_encodings(bytes(head[:200]))
    yield bytes(head[: start.end()])
    rest, ended = bytes(head[start.end() :]), start[0].endswith(b"/>")
    names, last = _names(start[1] + b":" if start[1] else b""), -1
    while not ended:
        made, rest, last, ended = _rows(rest, names, last, missing)
        yield made
        rest += b"" if ended else _next(incoming, rest)
    if any(text for _, text in missing.values()):
        raise NotRecognised(f"row {min(missing) + 1} is not there")
    yield rest
    yield from incoming


def _next(incoming: Iterator[bytes], held: bytes | bytearray) -> bytes:
    piece = next(incoming, None)
    if piece is None or len(held) > LONGEST_STRETCH:
        raise NotRecognised("the sheet's rows are not found")
    return piece


def _plain(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces, unless they hold what would hide a tag from us, or what only looks like one."""
    before = b""
    for piece in pieces:
        if _ODD in piece or before + piece[:1] == _ODD:
            raise NotRecognised("the sheet holds comments or unparsed text")
        before = piece[-1:]
        yield piece


def _refuse_other_encodings(start: bytes) -> None:
    named = _ENCODING.match(start.removeprefix(b"\xef\xbb\xbf"))
    if named and named[1].lower() not in (b"utf-8", b"us-ascii"):
        raise NotRecognised(f"the sheet is encoded as {named[1].decode('ascii', 'replace')}")


def _rows(data: bytes, names: _Names, last: int, missing: dict[int, tuple[int, str]]) -> tuple[bytes, bytes, int, bool]:
    """The whole rows of the data with their texts, what is left over, the last row's number, and whether it was the last of all.

    missing: texts that have no row yet; those that are found are taken out.
    """
    made: list[bytes] = []
    done = at = 0
    while found := names.row.search(data, at):
        tag = found[0]
        if tag.startswith(b"</"):
            made.append(data[done : found.end()])
            return b"".join(made), data[found.end() :], last, True
        end = found.end() if tag.endswith(b"/>") else data.find(names.row_end, found.end())
        if end < 0:
            break
        last = _row_number(tag, last)
        if last in missing and not tag.endswith(b"/>"):
            column, text = missing.pop(last)
            made += [data[done : found.start()], _row(tag, data[found.end() : end], names, last, column, text)]
            done = end
        at = end
    return b"".join([*made, data[done:at]]), data[at:], last, False


def _row_number(tag: bytes, last: int) -> int:
    if tag.count(b' r="') == 1:
        begin = tag.index(b' r="') + 4
        return _number(tag[begin : tag.index(b'"', begin)]) - 1
    given = dict(_ATTRIBUTE.findall(tag)).get(b"r")
    return _number(given[1:-1]) - 1 if given else last + 1


def _number(digits: bytes) -> int:
    if not digits.isdigit():
        raise NotRecognised("a row has no number")
    return int(digits)


def _row(tag: bytes, cells: bytes, names: _Names, row: int, column: int, text: str) -> bytes:
    """The row up to its end tag, with the text in its cell."""
    begin, end = _cell(cells, names, row, column)
    if begin == end:
        if not text:
            return tag + cells
        new = b'<%bc r="%b"%b' % (names.prefix, address(row, column).encode(), _content(names, text))
        return _spanning(tag, column) + cells[:begin] + new + cells[end:]
    return tag + cells[:begin] + _with_text(cells[begin:end], names, address(row, column), text) + cells[end:]


def _cell(cells: bytes, names: _Names, row: int, column: int) -> tuple[int, int]:
    """From where to where the cell stands in the row; an empty stretch where it is to be put."""
    begin = cells.find(b'<%bc r="%b"' % (names.prefix, address(row, column).encode()))
    if begin >= 0:
        return begin, _end_of_cell(cells, names, cells.index(b">", begin) + 1)
    at, place = 0, -1
    while found := names.cell.search(cells, at):
        given = dict(_ATTRIBUTE.findall(found[0])).get(b"r")
        place = column_number(given.decode()) if given else place + 1
        if place > column:
            return found.start(), found.start()
        at = _end_of_cell(cells, names, found.end())
        if place == column:
            return found.start(), at
    return len(cells), len(cells)


def _end_of_cell(cells: bytes, names: _Names, behind: int) -> int:
    if cells[behind - 2 : behind] == b"/>":
        return behind
    end = cells.find(names.cell_end, behind)
    if end < 0:
        raise NotRecognised("a cell has no end")
    return end + len(names.cell_end)


def _with_text(cell: bytes, names: _Names, where: str, text: str) -> bytes:
    """The cell with its style and the text. One with a formula is somebody's own; others may rest on it."""
    if names.formula.search(cell):
        if text:
            raise NotRecognised(f"{where} holds a formula")
        return cell
    if not text and not names.value.search(cell):
        return cell
    tag = cell[: cell.index(b">")].removesuffix(b"/")
    kept = [b" %b=%b" % pair for pair in _ATTRIBUTE.findall(tag) if pair[0] not in _GOES_WITH_THE_VALUE]
    return b"<%bc%b%b" % (names.prefix, b"".join(kept), _content(names, text) if text else b"/>")


def _content(names: _Names, text: str) -> bytes:
    """The rest of a cell's first tag, its text and its end."""
    p = names.prefix
    inner = escape(_LOOKS_ESCAPED.sub("_x005F_", text), quote=False).encode()
    return b' t="inlineStr"><%bis><%bt>%b</%bt></%bis></%bc>' % (p, p, inner, p, p, p)


def _spanning(tag: bytes, column: int) -> bytes:
    """The row's tag, saying that its cells reach to this column."""
    found = re.search(rb'spans="(\d+):(\d+)"', tag)
    if not found or int(found[1]) <= column + 1 <= int(found[2]):
        return tag
    spans = b'spans="%d:%d"' % (min(int(found[1]), column + 1), max(int(found[2]), column + 1))
    return tag[: found.start()] + spans + tag[found.end() :]
