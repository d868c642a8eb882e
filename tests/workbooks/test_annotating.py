"""Results in somebody's own file: byte for byte the same but for the cells that were written, whoever saved it."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment

from core.run import Reconciliation
from tests.workbooks.office import Office
from tests.workbooks.places import cell, rows_of
from tests.workbooks.zip_parts_of import cells_and_rest, directory, raw_entries
from workbooks.annotating import LONGEST, CellText, NotRecognised, annotate, short
from workbooks.as_shown import RESULT
from workbooks.compare_issued import changed_cells
from workbooks.layout import KEY
from workbooks.layout_tables import UNMAPPED_ACCOUNTS
from workbooks.pen import WorkbookNotWritten
from workbooks.reader import Returned, read_workbook
from workbooks.sheet_places import sheet_parts
from workbooks.sheet_scan import address

DONE, GONE = "done 26 Nov 2026: the PSA shows quantity 28", "conflict: decided on quantity 25, the PSA shows 26"


def saved_by_openpyxl(issued: Path, folder: Path) -> Path:
    book = load_workbook(issued)
    pax8 = rows_of(issued, "Pax8")
    book["Pax8"][cell("decision", min(pax8.values()))].value = "Dismiss"
    book["Pax8"][cell("note", min(pax8.values()))].comment = Comment("ask Zoë", "Anna")
    book["Microsoft"].title = "Microsoft (checked)"
    book.move_sheet("Microsoft (checked)", 3)
    book.save(folder / "openpyxl.xlsx")
    return folder / "openpyxl.xlsx"


def with_parts_of_excel(issued: Path, folder: Path) -> Path:
    """Parts that Excel writes and most libraries lose, streamed: sizes stand behind the data, some in 64 bits."""
    out = io.BytesIO()
    with zipfile.ZipFile(issued) as old, zipfile.ZipFile(_Stream(out), "w", zipfile.ZIP_DEFLATED) as new:  # type: ignore[arg-type]
        for name in old.namelist():
            with new.open(name, "w", force_zip64=len(name) % 2 == 0) as part:
                part.write(old.read(name))
        new.writestr("xl/media/image1.png", bytes(range(256)) * 9, zipfile.ZIP_STORED)
        new.writestr("xl/printerSettings/printerSettings1.bin", b"\0P\0r\0i\0n\0t" * 40)
        new.writestr("xl/drawings/drawing9.xml", "<wsDr><sp>a shape of Anna's</sp></wsDr>")
        new.writestr("xl/drawings/vmlDrawing1.vml", "<xml><v:shape/></xml>")
        new.writestr("xl/comments1.xml", "<comments/>")
        new.writestr("xl/calcChain.xml", "<calcChain/>")
    (folder / "excel.xlsx").write_bytes(out.getvalue())
    return folder / "excel.xlsx"


class _Stream:
    """A file that cannot go back."""

    def __init__(self, out: io.BytesIO) -> None:
        self.write, self.flush = out.write, out.flush


MAKERS: list[Callable[[Path, Path], Path]] = [lambda issued, _: issued, saved_by_openpyxl, with_parts_of_excel]


def all_rows(returned: Returned, text: str = DONE) -> list[CellText]:
    """A text for each row that can show one."""
    return [
        CellText(cells.place.removeprefix(f"{returned.file}, "), cells.row, cells.columns[RESULT], text)
        for cells in returned.cells.values()
        if RESULT in cells.columns
    ]


def parts(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return sheet_parts(archive)


def expect_only(texts: list[CellText], before: Path, after: Path) -> None:
    """Nothing but the texts differs: entries byte for byte, other cells and the XML around them."""
    touched = {parts(before)[one.tab] for one in texts}
    ours, theirs = raw_entries(after), raw_entries(before)
    assert list(ours) == list(theirs)
    assert {name for name in ours if ours[name] != theirs[name]} == touched
    about, was = directory(after), directory(before)
    assert {name: about[name] for name in about if name not in touched} == {n: was[n] for n in was if n not in touched}
    with zipfile.ZipFile(after) as archive, zipfile.ZipFile(before) as old:
        assert archive.testzip() is None
        assert archive.comment == old.comment
    for part in touched:
        wanted = {address(one.row, one.column): one.text for one in texts if parts(before)[one.tab] == part}
        (cells, rest), (old_cells, old_rest) = cells_and_rest(after, part), cells_and_rest(before, part)
        assert rest == old_rest
        assert {at: c for at, c in cells.items() if at not in wanted} == {a: c for a, c in old_cells.items() if a not in wanted}
        for at, text in wanted.items():
            attributes, content = cells[at]
            assert f">{text}<" in content.replace("&gt;", ">")
            assert dict(attributes).get("s") == dict(old_cells[at][0]).get("s")


def expect_reads_alike(before: Path, after: Path, reconciliation: Reconciliation) -> None:
    """The annotated file is valid, and says what the sender's said."""
    load_workbook(after)
    one, other = read_workbook(before), read_workbook(after)

    def unplaced(found: object, name: str) -> str:
        return repr(found).replace(name, "it")

    for field in ("identity", "decisions", "mapping_decisions", "mapping_keys", "problems", "notices"):
        assert unplaced(getattr(one, field), one.file) == unplaced(getattr(other, field), other.file)
    assert unplaced(changed_cells(one, reconciliation), one.file) == unplaced(changed_cells(other, reconciliation), other.file)


@pytest.mark.parametrize("make", MAKERS, ids=["as issued", "openpyxl", "with parts of Excel's"])
def test_nothing_but_the_results_changes(
    issued: Path, reconciliation: Reconciliation, tmp_path: Path, make: Callable[[Path, Path], Path]
) -> None:
    copy, out = make(issued, tmp_path), tmp_path / "out.xlsx"
    returned = read_workbook(copy)
    texts = all_rows(returned)
    assert len({one.tab for one in texts}) == 7
    annotate(copy, out, texts)
    expect_only(texts, copy, out)
    expect_reads_alike(copy, out, reconciliation)
    assert {str(c.values[RESULT]) for c in read_workbook(out).cells.values() if RESULT in c.columns} == {DONE}


def test_what_libreoffice_saved_is_annotated(office: Office, issued: Path, reconciliation: Reconciliation, tmp_path: Path) -> None:
    copy, out = office.saved(issued, ("sort", "Pax8", "A8:BW21", 9), ("insert_columns", "Microsoft", 4, 2)), tmp_path / "out.xlsx"
    returned = read_workbook(copy)
    texts = all_rows(returned)
    annotate(copy, out, texts)
    expect_only(texts, copy, out)
    expect_reads_alike(copy, out, reconciliation)
    assert read_workbook(office.saved(out)).cells.keys() == returned.cells.keys()
    assert {str(c.values[RESULT]) for c in read_workbook(office.saved(out)).cells.values() if RESULT in c.columns} == {DONE}


def test_each_row_gets_its_own_text_wherever_it_stands(issued: Path, tmp_path: Path) -> None:
    copy, out = saved_by_openpyxl(issued, tmp_path), tmp_path / "out.xlsx"
    returned = read_workbook(copy)
    texts = [
        CellText(c.place.removeprefix("openpyxl.xlsx, "), c.row, c.columns[RESULT], f"of {key}")
        for key, c in returned.cells.items()
        if RESULT in c.columns
    ]
    annotate(copy, out, texts)
    found = {str(c.values[KEY]): c.values[RESULT] for c in read_workbook(out).cells.values() if RESULT in c.columns}
    assert len(found) == len(texts)
    assert all(text == f"of {key}" for key, text in found.items())


def test_twice_is_harmless_and_an_earlier_result_is_replaced(issued: Path, tmp_path: Path) -> None:
    texts = all_rows(read_workbook(issued))
    for number, words in enumerate((DONE, DONE, GONE, "")):
        before = issued if number == 0 else tmp_path / f"{number - 1}.xlsx"
        annotate(before, tmp_path / f"{number}.xlsx", [CellText(t.tab, t.row, t.column, words) for t in texts])
    assert (tmp_path / "0.xlsx").read_bytes() == (tmp_path / "1.xlsx").read_bytes()
    assert {str(c.values[RESULT]) for c in read_workbook(tmp_path / "2.xlsx").cells.values() if RESULT in c.columns} == {GONE}
    part = parts(issued)["Pax8"]
    assert cells_and_rest(tmp_path / "3.xlsx", part) == cells_and_rest(issued, part)


def test_the_file_itself_may_be_replaced(issued: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.xlsx"
    own.write_bytes(issued.read_bytes())
    annotate(own, own, all_rows(read_workbook(issued)))
    expect_only(all_rows(read_workbook(issued)), issued, own)
    assert [path.name for path in tmp_path.iterdir()] == ["own.xlsx"]


def changed(issued: Path, folder: Path, change: Callable[[str, bytes], bytes], *more: str) -> Path:
    """The file with other parts."""
    with zipfile.ZipFile(issued) as old, zipfile.ZipFile(folder / "odd.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name in more:
            new.writestr(name, "<more/>")
    return folder / "odd.xlsx"


def with_formula(name: str, data: bytes) -> bytes:
    """A formula of somebody's own in every Result cell of one sheet."""
    column = address(0, UNMAPPED_ACCOUNTS.positions[RESULT])[:-1].encode()
    return re.sub(rb'(<c r="' + column + rb'\d+"[^>]*?)/>', rb"\1><f>1+1</f><v>2</v></c>", data) if "worksheets/" in name else data


ODD: list[tuple[str, Callable[[Path, Path], Path], str]] = [
    ("signed", lambda issued, folder: changed(issued, folder, lambda _, data: data, "_xmlsignatures/sig1.xml"), "signed"),
    ("formula", lambda issued, folder: changed(issued, folder, with_formula), "holds a formula"),
    ("comment", lambda i, f: changed(i, f, lambda n, d: d.replace(b"</sheetData>", b"<!-- --></sheetData>")), "comments"),
    ("no zip", lambda issued, folder: folder / "text.xlsx", "zip"),
    ("cut", lambda issued, folder: folder / "cut.xlsx", "zip"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "said"), [case[1:] for case in ODD], ids=[case[0] for case in ODD])
def test_a_file_that_is_not_understood_for_certain_is_left_alone(
    issued: Path, tmp_path: Path, make: Callable[[Path, Path], Path], said: str
) -> None:
    (tmp_path / "text.xlsx").write_text("no workbook")
    (tmp_path / "cut.xlsx").write_bytes(issued.read_bytes()[:-5_000])
    copy = make(issued, tmp_path)
    before, out = hashlib.sha256(copy.read_bytes()).digest(), tmp_path / "out" / "out.xlsx"
    out.parent.mkdir()
    with pytest.raises(NotRecognised, match=said):
        annotate(copy, out, all_rows(read_workbook(issued)))
    assert list(out.parent.iterdir()) == []
    assert hashlib.sha256(copy.read_bytes()).digest() == before


def test_a_damaged_sheet_is_not_passed_on(issued: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(issued) as archive:
        info = archive.getinfo(parts(issued)["Pax8"])
    data = bytearray(issued.read_bytes())
    data[info.header_offset + 60 + info.compress_size // 2] ^= 0xFF
    (tmp_path / "damaged.xlsx").write_bytes(data)
    with pytest.raises(NotRecognised):
        annotate(tmp_path / "damaged.xlsx", tmp_path / "out.xlsx", [t for t in all_rows(read_workbook(issued)) if t.tab == "Pax8"])
    assert not (tmp_path / "out.xlsx").exists()


def test_a_sheet_that_is_gone_and_a_folder_that_takes_nothing_are_told(issued: Path, tmp_path: Path) -> None:
    with pytest.raises(NotRecognised, match="has no sheet Nowhere"):
        annotate(issued, tmp_path / "out.xlsx", [CellText("Nowhere", 1, 1, DONE)])
    with pytest.raises(WorkbookNotWritten, match="choose another folder"):
        annotate(issued, tmp_path / "none" / "out.xlsx", [])


def test_a_result_is_one_short_line() -> None:
    assert short("refused:\n the PSA\tsays \x07 no") == "refused: the PSA says ␇ no"
    assert len(short("word " * 100)) <= LONGEST
    assert short("word " * 100).endswith("word…")
