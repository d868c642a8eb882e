"""A vendor's cost in the demo: decided in a workbook's copy, written to the catalogue and every line that carried the old one."""

import copy
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from connectors.sandbox.connectwise_model import Model
from server.copies import read_copies
from server.demo.checks import REVIEWER, Checks
from server.house import House
from server.receipts import receipts
from server.returning import take_copies
from server.reviewer import fill_in
from server.store.write_records import Submission, WriteState
from server.submitting import submit_decided
from workbooks.layout_costs import COSTS

NEW = Decimal("18.20")


def update_cost(
    house: House, model: Model, workbook: Path, returned: Path, checks: Checks, send: Callable[[Submission], None]
) -> None:
    """Types a cost where two are mixed, takes the copy, submits it, and compares the PSA before and after."""
    mixed: dict[str, Decimal] = {}  # the service's id, and its old cost

    def entry(sheet: object, cells: object) -> dict[str, object] | None:
        row = cells if isinstance(cells, dict) else {}
        if sheet is not COSTS or row["state"] != "Mixed":
            return None
        mixed[row["service_id"]] = Decimal(str(row["catalogue_cost"]))
        return {"decision": "Update cost", "new_cost": float(NEW), "note": "the average of both terms"}

    checks.same("costs decided", 1, fill_in(workbook, returned, entry))
    ((service, old),) = mixed.items()
    before = copy.deepcopy(model.additions)
    taken = take_copies(house.store, read_copies([returned]), house.key, REVIEWER, lambda _: None)
    kept = submit_decided(house, taken.run_id, REVIEWER, taken.copies, despite_problems=True).submission
    if kept is None:
        raise AssertionError("no cost was submitted")
    send(kept)
    found = receipts(house.store, kept.id)
    checks.same("costs written", [WriteState.DONE] * len(taken.changes), [receipt.outcome for receipt in found])
    (product,) = [one for one in model.products.values() if one["identifier"] == service]
    checks.same(f"catalogue cost of {service}", NEW, product["cost"])
    lines = {int(receipt.change.line_id) for receipt in found if receipt.change.line_id}
    for number, row in before.items():
        carried = number in lines
        checks.same(f"line {number} carried the old cost", True, not carried or row["unitCost"] == old)
        checks.same(f"cost of line {number}", NEW if carried else row["unitCost"], model.additions[number]["unitCost"])
