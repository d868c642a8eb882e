"""Texts set in a sheet's own XML: in whatever way a program has written the cell, and nothing else of it changes."""

from collections.abc import Iterator

import pytest

from workbooks.result_cells import with_texts
from workbooks.zip_copy import NotRecognised

SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEAD = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet {SPACE}><dimension ref="A1:C9"/><cols/>'
TAIL = '<autoFilter ref="A1:C9"/><extLst><row r="2"/></extLst></worksheet>'
NEW = ' t="inlineStr"><is><t>done: 28</t></is></c>'


def sheet(rows: str) -> bytes:
    return f"{HEAD}<sheetData>{rows}</sheetData>{TAIL}".encode()


def spliced(data: bytes, texts: dict[int, tuple[int, str]], size: int = 1 << 20) -> str:
    pieces: Iterator[bytes] = (data[at : at + size] for at in range(0, len(data), size))
    return b"".join(with_texts(pieces, texts)).decode()


CASES = [
    ("empty cell", '<row r="2"><c r="A2"/><c r="C2" s="7"/></row>', f'<row r="2"><c r="A2"/><c r="C2" s="7"{NEW}</row>'),
    ("shared string", '<row r="2"><c r="C2" s="7" t="s"><v>12</v></c></row>', f'<row r="2"><c r="C2" s="7"{NEW}</row>'),
    ("inline string", '<row r="2"><c r="C2" t="inlineStr"><is><t>old</t></is></c></row>', f'<row r="2"><c r="C2"{NEW}</row>'),
    ("number", '<row r="2"><c s="1" r="C2"><v>4</v></c><c r="D2"/></row>', f'<row r="2"><c s="1" r="C2"{NEW}<c r="D2"/></row>'),
    ("with metadata", '<row r="2"><c r="C2" cm="1" vm="2"><v>4</v></c></row>', f'<row r="2"><c r="C2"{NEW}</row>'),
    ("missing at the end", '<row r="2" spans="1:3"><c r="A2"/></row>', f'<row r="2" spans="1:3"><c r="A2"/><c r="C2"{NEW}</row>'),
    ("missing in between", '<row r="2"><c r="A2"/><c r="D2"/></row>', f'<row r="2"><c r="A2"/><c r="C2"{NEW}<c r="D2"/></row>'),
    ("missing behind the span", '<row r="2" spans="1:2"><c r="A2"/></row>',
     f'<row r="2" spans="1:3"><c r="A2"/><c r="C2"{NEW}</row>'),
    ("a row without cells before", '<row r="1"/><row r="2"><c r="C2"/></row>', f'<row r="1"/><row r="2"><c r="C2"{NEW}</row>'),
    ("no addresses", "<row><c/></row><row><c/><c><v>1</v></c><c s='3'/></row>",
     f"<row><c/></row><row><c/><c><v>1</v></c><c s='3'{NEW}</row>"),
    ("no addresses, missing", "<row/><row><c/></row>", f'<row/><row><c/><c r="C2"{NEW}</row>'),
    ("rows out of order", '<row r="3"/><row r="2"><c r="C2"/></row>', f'<row r="3"/><row r="2"><c r="C2"{NEW}</row>'),
    ("a text like a cell", '<row r="2"><c r="B2" t="str"><v>&lt;c r="C2"> r="C2"</v></c><c r="C2"/></row>',
     f'<row r="2"><c r="B2" t="str"><v>&lt;c r="C2"> r="C2"</v></c><c r="C2"{NEW}</row>'),
    ("a formula beside it", '<row r="2"><c r="B2"><f>A2>1</f><v>1</v></c><c r="C2"></c></row>',
     f'<row r="2"><c r="B2"><f>A2>1</f><v>1</v></c><c r="C2"{NEW}</row>'),
    ("line breaks between", '\n <row\n r="2" >\n  <c\n r="C2"  s="7" ></c>\n </row>\n',
     f'\n <row\n r="2" >\n  <c r="C2" s="7"{NEW}\n </row>\n'),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_the_text_stands_in_its_cell_and_the_rest_is_as_it_was(rows: str, expected: str, size: int) -> None:
    assert spliced(sheet(rows), {1: (2, "done: 28")}, size) == sheet(expected).decode()


@pytest.mark.parametrize(("rows", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_prefix_before_every_name_is_followed(rows: str, expected: str) -> None:
    def prefixed(data: bytes) -> bytes:
        for name in (b"row", b"c", b"v", b"f", b"is", b"t", b"sheetData"):
            for end in (b" ", b">", b"/", b"\n"):
                data = data.replace(b"<" + name + end, b"<x:" + name + end).replace(b"</" + name + end, b"</x:" + name + end)
        return data.replace(b"xmlns=", b"xmlns:x=")

    assert spliced(prefixed(sheet(rows)), {1: (2, "done: 28")}) == prefixed(sheet(expected)).decode()


def test_an_empty_text_empties_the_cell_and_puts_none_where_there_is_none() -> None:
    rows = '<row r="1"><c r="A1"/></row><row r="2"><c r="C2" s="7" t="s"><v>1</v></c></row><row r="3"><c r="C3" s="7"/></row>'
    expected = rows.replace('<c r="C2" s="7" t="s"><v>1</v></c>', '<c r="C2" s="7"/>')
    assert spliced(sheet(rows), dict.fromkeys(range(3), (2, ""))) == sheet(expected).decode()


def test_text_is_only_text() -> None:
    made = spliced(sheet('<row r="1"><c r="A1"/></row>'), {0: (0, 'a <b> & "c" _x000D_ é')})
    assert '<c r="A1" t="inlineStr"><is><t>a &lt;b&gt; &amp; "c" _x005F_x000D_ é</t></is></c>' in made


ODD = [
    ("a formula", sheet('<row r="2"><c r="C2"><f>A1</f><v>1</v></c></row>'), "C2 holds a formula"),
    ("a shared formula", sheet('<row r="2"><c r="C2"><f t="shared" si="0"/></c></row>'), "C2 holds a formula"),
    ("no such row", sheet('<row r="1"><c r="C1"/></row>'), "row 2 is not there"),
    ("a row without cells", sheet('<row r="2"/>'), "row 2 is not there"),
    ("no rows at all", f"{HEAD}<sheetData/>{TAIL}".encode(), "row 2 is not there"),
    ("no end", sheet('<row r="2"><c r="C2"/></row>').partition(b"</row>")[0], "not found"),
    ("no sheet data", b"<worksheet/>", "not found"),
    ("a comment", sheet('<!-- <row r="2"><c r="C2"/></row> -->'), "comments"),
    ("unparsed text", sheet('<row r="2"><c r="C2" t="str"><v><![CDATA[<c r="C2"/>]]></v></c></row>'), "comments"),
    ("another encoding", sheet('<row r="2"><c r="C2"/></row>').replace(b"UTF-8", b"ISO-8859-1"), "ISO-8859-1"),
    ("two bytes a letter", sheet('<row r="2"><c r="C2"/></row>').decode().encode("utf-16"), "not found"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "said"), [case[1:] for case in ODD], ids=[case[0] for case in ODD])
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_what_is_not_understood_for_certain_is_not_changed(data: bytes, said: str, size: int) -> None:
    with pytest.raises(NotRecognised, match=said):
        spliced(data, {1: (2, "done: 28")}, size)


def test_a_formula_in_a_cell_with_nothing_to_tell_is_left() -> None:
    data = sheet('<row r="2"><c r="C2"><f>A1</f><v>1</v></c></row>')
    assert spliced(data, {1: (2, "")}) == data.decode()
