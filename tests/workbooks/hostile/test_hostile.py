"""A table of files that are no returned workbook, or more than one: each is refused in one sentence that says what to do."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workbooks.hostile import making
from tests.workbooks.hostile.making import (
    CFB,
    LAUGHS,
    SHEET,
    STRINGS,
    XXE,
    Change,
    Parts,
    as_utf_16,
    replaced,
    with_bomb,
    with_cells,
    with_main_type,
    with_part,
    with_relation,
    with_start,
    zipped,
)
from workbooks.gate import WorkbookRefused
from workbooks.reader import read_workbook

ROOT = Path(__file__).parents[3]
MACROS = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
PREFIXED = "<row><m:c xmlns:m='urn:m' r='XFD1048576'><m:v>1</m:v></m:c></row>"


def with_a_million_rows(parts: Parts) -> None:
    with_cells("".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(100, 1_000_000)))(parts)


CHANGED: dict[str, tuple[Change, str]] = {
    "billion laughs": (with_start(SHEET, LAUGHS), "document type"),
    "laughs in the strings": (with_start(STRINGS, LAUGHS), "document type"),
    "another file as an entity": (with_start("xl/workbook.xml", XXE), "document type"),
    "a document type in the properties": (with_start("docProps/core.xml", XXE), "document type"),
    "a bomb": (with_bomb(60_000_000), "unpacks to far more"),
    "a zip in the zip": (making.nested, "no part of a workbook"),
    "a cell in the last corner": (with_cells('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "cell XFD1048576, far"),
    "a cell far to the right": (with_cells('<row r="99"><c r="GA99"><v>1</v></c></row>'), "cell GA99, far"),
    "a million rows": (with_a_million_rows, "far outside"),
    "a cell of no such name": (with_cells('<row r="99"><c r="ABCD99"><v>1</v></c></row>'), "'ABCD99'"),
    "a cell of row 0": (with_cells('<row r="99"><c r="A0"><v>1</v></c></row>'), "far outside"),
    "a cell of row 99999999": (with_cells('<row r="99"><c r="A99999999"><v>1</v></c></row>'), "'A99999999'"),
    "cells without an address far right": (with_cells('<row r="99">' + "<c><v>1</v></c>" * 300 + "</row>"), "far outside"),
    "a prefix and a far cell": (replaced(SHEET, rb'<c r="A1"', b'<c\tr="XFD1048576"'), "far outside"),
    "a far cell behind a prefix": (with_cells(PREFIXED), "issued"),  # its own sentence, or that it takes too much memory
    "absurd count of texts": (replaced(STRINGS, rb'uniqueCount="\d+"', b'uniqueCount="4000000000"'), "more texts"),
    "a text of megabytes": (replaced(STRINGS, rb"<t>", b"<t>" + bytes(range(65, 91)) * 40_000), "longer than a cell"),
    "macros": (with_part("xl/vbaProject.bin", kind="application/vnd.ms-office.vbaProject"), "macros"),
    "macros by content type only": (with_part("xl/harmless.xml", b"<a/>", "application/vnd.ms-office.vbaProject"), "macros"),
    "a macro-enabled workbook renamed": (with_main_type(MACROS), "macros"),
    "old macro sheets": (with_part("xl/macrosheets/sheet1.xml", b"<a/>"), "macros"),
    "an embedded file": (with_part("xl/embeddings/oleObject1.bin"), "embedded"),
    "ActiveX": (with_part("xl/activeX/activeX1.xml", b"<a/>"), "ActiveX"),
    "links to another workbook": (with_part("xl/externalLinks/externalLink1.xml", b"<a/>"), "break the links"),
    "a connection": (with_part("xl/connections.xml", b"<a/>"), "connection"),
    "a query table": (with_part("xl/queryTables/queryTable1.xml", b"<a/>"), "connection"),
    "an Office add-in": (with_part("xl/webextensions/webextension1.xml", b"<a/>"), "add-in"),
    "own menus": (with_part("customUI/customUI.xml", b"<a/>"), "menus"),
    "a program": (with_part("xl/setup.exe"), "no part of a workbook"),
    "a linked picture": (with_relation("image", "http://tracker.example/p.png"), "fetches something from http://tracker"),
    "a link to a network place": (with_relation("hyperlink", "file://server/share/a.exe"), "remove the link"),
    "a relation to macros": (with_relation("vbaProject", "/x/a.bin", "Internal"), "macros"),
    "a name out of the file": (with_part("../../evil.xml"), "leads out of the file"),
    "an absolute name": (with_part("/etc/passwd.xml"), "leads out of the file"),
    "a name with backslashes": (with_part("xl\\..\\evil.xml"), "leads out of the file"),
    "a sheet in UTF-16": (as_utf_16(SHEET), "not written in UTF-8"),
    "the workbook in UTF-16": (as_utf_16("xl/workbook.xml"), "not written in UTF-8"),
    "another content type": (with_main_type("application/vnd.oasis.opendocument.text"), "not a workbook"),
    "no content types": (lambda parts: parts.pop(making.TYPES) and None, "does not say what its parts are"),
    "a sheet that is no XML": (lambda parts: parts.update({SHEET: b"<worksheet><<<"}), "open it"),
    "a sheet cut off": (lambda parts: parts.update({SHEET: parts[SHEET][:9_000]}), "open it"),
    "relations that are no XML": (lambda parts: parts.update({making.RELATIONS: b"<<<"}), "damaged"),
    "two sheets of one name": (replaced("xl/workbook.xml", rb'name="Summary"', b'name="Cover"'), "two sheets are the same"),
}  # fmt: skip
WHOLE: dict[str, tuple[Callable[[Parts], bytes], str]] = {
    "empty": (lambda _: b"", "is empty"),
    "a text": (lambda _: b"hello", "not a readable Excel workbook"),
    "cut off": (lambda parts: zipped(parts)[:-3_000], "not a readable Excel workbook"),
    "cut off early": (lambda parts: zipped(parts)[:5_000], "not a readable Excel workbook"),
    "something before it": (lambda parts: b"#!/bin/sh\n" + zipped(parts), "not a readable Excel workbook"),
    "something behind it": (lambda parts: zipped(parts) + b"more", "not a readable Excel workbook"),
    "xls": (lambda _: CFB + b"\0" * 4_000, "old .xls format"),
    "encrypted": (lambda _: CFB + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "remove its password"),
    "xlsb": (lambda _: zipped({making.TYPES: b"<a/>", "xl/workbook.bin": b"x"}), "binary workbook (.xlsb)"),
    "ods": (lambda _: making.ods(), "OpenDocument"),
    "a document": (lambda _: zipped({making.TYPES: b"<a/>", "word/document.xml": b"<a/>"}), "no Excel workbook"),
    "many parts": (lambda _: making.many_parts(6_000), "holds 6,000 parts"),
    "overlapping parts": (lambda parts: making.overlapping(zipped(parts)), "not a readable Excel workbook"),
    "a part twice": (lambda parts: making.twice(parts, "xl/styles.xml"), "same part twice"),
    "a size stated too small": (lambda parts: making.stated(zipped(parts), SHEET, 100), "unpacks to far more"),
    "a size stated too large": (lambda parts: making.stated(zipped(parts), SHEET, 900_000), "not a readable Excel workbook"),
    "a gigabyte stated": (lambda parts: making.stated(zipped(parts), SHEET, 1 << 30), "unpacks to far more"),
}  # fmt: skip


@pytest.fixture(scope="module")
def parts(issued: Path) -> Parts:
    return making.parts_of(issued)


def refusal(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(WorkbookRefused) as found:
        read_workbook(path)
    said = str(found.value)
    assert said.startswith(f"{path.name} ")
    assert said.endswith(".")
    assert "\n" not in said
    assert len(said) < 300
    return said


@pytest.mark.parametrize("case", CHANGED)
def test_a_workbook_with_something_hostile_in_it_is_refused_in_a_sentence(case: str, parts: Parts, tmp_path: Path) -> None:
    change, words = CHANGED[case]
    changed = dict(parts)
    change(changed)
    assert words in refusal(tmp_path / "a.xlsx", zipped(changed))


@pytest.mark.parametrize("case", WHOLE)
def test_a_file_that_is_no_workbook_is_refused_in_a_sentence(case: str, parts: Parts, tmp_path: Path) -> None:
    made, words = WHOLE[case]
    assert words in refusal(tmp_path / "a.xlsx", made(dict(parts)))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkbookRefused, match="is a folder: name the workbooks in it"):
        read_workbook(tmp_path)


def test_links_that_a_person_typed_stay(parts: Parts, tmp_path: Path) -> None:
    changed = dict(parts)
    for kind in ("https://example.com/a?b=1", "mailto:anna@northwind.example"):
        with_relation("hyperlink", kind)(changed)
    (tmp_path / "a.xlsx").write_bytes(zipped(changed))
    assert read_workbook(tmp_path / "a.xlsx").problems == ()


MEASURE = """
import json, resource, sys
from pathlib import Path
from workbooks.gate import Limits, limits_for
from workbooks.read_apart import read_apart
from workbooks.sheet_scan import WorkbookRefused
for path in map(Path, sys.argv[1:]):
    try:
        read_apart(path, limits_for(path, None))
    except WorkbookRefused:
        pass
    else:
        sys.exit(f"{path} was read")
own = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([int(own.split()[1]) // 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024]))
"""


def test_no_hostile_file_takes_more_than_fifty_megabytes_to_refuse(parts: Parts, tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("measured where the system says what a process took")
    paths = []
    for number, (change, _) in enumerate(CHANGED.values()):
        changed = dict(parts)
        change(changed)
        paths.append(tmp_path / f"{number}.xlsx")
        paths[-1].write_bytes(zipped(changed))
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, paths)], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert max(json.loads(done.stdout)) < 50
