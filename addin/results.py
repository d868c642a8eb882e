"""What became of the lines, written into the column Result; and what is wrong, listed on a sheet with links to the cells."""

from collections.abc import Iterable, Mapping, Sequence

from addin.cells import filled, quietly, visible_rows, write_column
from addin.decisions import Problem, Spot
from addin.errors import AddInError
from addin.excel import Press
from addin.workbook import Lines, OpenWorkbook
from workbooks.typed_values import plain

WRONG = "✗ "
"""Begins what is written for a problem, so that it goes when the problem does."""

PROBLEMS = "Tieout problems"
MOST_LISTED = 1_000


def write_results(press: Press, results: Mapping[int, tuple[Lines, Mapping[int, str | None]]]) -> str:
    """Writes each sheet's results by row, as far as they say something new; what could not be written, in words."""
    said = ""
    with quietly(press.app()):
        for lines, texts in results.values():
            try:
                _write(lines, texts)
            except AddInError as error:
                said = f"\nThe column Result was not filled: {error}"
    return said


def _write(lines: Lines, texts: Mapping[int, str | None]) -> None:
    if "result" not in lines.places or not texts:
        return
    new = {row: text for row, text in texts.items() if _text(lines.results[row - lines.first]) != (text or "")}
    if new:
        column = lines.places["result"]
        body = lines.sheet.range((lines.first, 1), (lines.last, max(lines.places.values())))
        write_column(lines.sheet, column, new, visible_rows(body))
        for row, text in new.items():
            lines.results[row - lines.first] = text


def _text(value: object) -> str:
    return plain(value) if value is not None else ""


def by_sheet(texts: Iterable[tuple[Spot, str | None]]) -> dict[int, tuple[Lines, dict[int, str | None]]]:
    """Texts by the sheet they stand on, and its row."""
    found: dict[int, tuple[Lines, dict[int, str | None]]] = {}
    for spot, text in texts:
        found.setdefault(id(spot.lines), (spot.lines, {}))[1][spot.row] = text
    return found


def mark(press: Press, workbook: OpenWorkbook, problems: Sequence[Problem]) -> str:
    """Marks the lines with problems, takes away marks that are past, and lists the problems; what could not be done, in words."""
    with quietly(press.app()):
        return _mark(press, workbook, problems)


def _mark(press: Press, workbook: OpenWorkbook, problems: Sequence[Problem]) -> str:
    texts: dict[tuple[int, int], tuple[Spot, str | None]] = {}
    for lines in (*workbook.lines, *workbook.others, *([workbook.steps] if workbook.steps else [])):
        for place, value in enumerate(lines.results):
            if filled(value) and _text(value).startswith(WRONG.strip()):
                texts[id(lines), lines.first + place] = Spot(lines, lines.first + place), None
    for problem in problems:
        texts[id(problem.spot.lines), problem.spot.row] = problem.spot, f"{WRONG}{problem.message}"
    said = write_results(press, by_sheet(texts.values()))
    return said + _listed(workbook, problems)


def _listed(workbook: OpenWorkbook, problems: Sequence[Problem]) -> str:
    """Lists the problems on a sheet of their own, with links."""
    sheets = workbook.book.sheets
    sheet = next((one for one in sheets if one.name == PROBLEMS), None)
    if sheet is None and not problems:
        return ""
    try:
        if sheet is None:
            sheet = sheets.add(PROBLEMS, after=sheets[len(sheets) - 1])
        sheet.clear()
        rows = [["Where", "What is wrong"], *([_link(one.spot), f"'{one.message}"] for one in problems[:MOST_LISTED])]
        sheet.range((1, 1), (len(rows), 2)).value = rows
    except Exception:  # the workbook's structure is protected, or it is shared: the dialog lists them as well
        return f"\nThe sheet {PROBLEMS} could not be written; the problems stand in the column Result."
    return f"\nThey are listed on the sheet {PROBLEMS}." if problems else ""


def _link(spot: Spot) -> str:
    sheet, cell = str(spot).rsplit("!", 1)
    quoted = sheet.replace("'", "''")
    target, shown = (text.replace('"', '""') for text in (f"#'{quoted}'!{cell}", str(spot)))
    return f'=HYPERLINK("{target}","{shown}")'


def told(problems: Sequence[Problem], most: int = 10) -> str:
    """The first problems, for a dialog."""
    lines = [f"{one.spot}: {one.message}" for one in problems[:most]]
    return "\n".join([*lines, *([f"and {len(problems) - most:,} more"] if len(problems) > most else [])])
