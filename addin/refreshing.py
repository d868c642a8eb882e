"""Refresh: what moved in the service since the workbook was issued. What is typed stays, and stays decided on the numbers that the
person saw: a line that moved is marked, never changed under a decision."""

from addin.cells import filled
from addin.decisions import Body, Spot
from addin.excel import Press
from addin.receipts import fill_receipts
from addin.results import WRONG, by_sheet, write_results
from addin.service import Service, service_of
from addin.validating import counted
from addin.workbook import Lines, OpenWorkbook, open_workbook
from workbooks.layout import KEY
from workbooks.typed_values import plain, text

PAGE = 1_000
MOVED = f"{WRONG}moved: "


def refresh(press: Press) -> str:
    """Marks the lines whose numbers moved, takes marks away where they came back, and fills the receipts."""
    workbook = open_workbook(press.book())
    with service_of(press) as service:
        about = service.get(f"/runs/{workbook.run_id}")
        newest = max(one["number"] for one in about["revisions"])
        said = _compared(press, service, workbook) if str(newest) != workbook.identity["revision"] else ""
        head = f"The run is at revision {newest}; this workbook is of revision {workbook.identity['revision']}."
        return f"{head}{said or ' No line has moved.'}{fill_receipts(press, service, workbook)}"


def _compared(press: Press, service: Service, workbook: OpenWorkbook) -> str:
    rows = _rows(service, workbook.run_id)
    texts, moved, decided = [], 0, 0
    for lines in workbook.lines:
        for spot, key, fingerprint, decision, result in _standing(lines):
            new = rows.get(key)
            if new is None or new["fingerprint"] != fingerprint:
                moved, decided = moved + 1, decided + filled(decision)
                texts.append((spot, MOVED + _now(new)))
            elif plain(result or "").startswith(MOVED.strip()):
                texts.append((spot, ""))
    written = write_results(press, by_sheet(texts))
    if not moved:
        return written
    said = f" {counted(moved, 'line')} moved, {decided:,} of them decided; they are marked in the column Result."
    return f"{said}\nGet workbook fetches the run as it stands, with what was received already typed in.{written}"


def _standing(lines: Lines) -> list[tuple[Spot, str, str, object, object]]:
    columns = lines.read(KEY, "fingerprint", "decision", "result")
    cells = zip(*(columns[name] for name in (KEY, "fingerprint", "decision", "result")), strict=True)
    return [
        (Spot(lines, row), text(key), text(fingerprint or ""), decision, result)
        for row, (key, fingerprint, decision, result) in enumerate(cells, lines.first)
        if key is not None
    ]


def _rows(service: Service, run_id: str) -> dict[str, Body]:
    """Every line of the newest revision, and every service's costs, by its key."""
    costs = service.get(f"/runs/{run_id}/costs")["costs"]
    found: dict[str, Body] = {}
    while True:
        page = service.get(f"/runs/{run_id}/rows", after=len(found), limit=PAGE)
        found |= {row["key"]: row for row in page["rows"]}
        if not page["rows"] or len(found) >= page["total"]:
            return found | {one["row"]["key"]: one["row"] for one in costs}


def _now(row: Body | None) -> str:
    if row is None:
        return "the line is not in the newest revision any more"
    if "vendor_costs" in row:
        return f"now {row['state']}, catalogue {_short(row['catalogue_cost'])}, {row['vendor_costs']}"
    psa, vendor, to_bill = (_short(row[name]) for name in ("psa_quantity", "vendor_quantity", "to_bill"))
    return f"now {row['state']}, PSA {psa}, vendor {vendor}, to bill {to_bill}"


def _short(number: str | None) -> str:
    """A quantity without zeros behind the point."""
    if number is None:
        return "unknown"
    return number.rstrip("0").rstrip(".") if "." in number else number
