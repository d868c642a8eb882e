"""What people do meanwhile: in the PSA, to the lines that are written; and in Tieout, to the submission."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from connectors.sandbox.connectwise_model import Row
from tests.crash.desk import Desk, Entry, line_path
from tests.crash.kinds import AGREEMENT, OLD_LINE

D = Decimal
Act = Callable[[Desk], None]
DEC_31 = dt.date(2026, 12, 31)


def _patch(desk: Desk, row: Row | None, **values: Any) -> None:
    if row is not None and row["agreementId"] in desk.psa.model.agreements:
        desk.psa.model.patch_addition(row, [{"op": "replace", "path": name, "value": value} for name, value in values.items()])
        desk.journal.append(Entry("edit", line_path(row["agreementId"], row["id"]), "PATCH", ",".join(values)))


def _old(desk: Desk) -> Row | None:
    return desk.psa.model.additions.get(OLD_LINE)


def _newest(desk: Desk) -> Row | None:
    """The newest line: the one that is written, once it is there."""
    added = [row for number, row in desk.psa.model.additions.items() if number > 3600]
    return added[-1] if added else None


def _delete(desk: Desk, row: Row | None) -> None:
    if row is not None:
        desk.psa.model.remove_addition(row)
        desk.journal.append(Entry("edit", line_path(row["agreementId"], row["id"]), "DELETE"))


def _add(desk: Desk, product: int, **values: Any) -> None:
    if int(AGREEMENT) not in desk.psa.model.agreements:
        return
    given = {"product": {"id": product}, "billCustomer": "Billable", **values}
    row = desk.psa.model.add_addition(int(AGREEMENT), given)
    desk.journal.append(Entry("edit", line_path(AGREEMENT, row["id"]), "POST", row["product"]["identifier"]))


def _add_as_new(desk: Desk) -> None:
    _add(desk, 413, quantity=D(7), unitPrice=D("22.00"), unitCost=D("17.60"), effectiveDate="2026-12-01T00:00:00Z")


def _add_as_pair(desk: Desk) -> None:
    _add(desk, 412, quantity=D(28), unitPrice=D("22.00"), unitCost=D("17.60"), effectiveDate="2026-12-15T00:00:00Z")


def _invoice(desk: Desk) -> None:
    desk.psa.model.invoiced_through[int(AGREEMENT)] = DEC_31


def _remove_agreement(desk: Desk) -> None:
    for row in [row for row in desk.psa.model.additions.values() if row["agreementId"] == int(AGREEMENT)]:
        _delete(desk, row)
    desk.psa.model.agreements.pop(int(AGREEMENT), None)


IN_THE_PSA: Mapping[str, Act] = {
    "quantity to 99": lambda desk: _patch(desk, _old(desk), quantity=D(99)),
    "quantity to 28": lambda desk: _patch(desk, _old(desk), quantity=D(28)),
    "quantity to 25": lambda desk: _patch(desk, _old(desk), quantity=D(25)),
    "price": lambda desk: _patch(desk, _old(desk), unitPrice=D(20)),
    "end": lambda desk: _patch(desk, _old(desk), cancelledDate="2026-11-30T00:00:00Z"),
    "old line deleted": lambda desk: _delete(desk, _old(desk)),
    "line added": lambda desk: _add(desk, 412, quantity=D(3), effectiveDate="2026-12-01T00:00:00Z"),
    "other line added": lambda desk: _add(desk, 413, quantity=D(3), effectiveDate="2026-12-01T00:00:00Z"),
    "new line added by hand": _add_as_new,
    "pair added by hand": _add_as_pair,
    "new line changed": lambda desk: _patch(desk, _newest(desk), quantity=D(5)),
    "new line's price": lambda desk: _patch(desk, _newest(desk), unitPrice=D(5)),
    "new line deleted": lambda desk: _delete(desk, _newest(desk)),
    "invoiced": _invoice,
    "agreement deleted": _remove_agreement,
}

IN_TIEOUT = ("cancel", "pause")
ALL = (*IN_THE_PSA, *IN_TIEOUT)
