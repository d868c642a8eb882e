"""Single faults to plant in the good workbook: the part, what stands there, what is put in its place; where and how it is told."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

LINES, NOTES, LISTS = (f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3))
TABLE, OTHER_TABLE = "xl/tables/table1.xml", "xl/tables/table2.xml"
BOOK, STYLES, STRINGS = "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"
TYPES, CUSTOM, CORE = "[Content_Types].xml", "docProps/custom.xml", "docProps/core.xml"
_RELS = "xl/worksheets/_rels/sheet{}.xml.rels"
_CELL = '<c r="C8"><v>12.5</v></c>'
_FORMULA = '<c r="E8" s="2"><f>Lines[[#This Row],[Amount]]*2</f>'
_LONG = "x" * 300


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault. An empty `old` removes the part; `place` and `wrong` are pieces of what is told."""

    part: str
    old: str
    new: str
    place: str
    wrong: str


def cell(new: str, wrong: str, place: str = "Lines!C8") -> Planted:
    return Planted(LINES, _CELL, new, place, wrong)


def formula(text: str, wrong: str) -> Planted:
    return Planted(LINES, _FORMULA, f'<c r="E8" s="2"><f>{text}</f>', "Lines!E8", wrong)


def sheet_name(name: str, wrong: str) -> Planted:
    return Planted(BOOK, 'name="Lists" sheetId', f'name="{name}" sheetId', name[:20], wrong)


def defined_name(name: str, wrong: str) -> Planted:
    return Planted(BOOK, 'name="Actions"', f'name="{name}"', name, wrong)


PLANTED = {
    # the package
    "no content types": Planted(TYPES, "", "", "", "states every part's content type is missing"),
    "a part of no type": Planted(TYPES, 'Extension="rels"', 'Extension="html"', "_rels/.rels", "no content type is stated"),
    "a table of the plain type": Planted(
        TYPES,
        'PartName="/xl/tables/table1.xml"',
        'PartName="/xl/tables/table9.xml"',
        "rId1",
        "has the content type application/xml",
    ),
    "macros in an xlsx": Planted(
        TYPES,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        BOOK,
        "not that of .xlsx",
    ),
    "a table that is missing": Planted(OTHER_TABLE, "", "", "rId3", "xl/tables/table2.xml, which is not there"),
    "a sheet that is missing": Planted(LISTS, "", "", "rId3", "which is not there"),
    "a relationship that is missing": Planted(
        NOTES, '<drawing r:id="rId2"/>', '<drawing r:id="rId7"/>', "Notes, drawing", "rId7 leads nowhere"
    ),
    "an id twice": Planted(_RELS.format(2), 'Id="rId2"', 'Id="rId1"', "rId1", "two relationships"),
    "an address with a space": Planted(_RELS.format(2), "example/help", "example/a b", "rId1", "too long or holds spaces"),
    "ill-formed": Planted(NOTES, "</sheetData>", "</sheetdata>", NOTES, "no well-formed XML"),
    "a control character": Planted(STRINGS, "<t>Cedar", "<t>\x0bCedar", STRINGS, "no well-formed XML"),
    "a document type": Planted(
        CORE, "<cp:coreProperties", '<!DOCTYPE x [<!ENTITY a "b">]><cp:coreProperties', CORE, "document type declaration"
    ),
    # the workbook and its sheets
    "a long sheet name": sheet_name("L" * 32, "32 characters"),
    "no sheet name": sheet_name("", "0 characters"),
    "an illegal sheet name": sheet_name("a/b", "holds one of"),
    "a quoted sheet name": sheet_name("'Lists", "apostrophe"),
    "History": sheet_name("history", "Excel keeps the name"),
    "two sheets of a name": sheet_name("NOTES", "another sheet has the same name"),
    "two sheets of a number": Planted(BOOK, 'sheetId="2"', 'sheetId="1"', "Notes", "not a number of its own"),
    "a sheet without a part": Planted(BOOK, 'sheetId="3" r:id="rId3"', 'sheetId="3" r:id="rId5"', "Lists", "leads to no sheet"),
    "nothing visible": Planted(BOOK, 'sheetId="', 'state="hidden" sheetId="', BOOK, "no sheet is visible"),
    "a tab that is not there": Planted(BOOK, "<workbookView ", '<workbookView activeTab="3" ', BOOK, "only 3"),
    "calculation before names": Planted(BOOK, "<sheets>", '<calcPr calcId="1"/><sheets>', BOOK, "<sheets> stands behind <calcPr>"),
    # defined names
    "a name with a space": defined_name("All actions", "holds a space"),
    "a name like a cell": defined_name("AB12", "reads like a cell"),
    "a name like a row": defined_name("R1C1", "reads like a cell"),
    "a name twice": Planted(BOOK, 'name="Actions"', 'name="TOTAL_OF_LINES"', "Total_of_lines", "two defined names are the same"),
    "a name of a table": defined_name("lines", "a table has the same name"),
    "a name of another sheet": Planted(BOOK, ">Lists!$A$1:$A$3<", ">Gone!$A$1<", "Actions", "the sheet 'Gone'"),
    "a sheet's number": Planted(BOOK, 'localSheetId="1"', 'localSheetId="3"', "_FilterDatabase", "belongs to sheet 3"),
    "titles of a cell": Planted(BOOK, "Lines!$7:$7", "Lines!$A$7", "Print_Titles", "no rows or columns to repeat"),
    "titles of no sheet": Planted(BOOK, ' localSheetId="0">Lines!$7', ">Lines!$7", "Print_Titles", "belongs to no sheet"),
    # styles
    "a font that is not there": Planted(
        STYLES, '<xf numFmtId="164" fontId="0"', '<xf numFmtId="164" fontId="2"', "cellXfs 1", "fontId 2"
    ),
    "a number format that is not there": Planted(STYLES, '<xf numFmtId="164"', '<xf numFmtId="166"', "cellXfs 1", "numFmtId 166"),
    "an open quote": Planted(STYLES, "yyyy-mm-dd", "yyyy&quot;-mm", "numFmt 164", "leaves a quote"),
    "a style of a style": Planted(STYLES, 'borderId="0" xfId="1"', 'borderId="0" xfId="2"', "cellXfs 3", "rests on style 2"),
    "fonts behind fills": Planted(STYLES, "<fonts ", "<borders/><fonts ", STYLES, "<fonts> stands behind <borders>"),
    # cells
    "NaN": cell('<c r="C8"><v>NaN</v></c>', "no number that Excel can hold"),
    "infinity": cell('<c r="C8"><v>1e999</v></c>', "no number that Excel can hold"),
    "a comma": cell('<c r="C8"><v>12,5</v></c>', "no number that Excel can hold"),
    "neither": cell('<c r="C8" t="b"><v>TRUE</v></c>', "neither true nor false"),
    "an error": cell('<c r="C8" t="e"><v>#WRONG!</v></c>', "no error that Excel knows"),
    "a type": cell('<c r="C8" t="number"><v>1</v></c>', "no type of a cell"),
    "a style": cell('<c r="C8" s="4"><v>1</v></c>', "style 4 is not there"),
    "a shared text": cell('<c r="C8" t="s"><v>23</v></c>', "shared text 23, and there are 23"),
    "no text": cell('<c r="C8" t="inlineStr"></c>', "holds no text"),
    "spaces": cell('<c r="C8" t="inlineStr"><is><t> a</t></is></c>', "starts or ends with spaces"),
    "a long text": cell(f'<c r="C8" t="str"><v>{"x" * 32_768}</v></c>', "32,768 characters"),
    "a long inline text": cell(f'<c r="C8" t="inlineStr"><is><t>{"😀" * 16_384}</t></is></c>', "32,768 characters"),
    "a long shared text": Planted(STRINGS, "<t>Cedar", f"<t>{'x' * 32_764}Cedar", "shared text 11", "32,769 characters"),
    "dropped spaces": Planted(STRINGS, ' xml:space="preserve"', "", "shared text 9", "spaces, which Excel drops"),
    "a cell twice": cell(_CELL * 2, "the cell stands there twice"),
    "cells out of order": cell('<c r="D8"><v>1</v></c>' + _CELL, "behind D8"),
    "a cell of another row": cell('<c r="C9"><v>1</v></c>', "no cell of row 8", "Lines!C9"),
    "a column that is not there": cell('<c r="XFE8"><v>1</v></c>', "no cell of row 8", "Lines!XFE8"),
    "a row twice": Planted(LINES, '<row r="9"', '<row r="8"/><row r="9"', "Lines!8:8", "the row stands there twice"),
    "rows out of order": Planted(LINES, '<row r="7"', '<row r="99"/><row r="7"', "Lines!7:7", "behind row 99"),
    "a high row": Planted(LINES, '<row r="1"', '<row r="1" ht="500"', "Lines!1:1", "height is 500"),
    "deep rows": Planted(LINES, '<row r="1"', '<row r="1" outlineLevel="8"', "Lines!1:1", "outline level is 8"),
    "a day before all days": Planted(LINES, "<v>46333</v>", "<v>-1</v>", "Lines!D8", "-1 is no day"),
    "a day after all days": Planted(LINES, "<v>46333</v>", "<v>2958466</v>", "Lines!D8", "is no day"),
    # formulas
    "a semicolon": formula("IF(C8&gt;1;2;3)", "';' separates arguments"),
    "an open parenthesis": formula("SUM(C8", "( is never closed"),
    "a parenthesis too many": formula("SUM(C8))", ") closes nothing"),
    "an open text": formula("C8&amp;&quot;x", "never closed"),
    "a young function": formula("CONCAT(A8,B8)", "CONCAT is younger"),
    "an at sign": formula("Lines[@Amount]*2", "is how it is typed"),
    "an at sign before a name": formula("@A8:A9", "'@' stands in the formula"),
    "a table that nobody has": formula("SUM(Line[Amount])", "Line is no table"),
    "a column that nobody has": formula("SUM(Lines[Money])", "Lines has no column 'Money'"),
    "a sheet that nobody has": formula("'My lines'!A1", "the sheet 'My lines'"),
    "an equals sign": formula("=C8", "starts with '='"),
    "a long formula": formula("+".join(["C8"] * 2_800), "8,399 characters"),
    "a long text in a formula": formula(f"&quot;{_LONG}&quot;", "a text in the formula has 300"),
    "a deep formula": formula("(" * 65 + "C8" + ")" * 65, "nests more than 64"),
    "a formula of nobody": Planted(LINES, _FORMULA, '<c r="E8" s="2"><f t="shared" si="4"/>', "Lines!E8", "shares formula 4"),
    # tables
    "another header": Planted(TABLE, 'name="Client"', 'name="Customer"', "Lines!B7", "'Client', and the table's column is called"),
    "a header that is no text": Planted(
        LINES, '<c r="B7" t="s"><v>2</v></c>', '<c r="B7"><v>2026</v></c>', "Lines!B7", "header is no text"
    ),
    "a header that is a formula": Planted(
        LINES, '<c r="B7" t="s"><v>2</v></c>', '<c r="B7" t="str"><f>"Client"</f><v>Client</v></c>', "Lines!B7", "is a formula"
    ),
    "no header": Planted(LINES, '<c r="B7" t="s"><v>2</v></c>', "", "Lines!B7", "header is empty"),
    "two tables of an id": Planted(OTHER_TABLE, 'id="2" name="Other"', 'id="1" name="Other"', "Other", "its id '1'"),
    "two tables of a name": Planted(
        OTHER_TABLE, 'displayName="Other"', 'displayName="LINES"', "LINES", "another table has the same"
    ),
    "a table like a cell": Planted(OTHER_TABLE, 'displayName="Other"', 'displayName="X1"', "X1", "reads like a cell"),
    "two columns of a name": Planted(TABLE, 'name="Client"', 'name="REF"', "Lines", "two columns are called 'REF'"),
    "two columns of an id": Planted(TABLE, 'id="2" name="Client"', 'id="1" name="Client"', "Lines", "columns' ids"),
    "a wider table": Planted(TABLE, 'ref="A7:E10"', 'ref="A7:F10"', "Lines", "6 columns wide, and it declares 5"),
    "a table without rows": Planted(OTHER_TABLE, 'ref="E6:F8"', 'ref="E6:F6"', "Other", "no row for data"),
    "another filter": Planted(TABLE, '<autoFilter ref="A7:E10"', '<autoFilter ref="A7:E9"', "Lines", "filter covers A7:E9"),
    "a filter over a table": Planted(
        NOTES, '<autoFilter ref="A6:B7"/>', '<autoFilter ref="A6:E7"/>', "Notes!A6:E7", "filter lies over the table Other"
    ),
    "a merge in a table": Planted(
        NOTES, 'mergeCell ref="A1:C1"', 'mergeCell ref="E7:F7"', "Notes!E7:F7", "merged in the table Other"
    ),
    "a formula of a column": Planted(TABLE, "[Amount]]*2", "[Amount]];2", "Lines[Total]", "';' separates"),
    "a format of a column": Planted(TABLE, 'id="2" name', 'id="2" dataDxfId="1" name', "Lines", "dataDxfId 1 is not there"),
    # what stands around the cells
    "merged twice": Planted(
        NOTES, 'ref="A1:C1"/>', 'ref="A1:C1"/><mergeCell ref="B1:B2"/>', "Notes!B1:B2", "merged together with A1:C1"
    ),
    "merged alone": Planted(NOTES, 'mergeCell ref="A1:C1"', 'mergeCell ref="A1"', "Notes", "'A1' merges nothing"),
    "links before merges": Planted(
        NOTES, "<mergeCells", "<hyperlinks/><mergeCells", "Notes", "<mergeCells> stands behind <hyperlinks>"
    ),
    "a wrong dimension": Planted(LINES, 'ref="A1:E10"', 'ref="A1:E9"', "Lines", "its dimension is A1:E9, and its cells are A1:E10"),
    "a pane that is not there": Planted(
        LISTS,
        'workbookViewId="0"/>',
        'workbookViewId="0"><selection pane="bottomLeft"/></sheetView>',
        "Lists",
        "the pane bottomLeft",
    ),
    "columns twice": Planted(LINES, '<col min="2"', '<col min="1"', "Lines, columns 1 to 2", "twice or out of order"),
    "deep columns": Planted(LINES, 'outlineLevel="1"', 'outlineLevel="8"', "Lines, columns 2 to 2", "outline level is 8"),
    "a long footer": Planted(LINES, "run R-1<", f"run {_LONG}<", "Lines, oddFooter", "306 characters"),
    "a link to nowhere": Planted(NOTES, "'Lines'!A8", "'Line'!A8", "Notes!A3, link", "the sheet 'Line'"),
    "a long tip": Planted(NOTES, 'display="to the line"', f'tooltip="{_LONG}"', "Notes!A3, link", "its tip has 300"),
    "a long text of a link": Planted(
        NOTES, 'display="to the line"', f'display="{"x" * 2_080}"', "Notes!A3, link", "its text has 2,080"
    ),
    # validations and conditional formats
    "a long list": Planted(LINES, '"Approve,Dismiss"', f'"{_LONG}"', "Lines!A8:A10, validation", "its list has 300"),
    "an empty list": Planted(LINES, '<formula1>"Approve,Dismiss"</formula1>', "", "Lines!A8:A10, validation", "its list is empty"),
    "a long title": Planted(LINES, 'promptTitle="Decision"', f'promptTitle="{"x" * 33}"', "validation", "promptTitle has 33"),
    "a long message": Planted(LINES, 'error="No such word."', f'error="{_LONG}"', "validation", "its error has 300"),
    "a validation of nothing": Planted(LINES, 'sqref="A8:A10"', 'sqref=""', "validation", "it is for no cell"),
    "a condition's format": Planted(LINES, 'dxfId="0"', 'dxfId="1"', "Lines!C8:C10, conditional", "format 1 is not there"),
    "a condition's priority": Planted(LINES, 'priority="1"', 'priority="0"', "Lines!C8:C10, conditional", "its priority is '0'"),
    "a condition's formula": Planted(LINES, "$C8&lt;0<", "AND($C8;1)<", "Lines!C8:C10, conditional", "';' separates"),
    "a condition's cells": Planted(LINES, 'sqref="C8:C10"', 'sqref="C8:C10,D1"', "conditional", "which is no range"),
    # properties and charts
    "a property's number": Planted(CUSTOM, 'pid="2"', 'pid="1"', "run", "its pid '1'"),
    "two properties of a number": Planted(CUSTOM, 'pid="3"', 'pid="2"', "revision", "its pid '2'"),
    "two properties of a name": Planted(CUSTOM, 'name="revision"', 'name="RUN"', "RUN", "another property's"),
    "a long property": Planted(CUSTOM, ">R-1<", f">{_LONG}<", "run", "300 characters"),
    "two authors": Planted(CORE, "<dc:creator>", "<dc:creator>A</dc:creator><dc:creator>", "creator", "2 times"),
    "a day that is none": Planted(
        CORE, ">2026-11-26T00:00:00Z</dcterms:created", ">26 Nov</dcterms:created", "created", "is no time"
    ),
    "a chart of no sheet": Planted("xl/charts/chart1.xml", "Lines!$C$8", "Gone!$C$8", "chart series", "the sheet 'Gone'"),
}


def plant(good: Path, path: Path, fault: Planted) -> None:
    """Writes the good workbook with the fault in it."""
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name).decode()
            if name == fault.part:
                if not fault.old:
                    continue
                assert fault.old in data, f"{name} does not hold {fault.old}"
                data = data.replace(fault.old, fault.new)
            target.writestr(name, data)
