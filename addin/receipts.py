"""Status: the receipts of what was submitted from this run, beside the lines that they speak of."""

from collections import Counter
from collections.abc import Mapping

from addin.cells import quietly
from addin.decisions import Body, Spot, steps_by_key
from addin.excel import Press
from addin.results import by_sheet, write_results
from addin.service import Service, service_of
from addin.workbook import Lines, OpenWorkbook, open_workbook
from workbooks.layout import KEY
from workbooks.typed_values import plain

WORDS: Mapping[str, str] = {
    "planned": "waiting to be written",
    "sending": "being written",
    "unknown": "being looked at: no answer came",
    "done": "written",
    "conflict": "not written, the PSA showed something else",
    "refused": "not written, the PSA refused",
    "asked": "look in the PSA",
    "cancelled": "not written, cancelled",
}
"""What became of a change, as it stands in the column Result."""

UNDO = "Undo"
BACK = {"done": "taken back", "planned": "waiting to be taken back"}


def status(press: Press) -> str:
    """Fills the column Result, and says where each submission stands."""
    workbook = open_workbook(press.book())
    with service_of(press) as service:
        return fill_receipts(press, service, workbook).lstrip("\n")


def fill_receipts(press: Press, service: Service, workbook: OpenWorkbook) -> str:
    """The newest receipt of each line into its Result; how it stands, in words that begin with a new line."""
    newest = newest_receipts(service, workbook)
    if not newest:
        return "\nNothing of this run was submitted yet."
    with quietly(press.app()):
        spots = [*spots_by_key(workbook).items(), *steps_by_key(workbook)]
        texts = [(spot, told(newest[key])) for key, spot in spots if key in newest]
        said = write_results(press, by_sheet(texts))
    counts = Counter(_word(receipt) for receipt in newest.values())
    return "\n" + "\n".join(f"{number:,} {word}." for word, number in counts.most_common()) + said


def newest_receipts(service: Service, workbook: OpenWorkbook) -> dict[str, Body]:
    """The newest receipt of each line of the run, by the line's key, with its submission."""
    found: dict[str, Body] = {}
    for submission in service.get("/submissions", run=workbook.run_id)["submissions"]:
        for receipt in service.get(f"/submissions/{submission['id']}/receipts")["receipts"]:
            found.setdefault(receipt["change"]["row_key"], receipt | {"submission": submission["id"]})
    return found


def spots_by_key(workbook: OpenWorkbook) -> dict[str, Spot]:
    """Where each line stands."""
    return {key: spot for lines in workbook.lines for key, spot in _keys(lines)}


def _keys(lines: Lines) -> list[tuple[str, Spot]]:
    keys = lines.read(KEY)[KEY]
    return [(plain(key), Spot(lines, lines.first + place)) for place, key in enumerate(keys) if key is not None]


def told(receipt: Body) -> str:
    """A receipt as it stands in a cell."""
    said = str(receipt["said"] or "")
    return f"{_word(receipt)}: {said}" if said and receipt["outcome"] != "done" else _word(receipt)


def _word(receipt: Body) -> str:
    back = BACK.get(receipt["outcome"]) if receipt["change"]["action"] == UNDO else None
    return back or WORDS.get(receipt["outcome"], str(receipt["outcome"]))
