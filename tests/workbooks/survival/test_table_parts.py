"""Where tables stand, as different programs write it."""

import io
import zipfile

import pytest

from workbooks.gate_archive import open_archive
from workbooks.gate_limits import Limits
from workbooks.gate_xml import SheetPart, Table, tables_of

RELATION = '<Relationships><Relationship Id="r1" Type="http://x/relationships/table" Target="{}"/></Relationships>'
LINES = Table("Lines_Pax8", "Pax8", 6, 0, 75)


@pytest.mark.parametrize(
    ("relation", "part", "found"),
    [
        ("../tables/t.xml", '<table name="x" displayName="Lines_Pax8" ref="A7:BX15"/>', (LINES,)),
        ("/xl/tables/t.xml", '<x:table ref="A7:BX7" name="Lines_Pax8"><x:autoFilter ref="A1:B2"/></x:table>', (LINES,)),
        ("../tables/t.xml", "<table name='Lines_Pax8' ref='A7:BX15'/>", (LINES,)),
        ("../tables/t.xml", '<table name="Lines_Pax8" ref="C3"/>', (Table("Lines_Pax8", "Pax8", 2, 2, 2),)),
        ("../tables/t.xml", '<table name="Lines_Pax8" ref="#REF!"/>', ()),
        ("../tables/t.xml", "<nothing/>", ()),
        ("../tables/gone.xml", '<table name="Lines_Pax8" ref="A7:BX15"/>', ()),
    ],
)
def test_a_table_is_found_by_its_part(relation: str, part: str, found: tuple[Table, ...]) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/worksheets/_rels/sheet1.xml.rels", RELATION.format(relation))
        archive.writestr("xl/tables/t.xml", part)
    opened = open_archive(made, Limits.of(None))
    sheets = [SheetPart("Pax8", "xl/worksheets/sheet1.xml"), SheetPart("Cover", "xl/worksheets/sheet2.xml")]
    assert tuple(table for sheet in sheets for table in tables_of(opened, sheet)) == found
