"""Undo: what was written for the selected lines is taken back, after a question."""

from collections.abc import Sequence

from addin.decisions import Body
from addin.errors import NotReady
from addin.excel import Press
from addin.receipts import UNDO, fill_receipts, newest_receipts
from addin.selection import selected
from addin.service import Service, service_of
from addin.validating import counted
from addin.workbook import OpenWorkbook, open_workbook
from workbooks.layout import KEY
from workbooks.typed_values import plain

MOST = 10
"""Changes that fit into the question."""


def undo(press: Press) -> str:
    """Takes back what was written for the selected lines. What was invoiced since is named, for a credit by hand."""
    workbook = open_workbook(press.book())
    keys = _selected_keys(workbook)
    with service_of(press) as service:
        found = [one for key, one in newest_receipts(service, workbook).items() if key in keys and _written(one)]
        if not found:
            raise NotReady("Nothing was written for the selected lines that can be taken back: press Status to see how they stand.")
        if not press.dialogs().confirm(_question(found)):
            return "Nothing was taken back."
        invoiced = _taken_back(service, found)
        number = counted(len(found) - len(invoiced), "change")
        said = "".join(
            f"\n{one['change']['customer']}: invoiced since; write a credit of {one['amount']}" for one in invoiced[:MOST]
        )
        return f"{number} being taken back.{said}{fill_receipts(press, service, workbook)}"


def _selected_keys(workbook: OpenWorkbook) -> set[str]:
    lines, rows = selected(workbook)
    column = lines.read(KEY)[KEY]
    return {plain(column[row - lines.first]) for row in rows if column[row - lines.first] is not None}


def _written(receipt: Body) -> bool:
    return bool(receipt["outcome"] == "done" and receipt["change"]["action"] != UNDO)


def _question(found: Sequence[Body]) -> str:
    listed = [f"{one['change']['customer']}: {one['change']['what']}" for one in found[:MOST]]
    more = [f"and {len(found) - MOST:,} more"] if len(found) > MOST else []
    return "\n".join([f"Take back {counted(len(found), 'change')}?", *listed, *more])


def _taken_back(service: Service, found: Sequence[Body]) -> list[Body]:
    """Asks for it, submission by submission; what was invoiced since."""
    by_submission: dict[str, list[int]] = {}
    for one in found:
        by_submission.setdefault(one["submission"], []).append(one["change"]["id"])
    answers = [service.post(f"/submissions/{name}/undo", {"changes": changes}) for name, changes in by_submission.items()]
    return [one for answer in answers for one in answer["credits"]]
