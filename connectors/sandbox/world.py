"""The made MSP: what is in its PSA and at its vendors, and beside it what a comparison must find. One seed, the same world.

The maker knows the answer because it made the question: expected figures come from the few numbers a scenario was made of, not from
the rules that are tested with them.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from connectors.sandbox.catalogue import HUNTRESS, ITEMS, MICROSOFT, MONTHLY, OWN, PAX8, Item, pax8_sku, vendor_name
from core.mapping import AccountMapping, Kind, Mapping, ServiceMapping, ServiceRule, Tie
from core.periods import Period
from core.settings import Settings

PERIOD = Period(2026, 11)
TODAY = dt.date(2026, 11, 26)
INVOICED = dt.date(2026, 11, 30)
ENTITY = "Northbridge IT Services"

NO_CHANGE, RECONCILE, NEW, NO_USAGE, NOT_KNOWN = "No change", "Reconcile", "New revenue", "No usage", "Not known"


FIRST_LINE = 3000


def cent(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the comparison must say of one line, or of new revenue."""

    state: str
    difference: Decimal | None = None
    effect: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """What the reviewer enters in one row, and what must come of it."""

    action: str
    quantity: Decimal | None = None
    effective_date: dt.date | None = None
    agreement: str | None = None
    reason: str | None = None
    note: str | None = None
    outcome: str = "accepted"
    writes: tuple[str, ...] = ()  # in words, in order; empty: nothing is written
    effect: Decimal | None = None  # of the change, per month
    next_invoice: Decimal | None = None
    catch_up: Decimal = Decimal("0.00")


@dataclass(slots=True)
class Customer:
    """A customer of the MSP with its main agreement."""

    name: str
    agreement_id: str
    agreement: str
    status: str = "Active"
    cycle: str = "Monthly"
    months: int = 1
    timing: str = "Advance"
    prorates: bool = False
    invoiced_through: dt.date | None = INVOICED
    account_names: dict[str, str] = field(default_factory=dict)  # by vendor


Key = tuple[str, str, str]
"""("line", line id, "") or ("new", customer, product id)."""


@dataclass(slots=True)
class World:
    """Rows of every file, the mapping that the MSP already has, and what must come out."""

    seed: int
    agreements: list[dict[str, Any]] = field(default_factory=list)
    microsoft: list[dict[str, Any]] = field(default_factory=list)
    microsoft_january: list[dict[str, Any]] = field(default_factory=list)
    pax8: list[dict[str, Any]] = field(default_factory=list)
    huntress: list[dict[str, Any]] = field(default_factory=list)
    dropsuite: list[dict[str, Any]] = field(default_factory=list)
    accounts: list[AccountMapping] = field(default_factory=list)
    services: list[ServiceMapping] = field(default_factory=list)
    rules: list[ServiceRule] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    expected: dict[Key, Expected] = field(default_factory=dict)
    listed: dict[str, str] = field(default_factory=dict)  # line id to "no vendor" or "out of scope"
    buckets: dict[tuple[str, str], list[Decimal]] = field(default_factory=dict)  # (vendor, bucket): rows, units, money
    played: dict[Key, Played] = field(default_factory=dict)
    settings: Settings = Settings(entity=ENTITY)
    mapped: list[tuple[str, str]] = field(default_factory=list)  # (vendor, account) whose suggestion the reviewer accepts
    after: dict[Key, Expected] = field(default_factory=dict)  # what the next revision must say then

    @property
    def mapping(self) -> Mapping:
        return Mapping(tuple(self.accounts), tuple(self.services), tuple(self.rules), tuple(self.ties))


class Maker:
    """Puts customers, lines and counts into a world, and notes what must come of each."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a world is made to be repeated, not to be secret
        self.world = World(seed)
        self._line = FIRST_LINE
        self._agreement = 800
        self._subscription = 0
        self._mapped: set[tuple[str, str]] = set()
        self.seen: set[tuple[str, str]] = set()  # (vendor, account) that a row names
        self.absent: set[tuple[str, str]] = set()  # that bill a service which the vendor does not list

    # customers and lines

    @property
    def lines(self) -> int:
        """How many lines the PSA holds."""
        return self._line - FIRST_LINE

    def customer(self, name: str, **changes: Any) -> Customer:
        self._agreement += 1
        return Customer(name, str(self._agreement), "Managed services", **changes)

    def agreement(self, customer: Customer, name: str, parent: str | None = None) -> Customer:
        """Another agreement of the same customer, declared by a row without a product."""
        self._agreement += 1
        other = replace(customer, agreement_id=str(self._agreement), agreement=name, account_names=customer.account_names)
        self.world.agreements.append({**self._agreement_columns(other), "Parent Agreement": parent or ""})
        return other

    def line(self, customer: Customer, product_id: str, quantity: Any, price: str | None = None, **changes: Any) -> str:
        """A line of the customer's agreement; returns its id."""
        self._line += 1
        item = ITEMS.get(product_id) or OWN.get(product_id)
        columns = {
            **self._agreement_columns(customer),
            "Line ID": str(self._line),
            "Product ID": product_id,
            "Description": item.description if item else changes.pop("description"),
            "Quantity": str(quantity),
            "Unit Price": price or str(item.price if item else ""),
            "Unit Cost": str(item.cost) if item else "",
            "Effective Date": "2026-01-01",
        }
        self.world.agreements.append({**columns, **{k.replace("_", " ").title(): v for k, v in changes.items()}})
        return str(self._line)

    @staticmethod
    def _agreement_columns(customer: Customer) -> dict[str, Any]:
        return {
            "Company": customer.name,
            "Agreement": customer.agreement,
            "Agreement ID": customer.agreement_id,
            "Billing Cycle": customer.cycle,
            "Agreement Status": customer.status,
            "Period Type": customer.timing,
            "Invoiced Through": customer.invoiced_through.isoformat() if customer.invoiced_through else "",
            "Prorate": "Yes" if customer.prorates else "No",
            "Currency": "USD",
        }

    # what must come out

    def expect(self, key: Key, state: str, difference: Any = None, effect: Any = None) -> Key:
        self.world.expected[key] = Expected(
            state, None if difference is None else Decimal(difference), None if effect is None else cent(Decimal(effect))
        )
        return key

    def play(self, key: Key, action: str, **entered: Any) -> None:
        self.world.played[key] = Played(action, **entered)

    def tally(self, vendor: str, bucket: str, units: Any, money: Any) -> None:
        """One vendor row in, and the bucket it must stand in."""
        for name in ("in", bucket):
            entry = self.world.buckets.setdefault((vendor, name), [Decimal(0)] * 3)
            for i, value in enumerate((1, units, money)):
                entry[i] += Decimal(value)

    # what the vendors count

    def subscription(self) -> str:
        self._subscription += 1
        return f"{self._subscription:08x}-7d1e-4b5a-9c3f-{self.random.getrandbits(48):012x}"

    def microsoft(
        self,
        account: str,
        part: str,
        quantity: int,
        *,
        bucket: str = "to PSA lines",
        term: str = MONTHLY,
        price: Decimal | None = None,
        kind: str = "cycleCharge",
        subscription: str | None = None,
        start: dt.date = PERIOD.start,
        end: dt.date = INVOICED,
        amount: Decimal | None = None,
        units: int | None = None,
        january: bool = False,
        product: str | None = None,
        category: str = "OnlineServicesNCE",
    ) -> str:
        """A row of Microsoft's file. `units` is what it counts where that is not its quantity; returns the subscription."""
        price = self._cost(part) if price is None else price
        amount = cent(price * quantity) if amount is None else amount
        subscription = subscription or self.subscription()
        rows = self.world.microsoft_january if january else self.world.microsoft
        self.seen.add((MICROSOFT, account))
        rows.append(
            {
                "CustomerId": microsoft_account_id(account),
                "CustomerName": account,
                "ProductId": part,
                "SkuId": "0001",
                "SkuName": product or vendor_name(part),
                "ProductName": product or vendor_name(part),
                "ChargeType": kind,
                "UnitPrice": price,
                "Quantity": abs(quantity),
                "BillableQuantity": quantity,
                "Subtotal": amount,
                "EffectiveUnitPrice": cent(amount / quantity) if quantity else Decimal(0),
                "SubscriptionId": subscription,
                "ChargeStartDate": start,
                "ChargeEndDate": end,
                "TermAndBillingCycle": term,
                "BillingFrequency": "Annual" if "yearly" in term else "Monthly",
                "ProductCategory": category,
            }
        )
        self.tally(MICROSOFT, bucket, quantity if units is None else units, amount)
        return subscription

    def pax8(
        self,
        account: str,
        part: str,
        quantity: int,
        *,
        bucket: str = "to PSA lines",
        kind: str = "subscription",
        units: int | None = None,
        cost: Decimal | None = None,
    ) -> None:
        """A row of Pax8's invoice. `units` is what it counts where that is not its quantity."""
        cost = self._cost(part) if cost is None else cost
        amount = cent(cost * quantity)
        self.seen.add((PAX8, account))
        self.world.pax8.append(
            {
                "company_name": account,
                "company_id": f"{_hex(account)}-pax8",
                "type": kind,
                "quantity": quantity,
                "sku": pax8_sku(part),
                "description": vendor_name(part),
                "price": cent(cost * Decimal("1.25")),
                "cost": cost,
                "cost_total": amount,
            }
        )
        self.tally(PAX8, bucket, quantity if units is None else units, amount)

    def counts(self, vendor: str, account: str, part: str, quantity: int, *, bucket: str = "to PSA lines") -> None:
        """A row of Huntress's or Dropsuite's list."""
        rows = self.world.huntress if vendor == HUNTRESS else self.world.dropsuite
        cost = self._cost(part)
        self.seen.add((vendor, account))
        rows.append({"account": account, "product": vendor_name(part), "sku": part, "quantity": quantity, "cost": cost})
        self.tally(vendor, bucket, quantity, cent(cost * quantity))

    def count(self, vendor: str, account: str, part: str, quantity: int, *, bucket: str = "to PSA lines") -> None:
        """A count at any vendor, of its usual kind."""
        if vendor == MICROSOFT:
            self.microsoft(account, part, quantity, bucket=bucket)
        elif vendor == PAX8:
            self.pax8(account, part, quantity, bucket=bucket)
        else:
            self.counts(vendor, account, part, quantity, bucket=bucket)

    @staticmethod
    def _cost(part: str) -> Decimal:
        return next((i.cost for i in ITEMS.values() if i.part == part), Decimal(0))

    # mapping

    def map_service(self, vendor: str, item: Item, term: str = MONTHLY, product_id: str | None = None) -> None:
        """Ties a vendor's service to the PSA's, once."""
        service_id = vendor_service_id(vendor, item.part, term)
        if (vendor, service_id) not in self._mapped:
            self._mapped.add((vendor, service_id))
            name = vendor_name(item.part)
            self.world.services.append(ServiceMapping(vendor, service_id, name, Kind.MAPPED, product_id or item.product_id))


def vendor_service_id(vendor: str, part: str, term: str = MONTHLY) -> str:
    """The id under which the importer knows a vendor's service."""
    if vendor == MICROSOFT:
        return f"{part}:0001 | {term}" + (" | Annual" if "yearly" in term else "")
    if vendor == PAX8:
        return pax8_sku(part)
    return part if vendor == HUNTRESS else vendor_name(part)


def microsoft_account_id(account: str) -> str:
    return f"{_hex(account)}-0000-4000-8000-{_hex(account)}0000"


def _hex(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=4).hexdigest()


def line_key(line_id: str) -> Key:
    return ("line", line_id, "")


def new_key(customer: Customer, product_id: str) -> Key:
    return ("new", customer.name, product_id)
