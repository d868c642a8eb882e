"""Reads the identity of a returned file from its hidden sheet, whatever the sheet is called now and wherever its rows stand."""

from collections.abc import Iterator, Mapping, Sequence

from workbooks.identity import Identity, from_texts
from workbooks.layout import IDENTITY, SCHEMA_VERSION
from workbooks.sheet_scan import WorkbookRefused

_DEEPEST = 60
"""Rows searched on a sheet of another name: programs put titles above, never that many."""


def read_identity(name: str, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Identity:
    """The one identity of a file; WorkbookRefused where it has none, a damaged one, or those of two workbooks."""
    found = list(_identities(sheets))
    if not found:
        raise WorkbookRefused(
            f"{name} has no identity sheet: return the workbook that was issued, not a copy of some of its sheets."
        )
    first = found[0]
    if any(other != first for other in found[1:]):
        raise WorkbookRefused(
            f"{name} holds the identities of two workbooks: return each workbook as a file of its own, without sheets of another."
        )
    version = first.get("schema_version", "")
    if version.isdigit() and int(version) > SCHEMA_VERSION:
        raise WorkbookRefused(f"{name} was issued by a newer version of Tieout: read it with that version.")
    try:
        return from_texts(first)
    except (KeyError, ValueError) as error:
        raise WorkbookRefused(f"{name} has a damaged identity sheet ({error}): return the workbook as it was issued.") from error


def _identities(sheets: Mapping[str, Sequence[Sequence[object]]]) -> Iterator[dict[str, str]]:
    """The named values of each sheet that is ours by name or by what it holds; a name that stands twice starts another one."""
    for tab, rows in sheets.items():
        ours = tab.casefold() == IDENTITY
        pairs = [pair for row in rows[:_DEEPEST] if (pair := _pair(row))]
        if not ours and not {"schema_version", "workbook_id", "token"} <= {name for name, _ in pairs}:
            continue
        found: dict[str, str] = {}
        for name, text in pairs:
            if name in found:
                yield found
                found = {}
            found[name] = text
        yield found


def _pair(row: Sequence[object]) -> tuple[str, str] | None:
    """The first two cells of a row that follow one another, the first of them filled."""
    at = next((place for place, cell in enumerate(row) if str(cell).strip()), None)
    if at is None or at + 1 >= len(row):
        return None
    return str(row[at]).strip(), _as_text(row[at + 1])


def _as_text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
