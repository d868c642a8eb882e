"""The whole check, part by part: first what others rest on, then each sheet, then the texts that they share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from xml.etree.ElementTree import Element

from workbooks.checker.cells import Sheet
from workbooks.checker.chain import read_chain
from workbooks.checker.defined_names import check_names
from workbooks.checker.facts import SheetPart, StringUse, Styles, TablePart
from workbooks.checker.faults import Fault, Faults, Note
from workbooks.checker.formulas import Formulas
from workbooks.checker.other_parts import check_other
from workbooks.checker.package import IllFormedError, Package, opened
from workbooks.checker.packing import CONTENT_TYPES, ContentTypes, check_entries, check_kind, check_types
from workbooks.checker.properties import check_core, check_custom
from workbooks.checker.relationships import Relationships, read_relationships, target_of
from workbooks.checker.shared_strings import check_strings
from workbooks.checker.sheets import check_sheets
from workbooks.checker.styles import check_styles
from workbooks.checker.tables import Taken, check_apart, check_formulas_of, read_table
from workbooks.checker.text import meant
from workbooks.checker.worksheet import check_worksheet
from workbooks.sheet_scan import WorkbookRefused

Found = TypeVar("Found")
_WRITE_ANEW = "write the part anew"


def check_workbook(path: Path) -> tuple[Fault, ...]:
    """Everything for which Excel would offer to repair the file, or show other than what is meant; none: it opens as it is.

    The file is only read, a sheet's cells one at a time. WorkbookRefused where it is no workbook that can be read at all.
    """
    with opened(path) as package:
        return _Check(path, package).run()


@dataclass
class _Check:
    """One workbook on its way through the checks."""

    path: Path
    package: Package
    faults: Faults = field(default_factory=Faults)
    read: set[str] = field(default_factory=set)
    tables: dict[str, list[TablePart]] = field(default_factory=dict)  # by sheet's part
    table_roots: dict[str, tuple[Element, TablePart]] = field(default_factory=dict)
    strings: StringUse = field(default_factory=StringUse)

    def run(self) -> tuple[Fault, ...]:
        check_entries(self.package, self.faults.of(""))
        types = self._content_types()
        self.relationships: Relationships = read_relationships(self.package, types, self.faults)
        self.read |= {part for part in self.package.parts if part.endswith(".rels")}
        book = target_of(self.relationships, "", "officeDocument")
        if book is None or book not in self.package.parts:
            raise WorkbookRefused(f"{self.path.name} holds no workbook: open the right file, or save this one as .xlsx.")
        check_kind(self.path, book, types, self.faults.of(""))
        root = self._tree(book)
        if root is None:
            return self.faults.all()
        if root.tag != "workbook":
            raise WorkbookRefused(
                f"{self.path.name} is no Excel workbook (.xlsb or another kind): save it as .xlsx, then check that."
            )
        self._workbook(book, root)
        return self.faults.all()

    def _content_types(self) -> ContentTypes:
        root = self._tree(CONTENT_TYPES) if CONTENT_TYPES in self.package.parts else None
        if root is None:
            self.faults.of(CONTENT_TYPES)("", "the part that states every part's content type is missing", _WRITE_ANEW)
            return ContentTypes(Element("Types"))
        types = ContentTypes(root)
        check_types(self.package, types, self.faults.of(""))
        return types

    def _workbook(self, book: str, root: Element) -> None:
        sheets = check_sheets(root, self.relationships.get(book, {}), self.faults.of(book))
        styles = self._part(target_of(self.relationships, book, "styles"), check_styles) or Styles()
        worksheets = [sheet for sheet in sheets if sheet.kind == "worksheet"]
        self._tables(worksheets, styles)
        named = [table for tables in self.tables.values() for table in tables]
        columns = {table.name.casefold(): {name.casefold() for name in table.columns} for table in named}
        formulas = Formulas({meant(one.get("name", "")).casefold() for one in root.findall("sheets/sheet")}, columns)
        check_names(root, sheets, columns, formulas, self.faults.of(book))
        for part, (table_root, table) in self.table_roots.items():
            check_formulas_of(table_root, table.name, formulas, self.faults.of(part))
        self._worksheets(root, book, worksheets, styles, formulas)
        self._properties()
        self._others(formulas)

    def _tables(self, sheets: list[SheetPart], styles: Styles) -> None:
        taken = Taken()
        for sheet in sheets:
            found = self.tables.setdefault(sheet.part, [])
            for one in self.relationships.get(sheet.part, {}).values():
                root = self._tree(one.target) if one.kind == "table" and not one.external else None
                if root is not None and (table := read_table(one.target, root, taken, styles, self.faults.of(one.target))):
                    found.append(table)
                    self.table_roots[one.target] = root, table
            check_apart(found, self.faults.of(sheet.part))

    def _worksheets(self, root: Element, book: str, sheets: list[SheetPart], styles: Styles, formulas: Formulas) -> None:
        chain_part = target_of(self.relationships, book, "calcChain")
        chain = self._part(chain_part, lambda chain, _: read_chain(chain)) or {}
        properties = root.find("workbookPr")
        from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        for one in sheets:
            tables, note = self.tables[one.part], self.faults.of(one.part)
            headers = {cell: name for table in tables for cell, name in table.header_cells().items()}
            sheet = Sheet(one.name, one.part, styles, formulas, headers, self.strings, from_1904, chain.get(one.number, set()))
            relationships = self.relationships.get(one.part, {})
            if self._known(one.part):
                self._told(one.part, lambda: check_worksheet(self.package, sheet, tables, relationships, note))  # noqa: B023 - called at once
                for cell in sorted(sheet.chain):
                    wrong = "the calculation chain names this cell, and it has no formula"
                    self.faults.of(chain_part or "")(f"{one.name}!{cell}", wrong, "remove calcChain.xml: Excel makes it anew")
        strings = target_of(self.relationships, book, "sharedStrings")
        strings = strings if strings and self._known(strings) else None
        self._told(strings or "", lambda: check_strings(self.package, strings, self.strings, self.faults))

    def _properties(self) -> None:
        self._part(target_of(self.relationships, "", "core-properties"), check_core)
        self._part(target_of(self.relationships, "", "custom-properties"), check_custom)

    def _others(self, formulas: Formulas) -> None:
        """What nothing has read yet. Drawings of old comments (.vml) are not XML in every program."""
        for part in self.package.parts:
            if part.endswith(".xml") and part not in self.read and part in self.package.parts:
                relationships, note = self.relationships.get(part, {}), self.faults.of(part)
                self._told(part, lambda: check_other(self.package, part, relationships, formulas, note))  # noqa: B023 - called at once

    def _known(self, part: str) -> bool:
        self.read.add(part)
        return part in self.package.parts

    def _tree(self, part: str) -> Element | None:
        """A part as a tree; none where it is missing or ill-formed, which is told."""
        found: list[Element] = []
        if self._known(part):
            self._told(part, lambda: found.append(self.package.tree(part)))
        return found[0] if found else None

    def _part(self, part: str | None, check: Callable[[Element, Note], Found]) -> Found | None:
        """What a check finds in a part that may be missing."""
        root = self._tree(part) if part else None
        return None if root is None or part is None else check(root, self.faults.of(part))

    def _told(self, part: str, work: Callable[[], object]) -> None:
        try:
            work()
        except IllFormedError as error:
            self.faults.of(part)("", str(error), _WRITE_ANEW)
