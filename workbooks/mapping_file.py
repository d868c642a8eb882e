"""The mapping workbook: writes what is mapped and set, reads it back with every problem's cell."""

import datetime as dt
import re
import tempfile
import types
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Lookup
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from core.dialects import DIALECTS
from core.mapping import AccountMapping, Mapping, ServiceMapping, ServiceRule, Tie
from core.records import Problem
from core.settings import Settings
from workbooks.formats import FONT, NAVY, NUMBERS
from workbooks.gate import limits_for, sheet_names
from workbooks.layout import IDENTITY, Column, Kind, Sheet
from workbooks.layout_mapping import ACCOUNTS, MAPPING_SHEETS, NO_VENDOR, RULES, SERVICES, SETTINGS, TIES
from workbooks.mapping_checks import SENSE, repeated, wrong_shares
from workbooks.packed_sheets import SheetValues
from workbooks.pen import Pen, WorkbookNotWritten
from workbooks.read_apart import read_apart
from workbooks.sheet_scan import WorkbookRefused, address
from workbooks.typed_values import NotUnderstoodError, date, number, plain, text, word

RECORDS: Lookup[str, type] = {
    ACCOUNTS.name: AccountMapping,
    SERVICES.name: ServiceMapping,
    RULES.name: ServiceRule,
    TIES.name: Tie,
}
NEEDED: Lookup[str, tuple[str, ...]] = {
    ACCOUNTS.name: ("vendor", "account_id", "account", "kind"),
    SERVICES.name: ("vendor", "vendor_service_id", "vendor_service", "kind"),
    RULES.name: ("service_id",),
    TIES.name: ("vendor", "reference", "line_id"),
    NO_VENDOR.name: ("service_id",),
    SETTINGS.name: ("name", "value"),
}
"""Columns without which a sheet says nothing."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MappingFile:
    """What a mapping workbook holds. `settings` is None where the file has no such sheet."""

    mapping: Mapping
    settings: Settings | None
    problems: tuple[Problem, ...]


def is_issued(path: Path) -> bool:
    """Whether the file is an issued reconciliation workbook, by its identity sheet."""
    return IDENTITY in _tabs(path)


def is_mapping(path: Path) -> bool:
    """Whether the file is a mapping workbook, by its sheets."""
    return {sheet.name.casefold() for sheet in MAPPING_SHEETS} <= _tabs(path)


def _tabs(path: Path) -> set[str]:
    """The names of a file's sheets, in lower case; none where it cannot be read."""
    try:
        return {name.casefold() for name in sheet_names(path)}
    except (WorkbookRefused, OSError):
        return set()


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
    with _whole(path) as book:
        header = book.add_format({**FONT, "bold": True, "font_color": "#FFFFFF", "bg_color": NAVY, "text_wrap": True})
        for sheet in MAPPING_SHEETS:
            _write_sheet(book, sheet, list(rows[sheet.name]), header)


@contextmanager
def _whole(path: Path) -> Iterator[xlsxwriter.Workbook]:
    """A workbook that stands at its place only once it is complete; what stood there is replaced whole, or left."""
    try:
        with tempfile.TemporaryDirectory(prefix=".tieout-", dir=path.parent) as folder:
            temporary = Path(folder) / path.name
            with xlsxwriter.Workbook(temporary, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
                yield book
            temporary.replace(path)
    except (OSError, FileCreateError) as error:
        raise WorkbookNotWritten(f"{path} could not be written: close it where it is open, then try again ({error})") from error


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
    found = _sheets(path)
    if isinstance(found, Problem):
        return MappingFile(Mapping(), None, (found,))
    problems: list[Problem] = []
    known = {sheet.name: _Reader(path.name, sheet, found[sheet.name], problems) for sheet in MAPPING_SHEETS if sheet.name in found}
    if not known:
        names = ", ".join(s.name for s in MAPPING_SHEETS)
        problems.append(Problem(path.name, f"has none of the sheets {names}; make one with: tieout mapping --out FILE.xlsx"))
    made = {name: known[name].records(record) if name in known else () for name, record in RECORDS.items()}
    none = known[NO_VENDOR.name].column("service_id") if NO_VENDOR.name in known else ()
    mapping = Mapping(made[ACCOUNTS.name], made[SERVICES.name], made[RULES.name], made[TIES.name], frozenset(none))
    settings = known[SETTINGS.name].settings() if SETTINGS.name in known else None
    return MappingFile(mapping, settings, tuple(problems))


def _sheets(path: Path) -> Lookup[str, SheetValues] | Problem:
    """The cells of every sheet by its name, or why there are none."""
    if not path.exists():
        return Problem(str(path), "there is no such file: check the path")
    if path.is_dir():
        return Problem(str(path), "this is a folder: name the mapping workbook in it")
    try:
        return read_apart(path, limits_for(path, None)).sheets
    except (WorkbookRefused, OSError) as error:
        said = f"is no mapping workbook that can be read ({error}): make one with: tieout mapping --out FILE.xlsx"
        return Problem(path.name, said)


class _Reader:
    """One sheet of the file, by its header."""

    def __init__(self, file: str, sheet: Sheet, rows: Sequence[Sequence[Any]], problems: list[Problem]) -> None:
        self._place, self._sheet, self._rows, self._problems = f"{file}, {sheet.name}", sheet, rows, problems
        headers = {word(cell): i for i, cell in enumerate(rows[0])} if rows else {}
        self._at = {c.name: headers[word(c.header)] for c in sheet.columns if word(c.header) in headers}
        self._missing = [c.header for c in sheet.columns if c.name in NEEDED[sheet.name] and c.name not in self._at]
        if self._missing:
            problems.append(Problem(f"{self._place}!A1", f"row 1 lacks the headers {', '.join(self._missing)}"))

    def _filled(self) -> Iterable[tuple[int, Sequence[Any]]]:
        for index, row in enumerate(self._rows[1:], start=1):
            if any(plain(cell) for cell in row):
                yield index, row

    def column(self, name: str) -> list[str]:
        at = self._at.get(name)
        return [] if at is None else [t for _, row in self._filled() if at < len(row) and (t := text(row[at]))]

    def records(self, record: type[T]) -> tuple[T, ...]:
        """Every row as a record; a row with a problem is left out and told."""
        made: list[tuple[int, T]] = []
        for index, row in () if self._missing else self._filled():
            given = self._given(record, index, row)
            made += [(index, one) for one in self._made(record, given, index)] if given is not None else []
        for index, said in (*repeated(made), *wrong_shares(made)):
            self._problems.append(Problem(f"{self._place}, row {index + 1}", said))
        return tuple(one for _, one in made)

    def _given(self, record: type[T], index: int, row: Sequence[Any]) -> dict[str, Any] | None:
        """The filled cells as values; None where one of them cannot be understood."""
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
        return given if well else None

    def settings(self) -> Settings:
        """The settings of the sheet; one that is not named keeps its default."""
        given: dict[str, Any] = {}
        names = {f.name for f in fields(Settings)}
        for index, row in () if self._missing else self._filled():
            name, cell = plain(row[self._at["name"]]), row[self._at["value"]]
            place = f"{self._place}!{address(index, self._at['value'])}"
            if name not in names:
                self._problems.append(Problem(place, f"{name!r} is not a setting; there are {', '.join(sorted(names))}"))
            elif plain(cell):
                try:
                    given[name] = _setting(name, cell)
                except (NotUnderstoodError, ValueError) as error:
                    self._problems.append(Problem(place, f"{name}: {error}"))
        return Settings(**given)

    def _made(self, record: type[T], given: dict[str, Any], index: int) -> list[T]:
        """The record of a row; none where it says too little or what cannot be meant."""
        empty = [c.header for c in self._sheet.columns if c.name not in given and c.name in _required(record)]
        said = [f"{' and '.join(empty)} must be filled"] if empty else []
        one = None if empty else record(**given)
        said += [] if one is None else [wrong for test, wrong in SENSE[record] if not test(one)]
        self._problems += [Problem(f"{self._place}, row {index + 1}", each) for each in said]
        return [] if one is None or said else [one]


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


def _setting(name: str, cell: Any) -> Any:
    found = _value(Column(name, name, 1, Kind.PRICE, ""), Settings, cell)
    if name == "psa" and found not in DIALECTS:
        raise NotUnderstoodError(f"{found!r} is no PSA that is known; there are {', '.join(DIALECTS)}")
    if name == "currency" and not re.fullmatch("[A-Z]{3}", found):
        raise NotUnderstoodError(f"{found!r} is not a currency; write it as three letters, such as USD")
    if isinstance(found, Decimal) and found < 0:
        raise NotUnderstoodError(f"{found} is below zero")
    return found


def _yes(cell: Any) -> bool:
    if word(cell) not in ("yes", "no", "true", "false", "1", "0"):
        raise NotUnderstoodError(f"{plain(cell)!r} is neither yes nor no")
    return word(cell) in ("yes", "true", "1")


def _one_of(enum: type[StrEnum], cell: Any) -> StrEnum:
    for value in enum:
        if word(value) == word(cell):
            return value
    raise NotUnderstoodError(f"{plain(cell)!r} is none of {', '.join(enum)}")
