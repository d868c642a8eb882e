"""ConnectWise PSA (Manage): companies, agreements with their additions and what is invoiced, and the catalogue.

There is no list of additions across agreements, and it is UNSURE whether a changed addition moves its agreement's time of
change, so the additions of every active agreement are read each time. An agreement without a billing cycle bills nothing by
itself and is not counted; nor is one of a prospect or of a company in the recycle bin.
"""

import datetime as dt
from base64 import b64encode
from collections.abc import Generator
from dataclasses import dataclass
from decimal import Decimal

import httpx

from connectors.engine import Connector, Context, Endpoint, Setting, Skip, Values
from connectors.fields import Fields
from connectors.paging import Query, link_pages
from core.periods import DAY, add_months
from core.records import Agreement, AgreementLine, BillCustomer, Service

PAGE = 1000
ACCEPT = "application/vnd.connectwise.com+json; version=2025.1"
BASE_PATH = "/v4_6_release/apis/3.0"
"""Always the current release."""

CYCLES = {
    "Monthly": 1, "BiMonthly": 2, "Quarterly": 3, "SemiAnnual": 6, "Yearly": 12, "NotRecurring": 0,
    "Weekly": None, "BiWeekly": None,
}  # fmt: skip
"""Months of each billing option; None: it is not made of months."""

PERIOD_TYPES = ("Current", "Future", "Both", "Undefined")

FIRST_DAY_NOT_INVOICED, DAY_OF_INVOICING = "first day not invoiced", "day of invoicing"


@dataclass(frozen=True, slots=True)
class Company:
    """A company that may be billed."""

    company_id: str
    name: str
    currency: str | None


@dataclass(frozen=True, slots=True)
class BillingCycle:
    """How often an agreement of this cycle is invoiced."""

    name: str
    months: int | None  # None: not made of months; 0: not recurring


class ApiKeys(httpx.Auth):
    """Basic, with the MSP's company before the public key."""

    def __init__(self, values: Values) -> None:
        keys = f"{values['company']}+{values['public_key']}:{values['private_key']}"
        self._header = "Basic " + b64encode(keys.encode()).decode()

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self._header
        yield request


def _company(row: Fields, context: Context) -> Company | Skip:
    if row.flag("deletedFlag"):
        return Skip("companies in the recycle bin")
    types = [str(kind.get("name", "")).casefold() for kind in row("types") or ()]
    prospects = [word.strip().casefold() for word in context.values["prospect_types"].split(",")]
    if types and all(kind in prospects for kind in types):
        return Skip("companies that are prospects")
    return Company(row.text("id"), row.text("name"), row.optional_text("currency.currencyCode"))


def _billing_cycle(row: Fields, context: Context) -> BillingCycle:
    return BillingCycle(row.text("name"), row.one_of("billingOptions", CYCLES))


def _agreement(row: Fields, context: Context) -> Agreement | Skip:
    company = context.known[Company].get(row.text("company.id"))
    if company is None:
        return Skip("agreements of prospects and of companies in the recycle bin")
    cycle_id = row.optional_text("billingCycle.id")
    if cycle_id is None:
        return Skip("agreements without a billing cycle")
    cycle = context.known[BillingCycle][row.one_of("billingCycle.id", {key: key for key in context.known[BillingCycle]})]
    if cycle.months is None:
        return Skip(f"agreements with the billing cycle {cycle.name}, which is not made of months")
    in_arrears = row.one_of("periodType", {t: t for t in PERIOD_TYPES}, "Undefined") in _arrears(context.values)
    return Agreement(
        agreement_id=row.text("id"),
        agreement=row.text("name"),
        parent_agreement=row.optional_text("parentAgreement.name"),
        customer_id=company.company_id,
        customer=company.name,
        status="Cancelled" if row.flag("cancelledFlag") else row.text("agreementStatus", "Active"),
        cycle_months=cycle.months,
        in_arrears=in_arrears,
        prorates=row.flag("prorateFlag"),
        invoiced_through=_invoiced_through(row.day("nextInvoiceDate"), cycle.months, in_arrears, context.values),
        currency=row.optional_text("currency.currencyCode") or company.currency or context.values["currency"],
    )


def _arrears(values: Values) -> tuple[str, ...]:
    return ("Current",) if values["current_period_is"] == "in arrears" else ()


def _invoiced_through(following: dt.date | None, months: int, in_arrears: bool, values: Values) -> dt.date | None:
    """The last day invoiced. On the day of invoicing in arrears, the period that is invoiced has just passed."""
    if following is None:
        return None
    if in_arrears and values["next_invoice_date_is"] == DAY_OF_INVOICING:
        following = add_months(following, -months)
    return following - DAY


def _line(row: Fields, context: Context) -> AgreementLine:
    agreement: Agreement = context.parent
    return AgreementLine(
        line_id=row.text("id"),
        agreement_id=agreement.agreement_id,
        agreement=agreement.agreement,
        parent_agreement=agreement.parent_agreement,
        customer_id=agreement.customer_id,
        customer=agreement.customer,
        service_id=row.text("product.identifier"),
        service=row.optional_text("description") or row.optional_text("invoiceDescription") or row.text("product.identifier"),
        quantity=row.quantity("quantity"),
        included=row.quantity("lessIncluded", Decimal(0)),
        unit_price=row.price("unitPrice"),
        unit_cost=row.optional_price("unitCost"),
        effective=row.day("effectiveDate"),
        cancelled=row.day("cancelledDate"),
        cycle_months=agreement.cycle_months,
        agreement_status=agreement.status,
        bill_customer=row.one_of("billCustomer", {str(kind): kind for kind in BillCustomer}),
        in_arrears=agreement.in_arrears,
        prorates=agreement.prorates,
        invoiced_through=agreement.invoiced_through,
        currency=agreement.currency,
        place=context.place(f"agreement {agreement.agreement_id}, addition", row.text("id")),
    )


def _service(row: Fields, context: Context) -> Service | Skip:
    if row.flag("inactiveFlag"):
        return Skip("inactive products")
    sku = row.optional_text("vendorSku") or row.optional_text("manufacturerPartNumber")
    price, cost = row.optional_price("price"), row.optional_price("cost")
    return Service(row.text("identifier"), row.text("description"), price, cost, sku)


def _changed_since(time: dt.datetime) -> Query:
    """Without any other condition: a company that was deleted since must be seen to be left out."""
    return {"conditions": f"lastUpdated>[{time.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}]"}


BY_ID = {"orderBy": "id asc"}
"""So that a record that comes in while pages are read does not move the others."""

CONNECTWISE = Connector(
    name="connectwise",
    title="ConnectWise PSA",
    role="PSA",
    hosts=("api-*.myconnectwise.net", "api-staging.connectwisedev.com"),
    base_path=BASE_PATH,
    settings=(
        Setting("address", "Address", "The API's host, for example https://api-na.myconnectwise.net."),
        Setting("company", "Company", "The company id that you type to log in."),
        Setting("public_key", "Public key", "Of an API member, under System > Members > API Members > API Keys.", secret=True),
        Setting("private_key", "Private key", "Shown once, when the key is made.", secret=True),
        Setting("client_id", "Client id", "The integration's id from the developer site; not a secret."),
        Setting("currency", "Currency", "Of agreements whose company names none.", "USD"),
        Setting("prospect_types", "Prospect types", "Company types that are no customers, with commas between them.", "Prospect"),
        Setting(
            "current_period_is", "Period type Current", "How an agreement of that type is billed. UNSURE: ask who invoices.",
            "in advance", choices=("in advance", "in arrears"),
        ),
        Setting(
            "next_invoice_date_is", "Next invoice date", "What an agreement's next invoice date says. UNSURE for arrears only: "
            "the first day that is not invoiced, or the day of invoicing, when that period has passed.",
            FIRST_DAY_NOT_INVOICED, choices=(FIRST_DAY_NOT_INVOICED, DAY_OF_INVOICING),
        ),
    ),
    auth=ApiKeys,
    headers=lambda values: {"clientId": values["client_id"], "Accept": ACCEPT},
    fills=AgreementLine,
    reads={
        Company: Endpoint(
            "company", "/company/companies", "Companies > Company Maintenance: Inquire", link_pages(PAGE), _company,
            BY_ID, "/count", _changed_since,
        ),
        BillingCycle: Endpoint(
            "billing cycle", "/finance/billingCycles", "System > Table Setup: Inquire", link_pages(PAGE), _billing_cycle, BY_ID,
            "/count",
        ),
        Agreement: Endpoint(
            "agreement", "/finance/agreements", "Finance > Agreements: Inquire", link_pages(PAGE), _agreement, BY_ID, "/count",
            _changed_since,
        ),
        AgreementLine: Endpoint(
            "addition", "/finance/agreements/{parent}/additions", "Finance > Agreements: Inquire", link_pages(PAGE), _line, BY_ID,
            each=Agreement, wanted=lambda agreement: agreement.open,
        ),
        Service: Endpoint(
            "product", "/procurement/catalog", "Procurement > Product Catalog: Inquire", link_pages(PAGE), _service, BY_ID,
            "/count", _changed_since,
        ),
    },
)  # fmt: skip
