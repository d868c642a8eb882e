"""What a ConnectWise PSA holds and does, in memory: records, their changes with times and audit trail, and its unsure habits."""

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.sandbox.connectwise_fields import ADDITION, PRODUCT, Field, fault_of
from core.periods import DAY, add_months

Row = dict[str, Any]
Clock = Callable[[], dt.datetime]

MONTHS = {"Monthly": 1, "BiMonthly": 2, "Quarterly": 3, "SemiAnnual": 6, "Yearly": 12}
READ = {"Inquire"}
FULL = {"Inquire", "Add", "Edit", "Delete"}

FUNCTIONS = {
    "Company Maintenance": ("Companies", "Company Maintenance"), "Agreements": ("Finance", "Agreements"),
    "Product Catalog": ("Procurement", "Product Catalog and Products"), "Table Setup": ("System", "Table Setup"),
    "Invoicing": ("Finance", "Invoicing"),
}  # fmt: skip
"""Each module of the role, as the screens name it. The names that the API gives are UNSURE."""


@dataclass
class Switches:
    """What nobody could tell us about the real one for certain. Each is right under both settings."""

    cancelled_date_is_last_billed_day: bool = True
    bills_lines_inside_invoiced_period: bool = True
    current_period_in_arrears: bool = False
    next_invoice_date_is_day_of_invoicing: bool = False  # in arrears
    addition_moves_agreement: bool = False  # a changed addition moves its agreement's lastUpdated
    cost_updates_additions: bool = False  # of products with autoUpdateUnitCostFlag
    wrong_keys_answer_404: bool = False
    path_into_reference_answers_200: bool = False  # and changes nothing
    my_security_answers_403: bool = False  # to the keys of an API member
    my_security_has_other_names: bool = False  # than those that the screens show
    every_change_moves_the_time: bool = True  # two changes within one second have two times


class Refused(Exception):  # noqa: N818 -- named for what happened to the request
    """The API refuses a request."""

    def __init__(self, status: int, code: str, message: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: Row = {"code": code, "message": message, **({"errors": errors} if errors is not None else {})}


def invalid(resource: str, name: str, why: str, code: str = "InvalidField") -> Refused:
    error = {"code": code, "message": f"{name} {why}", "resource": resource, "field": name}
    return Refused(400, "InvalidObject", f"{resource} object is invalid", [error])


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def stamp(time: dt.datetime) -> str:
    return f"{time.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def day_of(row: Row, name: str) -> dt.date | None:
    return dt.date.fromisoformat(row[name][:10]) if row.get(name) else None


class Additions(dict[int, Row]):
    """Additions by id, and by agreement too: a large PSA is asked for them agreement by agreement."""

    def __init__(self) -> None:
        super().__init__()
        self._of: dict[int, dict[int, Row]] = {}

    def of(self, agreement_id: int) -> list[Row]:
        """Those of one agreement, in the order of their ids."""
        mine = self._of.get(agreement_id, {})
        return [mine[key] for key in sorted(mine)]

    def __setitem__(self, key: int, row: Row) -> None:
        super().__setitem__(key, row)
        self._of.setdefault(row["agreementId"], {})[key] = row

    def __delitem__(self, key: int) -> None:
        del self._of[self[key]["agreementId"]][key]
        super().__delitem__(key)

    def __deepcopy__(self, memory: dict[int, Any]) -> "Additions":
        made = Additions()
        for key, row in self.items():
            made[key] = deepcopy(row, memory)
        return made


@dataclass
class Model:
    """The state. Hold `lock` for what must be seen at once."""

    clock: Clock = utc_now
    switches: Switches = field(default_factory=Switches)
    role: dict[str, set[str]] = field(
        default_factory=lambda: {
            "Company Maintenance": set(READ), "Agreements": set(FULL), "Product Catalog": {"Inquire", "Edit"},
            "Table Setup": set(READ), "Invoicing": {"Inquire", "Add"},
        }
    )  # fmt: skip
    only_my_own: set[tuple[str, str]] = field(default_factory=set)  # module and level: set to My, which is not enough
    companies: dict[int, Row] = field(default_factory=dict)
    cycles: dict[int, Row] = field(default_factory=dict)
    agreements: dict[int, Row] = field(default_factory=dict)
    additions: Additions = field(default_factory=Additions)
    products: dict[int, Row] = field(default_factory=dict)
    invoices: dict[int, Row] = field(default_factory=dict)
    audit: list[tuple[int, Row]] = field(default_factory=list)  # by agreement
    invoiced_through: dict[int, dt.date | None] = field(default_factory=dict)  # by agreement
    billed_through: dict[int, dt.date | None] = field(default_factory=dict)  # by addition
    lock: threading.RLock = field(default_factory=threading.RLock)

    # what all records share

    def put(self, table: dict[int, Row], row: Row) -> Row:
        """Stores a new record under its id, or the next one."""
        row.setdefault("id", max(table, default=0) + 1)
        table[row["id"]] = row
        row["_info"] = {"dateEntered": stamp(self.clock())}
        self.touch(row)
        return row

    def touch(self, row: Row) -> None:
        moved = stamp(self.clock())
        last = row["_info"].get("lastUpdated", "")
        if self.switches.every_change_moves_the_time and moved <= last:
            moved = stamp(dt.datetime.fromisoformat(last) + dt.timedelta(seconds=1))
        row["_info"] |= {"lastUpdated": moved, "updatedBy": "apimember"}

    # what the keys may do

    def allows(self, module: str, level: str) -> bool:
        return level in self.role.get(module, ()) and (module, level) not in self.only_my_own

    def security(self) -> list[Row]:
        """The role as `/system/mySecurity` shows it, with a function beside that has a similar name."""
        rows = [self._function(number, *each) for number, each in enumerate(FUNCTIONS.items(), 1)]
        return [*rows, self._function(len(rows) + 1, "Agreement Sales", ("Finance", "Agreement Sales"))]

    def _function(self, number: int, module: str, names: tuple[str, str]) -> Row:
        shown = f"F{number:03}" if self.switches.my_security_has_other_names else names[1]
        row = {"id": number, "moduleName": names[0], "moduleFunctionName": shown}
        return row | {f"{level.lower()}Level": self._level(module, level) for level in sorted(FULL)}

    def _level(self, module: str, level: str) -> str:
        if self.allows(module, level):
            return "All"
        return "My" if (module, level) in self.only_my_own else "None"

    # agreements

    def months(self, agreement: Row) -> int:
        cycle = self.cycles.get((agreement.get("billingCycle") or {}).get("id", 0))
        return MONTHS.get(cycle["billingOptions"], 0) if cycle else 0

    def in_arrears(self, agreement: Row) -> bool:
        return agreement["periodType"] == "Current" and self.switches.current_period_in_arrears

    def shown_agreement(self, agreement: Row) -> Row:
        """As it is answered, with its next invoice date."""
        through, following = self.invoiced_through.get(agreement["id"]), None
        if through is not None:
            following = through + DAY
            if self.in_arrears(agreement) and self.switches.next_invoice_date_is_day_of_invoicing:
                following = add_months(following, self.months(agreement))
        return agreement | {"nextInvoiceDate": f"{following}T00:00:00Z" if following else None}

    # additions

    def shown_addition(self, row: Row) -> Row:
        """As it is answered, with its results."""
        quantity, included = row["quantity"] or Decimal(0), row["lessIncluded"] or Decimal(0)
        billed = max(Decimal(0), quantity - included) if quantity >= 0 else quantity
        price, cost = billed * (row["unitPrice"] or 0), quantity * (row["unitCost"] or 0)
        status = self.agreements[row["agreementId"]]["agreementStatus"]
        results = {"billedQuantity": billed, "extPrice": price, "extCost": cost, "margin": price - cost}
        return row | results | {"agreementStatus": status}

    def add_addition(self, agreement_id: int, body: Any) -> Row:
        given = self._writable("addition", ADDITION, body)
        product = self._product(given)
        row = {name: f.default for name, f in ADDITION.items() if f.kind not in ("other",) and not f.read_only}
        row |= {"quantity": Decimal(1), "unitPrice": product.get("price"), "unitCost": product.get("cost")}
        row |= {"description": product["description"], "invoiceDescription": product["customerDescription"]}
        row |= {name: value for name, value in given.items() if value is not None}
        row |= {"agreementId": agreement_id, "product": {"id": product["id"], "identifier": product["identifier"]}}
        row["effectiveDate"] = row["effectiveDate"] or f"{self.clock().date()}T00:00:00Z"
        self._check_dates(row)
        row["id"] = max(self.additions, default=0) + 1
        self.put(self.additions, row)
        self.billed_through[row["id"]] = None
        self._note(row, f"added: quantity {row['quantity']}")
        return row

    def replace_addition(self, row: Row, body: Any) -> Row:
        """PUT: what is left out becomes empty."""
        given = self._writable("addition", ADDITION, body)
        product = self._product(given)
        fresh = {name: given.get(name, f.default) for name, f in ADDITION.items() if not f.read_only}
        fresh["product"] = {"id": product["id"], "identifier": product["identifier"]}
        return self._change(row, fresh)

    def patch_addition(self, row: Row, operations: Any) -> Row:
        changes = self._patched("addition", ADDITION, operations)
        if "product" in changes:
            product = self._product(changes)
            changes["product"] = {"id": product["id"], "identifier": product["identifier"]}
        return self._change(row, changes)

    def remove_addition(self, row: Row) -> None:
        del self.additions[row["id"]]
        self._note(row, "deleted")

    def patch_product(self, row: Row, operations: Any) -> Row:
        changes = self._patched("catalogItem", PRODUCT, operations)
        row |= changes
        self.touch(row)
        if "cost" in changes and row.get("autoUpdateUnitCostFlag") and self.switches.cost_updates_additions:
            for addition in self.additions.values():
                if addition["product"]["id"] == row["id"]:
                    self._change(addition, {"unitCost": row["cost"]})
        return row

    def _change(self, row: Row, changes: Row) -> Row:
        self._check_dates(row | changes)
        told = [f"{name} {row.get(name)} -> {value}" for name, value in changes.items() if row.get(name) != value]
        row |= changes
        self.touch(row)
        self._note(row, "; ".join(told) or "saved")
        return row

    def _note(self, row: Row, text: str) -> None:
        entry = {"text": f"Addition {row['id']} {text}", "enteredDate": stamp(self.clock()), "enteredBy": "apimember"}
        kinds = {"auditType": "Agreement", "auditSubType": "Addition", "auditSource": "API"}
        self.audit.append((row["agreementId"], entry | kinds))
        if self.switches.addition_moves_agreement:
            self.touch(self.agreements[row["agreementId"]])

    # what is refused

    def _writable(self, resource: str, fields: Mapping[str, Field], body: Any) -> Row:
        """The fields of a body that the API writes; read-only ones are left out, as they come back with every record."""
        if not isinstance(body, dict):
            raise Refused(400, "InvalidRequest", "a JSON object was expected")
        for name in body:
            if name not in fields:
                raise invalid(resource, name, "does not exist")
        given = {name: value for name, value in body.items() if not fields[name].read_only}
        for name, rule in fields.items():
            why = None if rule.read_only else fault_of(rule, given.get(name))
            if why:
                raise invalid(resource, name, why, "MissingRequired" if given.get(name) is None else "InvalidField")
        return given

    def _patched(self, resource: str, fields: Mapping[str, Field], operations: Any) -> Row:
        if not isinstance(operations, list) or not operations:
            raise Refused(400, "InvalidRequest", "a list of operations was expected")
        changes: Row = {}
        for operation in operations:
            if not isinstance(operation, dict) or operation.get("op") not in ("add", "replace", "remove"):
                raise invalid(resource, "op", "must be add, replace or remove")
            name, _, rest = str(operation.get("path", "")).removeprefix("/").partition("/")
            if name not in fields or fields[name].read_only:
                raise invalid(resource, name, "cannot be changed")
            if rest:
                if self.switches.path_into_reference_answers_200:
                    continue
                raise invalid(resource, f"{name}/{rest}", "cannot be changed; replace the reference")
            value = None if operation["op"] == "remove" else operation.get("value")
            if why := fault_of(fields[name], value):
                raise invalid(resource, name, why)
            changes[name] = value
        return changes

    def _product(self, given: Row) -> Row:
        product = self.products.get(given["product"]["id"])
        if product is None:
            raise invalid("addition", "product", "does not exist")
        if product["productClass"] == "Bundle" or product["inactiveFlag"]:
            raise invalid("addition", "product", "is a bundle" if product["productClass"] == "Bundle" else "is inactive")
        return product

    @staticmethod
    def _check_dates(row: Row) -> None:
        start, end = day_of(row, "effectiveDate"), day_of(row, "cancelledDate")
        if start and end and end < start:
            raise invalid("addition", "cancelledDate", "is before effectiveDate")
