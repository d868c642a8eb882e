"""The value of every formula of a row, in Python: what Excel will compute, kept in the file for readers that compute nothing.

One function a formula column of `layout_vendor` and `layout_tables`; LibreOffice recomputes them in a test, and they must agree.
An empty text is what a formula shows where there is nothing to say.
"""

import datetime as dt
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from core.words import ACTIONS, REASON_OTHER
from workbooks import computed_costs
from workbooks.layout import ACCOUNT_CHOICES, EXCLUDE, INCLUDE, MAP, SERVICE_CHOICES, Role, Sheet
from workbooks.layout_costs import COSTS
from workbooks.layout_tables import INVOICE_TOTALS, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES
from workbooks.layout_vendor import VENDOR
from workbooks.rows import Row, Value

Computed = Decimal | str
_BILLS = ("approve", "add line")


def compute(sheet: Sheet, row: Row) -> Row:
    """The row with the value of each of its formula columns."""
    full = dict(row)
    for name, formula in _FORMULAS.get(sheet.name, {}).items():
        full[name] = formula(full)
    assert all(c.name in full for c in sheet.columns if c.role is Role.FORMULA), sheet.name  # noqa: S101
    return full


def rounded(value: Decimal, places: int) -> Decimal:
    """Half-up, as ROUND does."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _number(value: Value) -> Decimal | None:
    return Decimal(value) if isinstance(value, (Decimal, int)) else None


def _zero(value: Value) -> Decimal:
    return _number(value) or Decimal(0)


def _word(value: Value) -> str:
    return " ".join(value.split()).casefold() if isinstance(value, str) else ""


def _months(row: Row) -> Decimal:
    return max(Decimal(1), _zero(row["months"]))


def difference(row: Row) -> Computed:
    to_bill = _number(row["to_bill"])
    if row["state"] == "Not known" or to_bill is None:
        return ""
    return rounded(to_bill - _zero(row["psa_quantity"]), 4)


def new_quantity(row: Row) -> Computed:
    typed, to_bill = _number(row.get("quantity")), _number(row["to_bill"])
    if typed is not None:
        return typed
    if row["proposed"] == "No":
        return ""
    if row["measure"] == "money":
        return Decimal(1)
    return "" if to_bill is None else to_bill


def price_used(row: Row) -> Computed:
    prices = [_number(row.get("new_price")), _number(row["proposed_price"])]
    if row["measure"] != "money":
        prices.append(_number(row["unit_price"]))
    return next((price for price in prices if price is not None), "")


def _per_month(row: Row, quantity: Decimal, price: Decimal) -> Decimal:
    billed = rounded(max(Decimal(0), quantity - _zero(row["included"])) * price, 2)
    return rounded(billed / _months(row), 2)


def revenue_after(row: Row) -> Computed:
    if row["state"] == "Not known":
        return ""
    if row["state"] == "No change":
        return _zero(row["revenue_before"])
    ended = row["state"] == "Reconcile" and _word(row.get("decision")) == "end line"
    if row["state"] == "No usage" or ended or row["bill_customer"] != "Billable":
        return Decimal(0)
    quantity, price = row["new_quantity"], row["price_used"]
    if not isinstance(quantity, Decimal) or not isinstance(price, Decimal):
        return ""
    return _per_month(row, quantity, price)


def effect(row: Row) -> Computed:
    after = row["revenue_after"]
    return rounded(after - _zero(row["revenue_before"]), 2) if isinstance(after, Decimal) else ""


def price_part(row: Row) -> Computed:
    quantity, price, after = row["new_quantity"], _number(row["unit_price"]), row["revenue_after"]
    if row["state"] != "Reconcile" or row["effect"] == "" or row["bill_customer"] != "Billable":
        return Decimal(0)
    if not isinstance(quantity, Decimal) or price is None or not isinstance(after, Decimal):
        return Decimal(0)
    return rounded(after - _per_month(row, quantity, price), 2)


def quantity_part(row: Row) -> Computed:
    whole = row["effect"]
    return rounded(whole - _zero(row["price_part"]), 2) if isinstance(whole, Decimal) else Decimal(0)


def margin_after(row: Row) -> Computed:
    after, cost = row["revenue_after"], _number(row["vendor_cost"])
    return rounded(after - cost, 2) if isinstance(after, Decimal) and cost is not None else ""


def check(row: Row) -> str:
    """What is missing or inconsistent in a vendor's row, in the order in which the formula looks."""
    decision, state = _word(row.get("decision")), str(row["state"])
    if not decision:
        if any(row.get(name) is not None for name in ("quantity", "from", "add_to", "new_price")):
            return "choose a decision"
        return "no action" if state == "No change" else "open"
    if decision not in [word.casefold() for word in ACTIONS[state]] and (decision, state) != ("end line", "Reconcile"):
        return "not a choice for this state"
    return _mistyped(row) or _missing(row, decision) or "ok"


def _mistyped(row: Row) -> str:
    said = {"quantity": "quantity is not a number", "new_price": "price is not a number", "from": "From is not a date"}
    return next((words for name, words in said.items() if isinstance(row.get(name), str)), "")


def _missing(row: Row, decision: str) -> str:
    quantity, money, bills = row.get("quantity"), row["measure"] == "money", decision in _BILLS
    if bills and money and quantity is not None:
        return "type a New price, no quantity"
    if bills and row["price_used"] == "":
        return "type a New price"
    if decision == "approve" and not money and row["proposed"] == "No" and quantity is None:
        return "type a quantity"
    if bills and quantity is not None and quantity == 0:
        return "0 is not a quantity to bill"
    if decision == "add line" and row.get("add_to") is None:
        return "choose an agreement"
    if row.get("reason") is None and _needs_reason(row, decision):
        return "reason needed"
    other = decision == "dismiss" and _word(row.get("reason")) == REASON_OTHER
    return "note needed" if row.get("note") is None and (decision == "ask" or other) else ""


def _needs_reason(row: Row, decision: str) -> bool:
    if decision == "dismiss" or (decision == "end line" and row["proven"] == "No"):
        return True
    start, invoiced = row.get("from"), row["invoiced_through"]
    if decision != "ask" and isinstance(start, dt.date) and isinstance(invoiced, dt.date) and start <= invoiced:
        return True
    return decision in _BILLS and (_other_quantity(row) or _low_price(row))


def _other_quantity(row: Row) -> bool:
    quantity, to_bill = _number(row.get("quantity")), _number(row["to_bill"])
    return quantity is not None and to_bill is not None and quantity != to_bill


def _low_price(row: Row) -> bool:
    price = _number(row.get("new_price"))
    if price is None:
        return False
    if row["measure"] == "money":
        return price != _zero(row["proposed_price"])
    cost = row["unit_cost"] if row["vendor_unit_cost"] is None else row["vendor_unit_cost"]
    return any(price < floor for floor in (_number(row["catalogue_price"]), _number(cost)) if floor is not None)


def _mapping_check(row: Row, legal: tuple[str, ...]) -> str:
    choice = _word(row.get("decision"))
    if not choice:
        typed = any(row.get(name) is not None for name in ("target", "reason", "owner", "review"))
        return "choose a decision" if typed else "open"
    if choice not in [word.casefold() for word in legal]:
        return "not a choice"
    needs_target = choice == INCLUDE.casefold() or (choice == MAP.casefold() and row.get("suggestion") is None)
    if row.get("target") is None and needs_target:
        return "choose a target"
    if choice == EXCLUDE.casefold() and any(row.get(name) is None for name in ("reason", "owner", "review")):
        return "reason, owner and review date needed"
    return "ok"


def _invoice_difference(row: Row) -> Computed:
    typed = _number(row.get("typed"))
    return "" if typed is None else rounded(typed - _zero(row["rows_in"]), 2)


def _invoice_check(row: Row) -> str:
    found = row["difference"]
    return "not typed yet" if found == "" else "✓ agrees" if found == 0 else "✗ differs"


_FORMULAS: dict[str, dict[str, Callable[[Row], Computed]]] = {
    VENDOR.name: {
        "difference": difference,
        "new_quantity": new_quantity,
        "price_used": price_used,
        "revenue_after": revenue_after,
        "effect": effect,
        "price_part": price_part,
        "quantity_part": quantity_part,
        "margin_after": margin_after,
        "check": check,
    },
    UNMAPPED_ACCOUNTS.name: {"check": lambda row: _mapping_check(row, ACCOUNT_CHOICES)},
    UNMAPPED_SERVICES.name: {"check": lambda row: _mapping_check(row, SERVICE_CHOICES)},
    COSTS.name: {"change": computed_costs.change, "check": computed_costs.check},
    INVOICE_TOTALS.name: {"difference": _invoice_difference, "check": _invoice_check},
}
