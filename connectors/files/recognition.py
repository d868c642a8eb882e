"""Which layout a file has, and where its header row stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.files.errors import ImportRefused, refused
from connectors.files.profile import ColumnRule, Profile
from connectors.files.table import Book, Sheet, cell_text, column_letters, header_key

HEADER_ROWS = 30
"""How far down a header row is looked for."""

NEARLY = 0.8
"""A file with this part of a layout's headers was meant to be of that layout."""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose header row and layout are known."""

    sheet: Sheet
    profile: Profile
    header_row: int
    headers: tuple[str, ...]
    columns: Mapping[str, tuple[int, ...]]  # by the profile's column: where it stands, and its fallback

    def header(self, name: str) -> str:
        """The header as the file writes it."""
        return self.headers[self.columns[name][0]]


@dataclass(frozen=True, slots=True)
class _Candidate:
    sheet: Sheet
    row: int
    profile: Profile
    order: int
    found: Mapping[str, tuple[int, ...]]
    excluded: str | None

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in self.profile.needed if name not in self.found)

    @property
    def matches(self) -> bool:
        return not self.missing and self.excluded is None

    @property
    def share(self) -> float:
        return 1 - len(self.missing) / len(self.profile.needed)

    @property
    def rank(self) -> tuple[int, int, int, int, int]:
        """The layout that asks for most wins; then the user's own; then the fullest header row of the longest sheet."""
        return len(self.profile.needed), -self.order, len(self.found), len(self.sheet.rows), -self.row


def recognise(book: Book, profiles: Sequence[Profile]) -> tuple[Table, tuple[str, ...]]:
    """The table of the best layout with what is to be noted, or ImportRefused naming the headers found and missing."""
    candidates = [c for sheet in book.sheets for c in _candidates(sheet, profiles)]
    best = max((c for c in candidates if c.matches), key=lambda c: c.rank, default=None)
    nearest = max(candidates, key=lambda c: (c.share, c.rank), default=None)
    if best is None:
        raise _unknown(book, nearest) if nearest else _strange(book, profiles)
    meant = [c for c in candidates if c.missing and len(c.profile.needed) > len(best.profile.needed) and c.share >= NEARLY]
    if meant:
        raise _unknown(book, max(meant, key=lambda c: c.share))
    return _table(best), _sheet_notes(book, best, candidates)


def _candidates(sheet: Sheet, profiles: Sequence[Profile]) -> Iterator[_Candidate]:
    for row, cells in enumerate(sheet.rows[:HEADER_ROWS]):
        places: dict[str, int] = {}
        for index, cell in enumerate(cells):
            places.setdefault(header_key(cell_text(cell)), index)
        places.pop("", None)
        if not places:
            continue
        for order, profile in enumerate(profiles):
            found = {name: at for name, rule in profile.columns.items() if (at := _places(rule, places))}
            excluded = next((header for header in profile.excludes if header_key(header) in places), None)
            if found:
                yield _Candidate(sheet, row, profile, order, found, excluded)


def _places(rule: ColumnRule, places: Mapping[str, int]) -> tuple[int, ...]:
    first = next((places[key] for header in rule.headers if (key := header_key(header)) in places), None)
    second = next((places[key] for header in rule.otherwise if (key := header_key(header)) in places), None)
    return tuple(dict.fromkeys(at for at in (first, second) if at is not None))


def _table(best: _Candidate) -> Table:
    headers = [cell_text(cell) for cell in best.sheet.rows[best.row]]
    while headers and not headers[-1]:
        headers.pop()
    used = {at for places in best.found.values() for at in places}
    for at in sorted(used):
        twins = [index for index, header in enumerate(headers) if header_key(header) == header_key(headers[at])]
        if len(twins) > 1:
            columns = " and ".join(column_letters(index) for index in twins)
            place = best.sheet.place(best.row, at, headers[at])
            raise refused(place, f"this header stands over columns {columns}; rename or delete all but one")
    return Table(best.sheet, best.profile, best.row, tuple(headers), best.found)


def _sheet_notes(book: Book, best: _Candidate, candidates: Sequence[_Candidate]) -> tuple[str, ...]:
    if len(book.sheets) < 2:
        return ()
    notes = [f"sheet {best.sheet.name!r} was read, one of {len(book.sheets)}"]
    for name in dict.fromkeys(
        c.sheet.name for c in candidates if c.matches and c.profile is best.profile and c.sheet is not best.sheet
    ):
        notes.append(f"sheet {name!r} has the same headers and was not read; import it as a file of its own if it counts")
    return tuple(notes)


def _strange(book: Book, profiles: Sequence[Profile]) -> ImportRefused:
    """No cell near the top is a header of any layout."""
    sheet, row = _first_row(book)
    simplest = min(profiles, key=lambda profile: len(profile.needed))
    names = ", ".join(repr(simplest.columns[name].headers[0]) for name in simplest.needed)
    message = f"no known layout has these headers: {_shown(sheet, row)}. The simplest, {simplest.title}, needs {names}"
    return refused(sheet.place(row), f"{message}. Export with the header row, or add an import profile")


def _unknown(book: Book, nearest: _Candidate) -> ImportRefused:
    message = f"these headers were found: {_shown(nearest.sheet, nearest.row)}. "
    if nearest.missing:
        names = (f"{nearest.profile.columns[name].headers[0]!r}" for name in nearest.missing)
        message += f"No known layout has them; the nearest, {nearest.profile.title}, also needs {', '.join(names)}"
    else:
        message += f"No known layout has them; it is not {nearest.profile.title}, because of its column {nearest.excluded!r}"
    return refused(nearest.sheet.place(nearest.row), f"{message}. Export with these columns, or add an import profile")


def _first_row(book: Book) -> tuple[Sheet, int]:
    for sheet in book.sheets:
        for row, cells in enumerate(sheet.rows):
            if any(cell_text(cell) for cell in cells):
                return sheet, row
    raise refused(book.file, "the file is empty; export it again")


def _shown(sheet: Sheet, row: int) -> str:
    texts = [text[:40] for cell in sheet.rows[row] if (text := cell_text(cell))]
    more = f" and {len(texts) - 25} more" if len(texts) > 25 else ""
    return ", ".join(texts[:25]) + more
