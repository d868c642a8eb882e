"""The facts: one frozen record for each thing the rules speak of. Field order is the column order of their frames.

`None` means no record; `0` means a count of zero; they are never mixed. Periods are half-open: `until` is the first day
not covered.
"""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from core.frames import Money, Price, Quantity


class State(StrEnum):
    """What the comparison of a line says."""

    NO_CHANGE = "No change"
    RECONCILE = "Reconcile"  # quantities differ
    NEW_REVENUE = "New revenue"  # usage, and no PSA line
    NO_USAGE = "No usage"  # a PSA line, and the vendor counts nothing
    NOT_KNOWN = "Not known"  # no proof either way


class Cause(StrEnum):
    """Why a line differs; empty where it does not."""

    NONE = ""
    STALE_DATA = "stale data"
    MAPPING = "mapping"
    COMMITMENT = "commitment"
    TIMING = "timing"
    BILLING_GAP = "billing gap"


class Action(StrEnum):
    """What a person may decide for a line (R7), or for a service's cost."""

    APPROVE = "Approve"
    ADD_LINE = "Add line"
    END_LINE = "End line"
    DISMISS = "Dismiss"
    ASK = "Ask"
    UPDATE_COST = "Update cost"  # of a service, not of a line (R15)


class Measure(StrEnum):
    """What a line is compared in (R12)."""

    UNITS = "units"
    MONEY = "money"


class BillCustomer(StrEnum):
    """How the PSA bills a line; the last two bill nothing."""

    BILLABLE = "Billable"
    NO_CHARGE = "NoCharge"
    DO_NOT_BILL = "DoNotBill"


class ChargeKind(StrEnum):
    """What a row of a vendor file is. Only `charge`, `count` and `usage` count units (R11)."""

    CHARGE = "charge"  # a subscription's quantity for a period
    COUNT = "count"  # a plain count, without a subscription or a period
    USAGE = "usage"  # metered: money, no seats
    REFUND = "refund"  # the negative half of a refund-and-charge pair
    CANCELLATION = "cancellation"  # a refund after which the subscription is ended
    PRORATION = "proration"  # part of a period's price; money only
    CREDIT = "credit"
    ONE_OFF = "one-off"


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """One service on one agreement of one customer, as the PSA bills it."""

    line_id: str  # the PSA's id; where its export has none, one made of agreement, service, date and order
    agreement_id: str
    agreement: str
    parent_agreement: str | None
    customer_id: str  # where the export has no id: the name
    customer: str
    service_id: str  # the PSA's product id or code
    service: str  # its description
    quantity: Quantity
    included: Quantity  # free of charge ("less included")
    unit_price: Price  # for one unit and one billing cycle
    unit_cost: Price | None  # as recorded in the PSA
    effective: dt.date | None  # first day billed
    cancelled: dt.date | None  # as the PSA holds it; its meaning is a setting
    cycle_months: int  # months of one billing cycle; 0: not recurring
    agreement_status: str  # Active, or why it does not bill
    bill_customer: BillCustomer
    in_arrears: bool
    prorates: bool
    invoiced_through: dt.date | None  # last day invoiced; None: the PSA does not say
    currency: str
    place: str  # file and row it was read from
    version: str | None = None  # moves with every change of the record in the PSA; None: its export does not say


@dataclass(frozen=True, slots=True)
class Charge:
    """One row of a vendor's invoice or count file, in our words."""

    source: str  # the file
    row: int  # its row there, as a spreadsheet numbers it
    vendor: str
    account_id: str
    account: str
    vendor_service_id: str  # SKU with its term and billing plan
    vendor_service: str
    sku: str | None
    term: str | None  # term and billing plan, in words
    subscription_id: str | None
    kind: ChargeKind
    quantity: Quantity | None
    assigned: Quantity | None
    unit_cost: Price | None  # for one unit and one full period, never the prorated price
    cost_months: int | None  # months of that full period; None: as long as the subscription's longest row
    amount: Money | None  # what the row charges, before tax; None: the file has no money
    start: dt.date | None
    until: dt.date | None  # first day not covered
    can_reduce_from: dt.date | None  # end of the commitment
    final: bool  # False: the vendor may still change it
    currency: str


@dataclass(frozen=True, slots=True)
class Source:
    """One file that was read, with what is known of its data."""

    name: str
    role: str  # "PSA", "catalogue" or the vendor's name
    layout: str  # the import profile
    sha256: str
    rows: int
    complete: bool  # False: a failed or partial read
    as_of: dt.date | None  # the day its data speaks of; None: the file does not say
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """A catalogue item of the PSA."""

    service_id: str
    service: str
    price: Price | None
    cost: Price | None
    sku: str | None = None  # the vendor's SKU, where the catalogue carries it


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement that a new line may go on, drawn from the lines that the PSA export lists."""

    agreement_id: str
    agreement: str
    parent_agreement: str | None
    customer_id: str
    customer: str
    status: str
    cycle_months: int
    in_arrears: bool
    prorates: bool
    invoiced_through: dt.date | None
    currency: str

    @property
    def label(self) -> str:
        """What the drop-down shows: the name, marked as a child where it is one, with its id."""
        child = f" (child of {self.parent_agreement})" if self.parent_agreement else ""
        return f"{self.agreement}{child} [{self.agreement_id}]"

    @property
    def open(self) -> bool:
        return self.status.casefold() == "active"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row: a PSA line (or what would be one) against its share of the group's usage."""

    key: str
    fingerprint: str  # of everything a decision rests on
    vendor: str  # whose sheet it stands on
    state: State
    cause: Cause
    why: str
    measure: Measure
    customer_id: str
    customer: str
    service_id: str
    service: str
    agreement_id: str | None
    agreement: str | None
    line_id: str | None  # None: new revenue
    bill_customer: BillCustomer
    psa_quantity: Quantity | None  # from the effective date on (R4)
    vendor_quantity: Quantity | None
    to_bill: Quantity | None
    difference: Quantity | None
    group_size: int  # PSA lines in the group
    group_to_bill: Quantity | None  # of the whole group
    proposed: bool  # False: nothing is proposed, a quantity must be typed
    proven: bool  # an end needs no reason
    included: Quantity
    minimum: Quantity | None
    unit_price: Price | None  # None: new revenue without a catalogue price
    proposed_price: Price | None  # measure money: what Approve writes
    catalogue_price: Price | None
    unit_cost: Price | None  # as recorded in the PSA
    vendor_unit_cost: Price | None  # over one billing cycle of the line, from the full period's price
    vendor_cost: Money | None  # per month, the same before and after
    currency: str
    months: int  # of the billing cycle
    revenue_before: Money | None
    revenue_after: Money | None
    effect: Money | None  # per month
    missed: Money | None  # in the last invoiced period, to bill by hand where the PSA cannot
    since: dt.date | None
    effective_date: dt.date | None  # R5's default
    starts: dt.date | None  # first day that the line is billed; None: new revenue, or the PSA does not say
    ends: dt.date | None  # first day not billed; None: no end is scheduled
    invoiced_through: dt.date | None
    in_arrears: bool
    prorates: bool
    next_invoice_effect: Money | None
    vendor_account: str | None
    vendor_service_id: str | None
    vendor_service: str | None
    term: str | None
    can_reduce_from: dt.date | None
    bought: Quantity | None
    assigned: Quantity | None
    last_month: Quantity | None
    age: int  # months in a row that it has stood open, this one counted
    as_of: dt.date | None
    large: bool  # R14


@dataclass(frozen=True, slots=True)
class NoVendor:
    """A PSA line that no vendor service is mapped to."""

    key: str
    customer: str
    agreement: str
    line_id: str
    service_id: str
    service: str
    quantity: Quantity
    revenue: Money  # per month
    currency: str
    expected_none: bool  # remembered: no vendor is expected for this service


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A row of either side that is listed with its reason, not compared and not written."""

    key: str
    side: str  # "PSA" or the vendor
    bucket: str  # as the completeness proof names it
    reason: str
    customer: str
    service: str
    reference: str  # line id, or file and row
    quantity: Quantity | None
    money: Money | None  # PSA: per month; vendor: as charged
    currency: str
    owner: str | None
    review: dt.date | None
    check: str  # included: "31 of 32, ok"


@dataclass(frozen=True, slots=True)
class UnmappedAccount:
    """A vendor account not tied to a customer, with what is at stake."""

    key: str
    vendor: str
    account_id: str
    account: str
    rows: int
    units: Quantity
    money: Money
    currency: str
    suggestion_id: str | None
    suggestion: str | None
    confidence: int | None  # per cent


@dataclass(frozen=True, slots=True)
class UnmappedService:
    """A vendor service not tied to a PSA service, with what is at stake."""

    key: str
    vendor: str
    vendor_service_id: str
    vendor_service: str
    term: str | None
    rows: int
    units: Quantity
    money: Money
    currency: str
    suggestion_id: str | None
    suggestion: str | None
    confidence: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """One bucket of the completeness proof (R16): rows, units and money of one source in one currency."""

    ledger: str  # "vendor", "psa" or "decisions"
    source: str
    currency: str
    bucket: str  # "in" is what came in; the others must add up to it
    rows: int
    units: Quantity
    money: Money


@dataclass(frozen=True, slots=True)
class Problem:
    """Input that could not be used, and exactly where it stands."""

    place: str  # "file.xlsx, Pax8!K12" or "file.csv, row 12, column Quantity"
    message: str  # what is wrong and what to do

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Step:
    """One dated quantity of a line that changes on several days. Two of one quantity and day are equal."""

    quantity: Decimal
    effective_date: dt.date
    note: str | None = field(default=None, compare=False)
    place: str = field(default="", compare=False)  # file, sheet and cell of the quantity


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person wrote in one row of a returned copy, with the dated steps that belong to it."""

    key: str
    fingerprint: str
    action: Action
    quantity: Decimal | None = None
    effective_date: dt.date | None = None
    agreement: str | None = None  # as chosen or typed: a label or an id
    new_price: Decimal | None = None  # Update cost: the new cost
    reason: str | None = None
    note: str | None = None
    by: str = ""  # the copy's recipient
    place: str = ""  # file, sheet and cell of the decision
    steps: tuple[Step, ...] = ()  # in place of quantity and effective_date, in any order
    own_too: bool = False  # Update cost: also of lines that have a cost of their own


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a person wrote of a change since the last period."""

    key: str  # of the change's row
    text: str
    by: str = ""  # the copy's recipient
    place: str = ""


@dataclass(frozen=True, slots=True)
class MappingDecision:
    """What a person wrote for an unmapped account or service, or for a PSA service without a vendor."""

    subject: str  # "account", "service" or "no vendor"
    vendor: str
    vendor_id: str  # the account's or the vendor service's id; for "no vendor" the PSA service's id
    choice: str  # Map, Include, Internal, Free, Exclude, None expected
    target: str | None = None  # customer or PSA service, as chosen or typed: a label, an id or a name
    reason: str | None = None
    owner: str | None = None
    review: dt.date | None = None
    by: str = ""
    place: str = ""
