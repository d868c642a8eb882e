"""The mapping workbook: writes what is mapped and set, reads it back with every problem's cell."""

import datetime as dt
import types
from collections.abc import Iterable
from collections.abc import Mapping as Lookup
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from core.mapping import AccountMapping, Mapping, ServiceMapping, ServiceRule, Tie
from core.records import Problem
from core.settings import Settings
from workbooks.formats import FONT, NAVY, NUMBERS
from workbooks.layout import Column, Kind, Sheet
from workbooks.layout_mapping import ACCOUNTS, MAPPING_SHEETS, NO_VENDOR, RULES, SERVICES, SETTINGS, TIES
from workbooks.pen import Pen
from workbooks.sheet_scan import address
from workbooks.typed_values import NotUnderstoodError, date, number, plain, text, word

RECORDS: Lookup[str, type] = {
    ACCOUNTS.name: AccountMapping,
    SERVICES.name: ServiceMapping,
    RULES.name: ServiceRule,
    TIES.name: Tie,
}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MappingFile:
    """What a mapping workbook holds. `settings` is None where the file has no such sheet."""

    mapping: Mapping
    settings: Settings | None
    problems: tuple[Problem, ...]


def write_mapping(mapping: Mapping, settings: Settings, path: Path) -> None:
    """Writes the mapping workbook; every sheet stands there, empty or not, so that it can be filled."""
    rows: dict[str, Iterable[Lookup[str, Any]]] = {
        ACCOUNTS.name: map(_shown, mapping.accounts),
        SERVICES.name: map(_shown, mapping.services),
        RULES.name: map(_shown, mapping.rules),
        TIES.name: map(_shown, mapping.ties),
        NO_VENDOR.name: ({"service_id": s} for s in sorted(mapping.none_expected)),
        SETTINGS.name: (
            {"name": f.name, "value": _word(getattr(settings, f.name)), "help": f.metadata["help"]} for f in fields(Settings)
        ),
    }
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        header = book.add_format({**FONT, "bold": True, "font_color": "#FFFFFF", "bg_color": NAVY, "text_wrap": True})
        for sheet in MAPPING_SHEETS:
            _write_sheet(book, sheet, list(rows[sheet.name]), header)


def _shown(record: Any) -> dict[str, Any]:
    return {f.name: _word(getattr(record, f.name)) for f in fields(record)}


def _word(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, StrEnum) else value


def _write_sheet(book: xlsxwriter.Workbook, sheet: Sheet, rows: list[Lookup[str, Any]], header: Any) -> None:
    page = book.add_worksheet(sheet.name)
    pen = Pen(page)
    quoted = book.add_format({**FONT, "quote_prefix": True})
    for place, column in enumerate(sheet.columns):
        look = book.add_format({**FONT, "num_format": NUMBERS[column.kind]})
        page.set_column(place, place, column.width)
        pen.value(0, place, column.header, header)
        page.write_comment(0, place, column.legend)
        for index, row in enumerate(rows):
            pen.value(index + 1, place, row[column.name], look, quoted)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(1, len(rows)), len(sheet.columns) - 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def read_mapping(path: Path) -> MappingFile:
    """What the file says; sheets it lacks say nothing. A file that is no workbook is one problem."""
    problems: list[Problem] = []
    try:
        with CalamineWorkbook.from_path(path) as book:
            found = {s.name: book.get_sheet_by_name(s.name).to_python(skip_empty_area=False) for s in book.sheets_metadata}
    except (CalamineError, OSError) as error:
        return MappingFile(Mapping(), None, (Problem(path.name, f"is no mapping workbook that can be read: {error}"),))
    known = {sheet.name: _Reader(path.name, sheet, found[sheet.name], problems) for sheet in MAPPING_SHEETS if sheet.name in found}
    if not known:
        names = ", ".join(s.name for s in MAPPING_SHEETS)
        problems.append(Problem(path.name, f"has none of the sheets {names}; make one with: tieout mapping --out FILE.xlsx"))
    made = {name: known[name].records(record) if name in known else () for name, record in RECORDS.items()}
    none = known[NO_VENDOR.name].column("service_id") if NO_VENDOR.name in known else ()
    mapping = Mapping(made[ACCOUNTS.name], made[SERVICES.name], made[RULES.name], made[TIES.name], frozenset(none))
    problems += _shares(path.name, mapping)
    settings = known[SETTINGS.name].settings() if SETTINGS.name in known else None
    return MappingFile(mapping, settings, tuple(problems))


def _shares(file: str, mapping: Mapping) -> list[Problem]:
    """R13: one account to several customers only by shares that add to the whole."""
    total: dict[tuple[str, str, str], Decimal] = {}
    for a in mapping.accounts:
        key = (a.vendor, a.account_id, a.account)
        total[key] = total.get(key, Decimal(0)) + a.share
    return [
        Problem(f"{file}, {ACCOUNTS.name}", f"the shares of {account} ({account_id}) at {vendor} add up to {share}, not to 1")
        for (vendor, account_id, account), share in total.items()
        if share != 1
    ]


class _Reader:
    """One sheet of the file, by its header."""

    def __init__(self, file: str, sheet: Sheet, rows: list[list[Any]], problems: list[Problem]) -> None:
        self._place, self._sheet, self._rows, self._problems = f"{file}, {sheet.name}", sheet, rows, problems
        headers = {word(cell): i for i, cell in enumerate(rows[0])} if rows else {}
        self._at = {c.name: headers[word(c.header)] for c in sheet.columns if word(c.header) in headers}
        for c in sheet.columns[:1]:
            if c.name not in self._at:
                problems.append(Problem(f"{self._place}!A1", f"the header {c.header!r} is missing in row 1"))

    def _filled(self) -> Iterable[tuple[int, list[Any]]]:
        for index, row in enumerate(self._rows[1:], start=1):
            if any(plain(cell) for cell in row):
                yield index, row

    def column(self, name: str) -> list[str]:
        at = self._at.get(name)
        return [] if at is None else [t for _, row in self._filled() if at < len(row) and (t := text(row[at]))]

    def records(self, record: type[T]) -> tuple[T, ...]:
        """Every row as a record; a row with a problem is left out and told."""
        made = []
        for index, row in self._filled():
            given, well = {}, True
            for column in self._sheet.columns:
                at = self._at.get(column.name)
                cell = row[at] if at is not None and at < len(row) else ""
                if not plain(cell):
                    continue
                try:
                    given[column.name] = _value(column, record, cell)
                except (NotUnderstoodError, ValueError) as error:
                    well = False
                    self._problems.append(Problem(f"{self._place}!{address(index, at or 0)}", f"{column.header}: {error}"))
            made += self._made(record, given, index) if well else []
        return tuple(made)

    def settings(self) -> Settings:
        """The settings of the sheet; one that is not named keeps its default."""
        given: dict[str, Any] = {}
        names = {f.name for f in fields(Settings)}
        for index, row in self._filled():
            name, cell = plain(row[self._at["name"]]), row[self._at["value"]] if "value" in self._at else ""
            place = f"{self._place}!{address(index, self._at.get('value', 0))}"
            if name not in names:
                self._problems.append(Problem(place, f"{name!r} is not a setting; there are {', '.join(sorted(names))}"))
            elif plain(cell):
                try:
                    given[name] = _value(Column(name, name, 1, Kind.PRICE, ""), Settings, cell)
                except (NotUnderstoodError, ValueError) as error:
                    self._problems.append(Problem(place, f"{name}: {error}"))
        return Settings(**given)

    def _made(self, record: type[T], given: dict[str, Any], index: int) -> list[T]:
        try:
            return [record(**given)]
        except TypeError:
            required = [c.header for c in self._sheet.columns if c.name not in given and c.name in _required(record)]
            self._problems.append(Problem(f"{self._place}, row {index + 1}", f"{' and '.join(required)} must be filled"))
            return []


def _required(record: Any) -> set[str]:
    return {f.name for f in fields(record) if f.default is MISSING and f.default_factory is MISSING}


def _value(column: Column, record: type, cell: Any) -> Any:
    hint = get_type_hints(record)[column.name]
    kinds = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if bool in kinds:
        return _yes(cell)
    enum = next((k for k in kinds if isinstance(k, type) and issubclass(k, StrEnum)), None)
    if enum is not None:
        return _one_of(enum, cell)
    if dt.date in kinds:
        return date(cell)
    return (
        number(cell, column.kind if column.kind is not Kind.TEXT else Kind.PRICE).normalize()
        if Decimal in kinds
        else text(cell)
        if isinstance(cell, str)
        else plain(cell)
    )


def _yes(cell: Any) -> bool:
    if word(cell) not in ("yes", "no", "true", "false", "1", "0"):
        raise NotUnderstoodError(f"{plain(cell)!r} is neither yes nor no")
    return word(cell) in ("yes", "true", "1")


def _one_of(enum: type[StrEnum], cell: Any) -> StrEnum:
    for value in enum:
        if word(value) == word(cell):
            return value
    raise NotUnderstoodError(f"{plain(cell)!r} is none of {', '.join(enum)}")
