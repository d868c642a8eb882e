"""The kinds of changes that are written: each a small PSA, and what was decided on it, planned by the real planning."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from connectors.sandbox.connectwise_model import Model
from core.changes import Change
from core.dialects import Amend, connectwise
from core.frames import frame
from core.records import Action, AgreementLine, BillCustomer, Charge, Step
from core.run import Inputs
from core.settings import Settings
from tests.connectors.api.sandboxes import add_agreement, add_line, add_product, small_psa
from tests.core.build import LINE, NOVEMBER, TODAY, source

D = Decimal
NOV_10, NOV_30, DEC_1, DEC_15 = dt.date(2026, 11, 10), dt.date(2026, 11, 30), dt.date(2026, 12, 1), dt.date(2026, 12, 15)
AGREEMENT, OTHER_AGREEMENT = "871", "872"
OLD_LINE = 3589


@dataclass(frozen=True, slots=True)
class Kind:
    """What was decided, and whether it is the undo of it that is written."""

    name: str
    decided: tuple[Amend, ...]
    undo: bool = False


def amend(line: int | None = OLD_LINE, **changes: Any) -> Amend:
    """Three more seats from the first day not invoiced."""
    usual = Amend(
        action=Action.APPROVE, agreement_id=AGREEMENT, line_id=str(line) if line else None, service_id="BP", day=DEC_1,
        first_open=DEC_1, invoiced_from=dt.date(2026, 11, 1), old_quantity=D(25) if line else D(0), new_quantity=D(28),
        included=D(0), old_price=D("22.00"), new_price=D("22.00"), new_cost=None, line_cost=D("17.60"), months=1,
        bill_customer=BillCustomer.BILLABLE, keep_at_zero=False, today=TODAY, invoiced_through=NOV_30, ends=None,
    )  # fmt: skip
    return replace(usual, **changes)


SET, END, PAIR = amend(), amend(action=Action.END_LINE, new_quantity=D(0)), amend(day=DEC_15)
NEW = amend(None, service_id="NEW", action=Action.ADD_LINE, new_quantity=D(7))
BACKDATED = amend(day=NOV_10)
STEPS = amend(
    day=NOV_10, new_quantity=D(31), typed_steps=(Step(D(26), NOV_10), Step(D(28), DEC_15), Step(D(31), dt.date(2027, 1, 1)))
)
BATCH = (SET, NEW, amend(3600, agreement_id=OTHER_AGREEMENT, action=Action.END_LINE, new_quantity=D(0)))

KINDS = {
    kind.name: kind
    for kind in (
        Kind("quantity", (SET,)),
        Kind("new line", (NEW,)),
        Kind("end line", (END,)),
        Kind("dated pair", (PAIR,)),
        Kind("backdated", (BACKDATED,)),
        Kind("steps", (STEPS,)),
        Kind("batch", BATCH),
        Kind("undo of quantity", (SET,), undo=True),
        Kind("undo of new line", (NEW,), undo=True),
        Kind("undo of pair", (PAIR,), undo=True),
        Kind("undo of steps", (STEPS,), undo=True),
    )
}


def fill(model: Model) -> None:
    """Two agreements, invoiced through November, with a line each."""
    small_psa(model)
    add_product(model, 413, "NEW")
    add_agreement(model, int(OTHER_AGREEMENT))
    add_line(model, id=OLD_LINE, quantity=25, unitPrice=D("22.00"), unitCost=D("17.60"))
    add_line(model, int(OTHER_AGREEMENT), id=3600, quantity=25, unitPrice=D("22.00"), unitCost=D("17.60"))


def inputs_of(model: Model) -> Inputs:
    """What a run read from that PSA."""
    lines = [_line(row) for row in model.additions.values()]
    return Inputs(NOVEMBER, TODAY, frame(AgreementLine, lines), frame(Charge, []), (source("ConnectWise", "PSA"),))


def _line(row: dict[str, Any]) -> AgreementLine:
    return replace(
        LINE,
        line_id=str(row["id"]),
        agreement_id=str(row["agreementId"]),
        quantity=D(row["quantity"]),
        version=row["_info"]["lastUpdated"],
    )


def change_of(number: int, made: Amend) -> Change:
    """The change that a decision comes to."""
    writes = connectwise(made, Settings())
    zero = D("0.00")
    return Change(
        f"{number:016x}", f"key {number}", "Acme", "Business Premium", made.agreement_id, "Managed 365", made.line_id, made.action,
        "; then ".join(w.says for w in writes), made.day, made.old_quantity if made.line_id else None, made.new_quantity,
        made.old_price if made.line_id else None, made.new_price, zero, zero, zero, zero, "USD", (), None, None, "ann",
        f"november.xlsx row {number}", writes,
    )  # fmt: skip
