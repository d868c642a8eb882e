"""ConnectWise PSA (Manage): companies, agreements with their additions and what is invoiced, and the catalogue.

There is no list of additions across agreements, and it is UNSURE whether a changed addition moves its agreement's time of
change, so the additions of every active agreement are read each time. An agreement without a billing cycle bills nothing by
itself and is not counted; nor is one of a prospect or of a company in the recycle bin.
"""

import datetime as dt
from base64 import b64encode
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

import httpx

from connectors.connectwise_periods import CYCLES, DAY_OF_INVOICING, FIRST_DAY_NOT_INVOICED, in_arrears, invoiced_through
from connectors.connectwise_permissions import INQUIRE_AGREEMENTS, INQUIRE_CATALOGUE, INQUIRE_COMPANIES, INQUIRE_CYCLES
from connectors.connectwise_requests import LONGEST_PAGE
from connectors.connectwise_writing import ConnectWiseWriter
from connectors.engine import Connection, Connector, Context, Endpoint, Setting, Skip, Values
from connectors.errors import WillNotHelp
from connectors.fields import Fields
from connectors.paging import BY_ID, Query, link_pages
from core.records import Agreement, AgreementLine, BillCustomer, Service

ACCEPT = "application/vnd.connectwise.com+json; version=2025.1"
BASE_PATH = "/v4_6_release/apis/3.0"
"""Always the current release."""


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
    return Agreement(
        agreement_id=row.text("id"),
        agreement=row.text("name"),
        parent_agreement=row.optional_text("parentAgreement.name"),
        customer_id=company.company_id,
        customer=company.name,
        status="Cancelled" if row.flag("cancelledFlag") else row.text("agreementStatus", "Active"),
        cycle_months=cycle.months,
        in_arrears=in_arrears(row, context.values),
        prorates=row.flag("prorateFlag"),
        invoiced_through=invoiced_through(row, cycle.months, context.values),
        currency=row.optional_text("currency.currencyCode") or company.currency or context.values["currency"],
    )


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
        version=row.optional_text("_info.lastUpdated"),
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


def _greeting(connection: Connection) -> str:
    """Whether the company is known at this host, which it says to everybody."""
    company, host = connection.values["company"], connection.address.host
    client = connection.anonymous()
    try:
        known = client.find(f"/login/companyinfo/{quote(company, safe='')}", {}, "", "company")
    finally:
        client.close()
    if known is None or not isinstance(known.body, Mapping):
        raise WillNotHelp(
            "/login/companyinfo", f"the company {company} is not known at {host}: correct the company, or the region in the address"
        )
    return f"the company {company} is known at {host}"


CONNECTWISE = Connector(
    name="connectwise",
    title="ConnectWise PSA",
    role="PSA",
    hosts=("api-*.myconnectwise.net", "api-staging.connectwisedev.com"),
    base_path=BASE_PATH,
    settings=(
        Setting("address", "Address", "The API's host, for example https://api-na.myconnectwise.net."),
        Setting(
            "self_hosted", "Self-hosted", "Whether this ConnectWise runs on your own host. Then the address may be any https:// "
            "name at port 443 that resolves to public addresses, and your keys go there: check it twice.",
            "no", choices=("no", "yes"),
        ),
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
    self_hosted=lambda values: values["self_hosted"] == "yes",
    greeting=_greeting,
    writer=ConnectWiseWriter,
    fills=AgreementLine,
    reads={
        Company: Endpoint(
            "company", "/company/companies", INQUIRE_COMPANIES, link_pages(LONGEST_PAGE), _company,
            BY_ID, "/count", _changed_since,
        ),
        BillingCycle: Endpoint(
            "billing cycle", "/finance/billingCycles", INQUIRE_CYCLES, link_pages(LONGEST_PAGE), _billing_cycle, BY_ID,
            "/count",
        ),
        Agreement: Endpoint(
            "agreement", "/finance/agreements", INQUIRE_AGREEMENTS, link_pages(LONGEST_PAGE), _agreement, BY_ID, "/count",
            _changed_since,
        ),
        AgreementLine: Endpoint(
            "addition", "/finance/agreements/{parent}/additions", INQUIRE_AGREEMENTS, link_pages(LONGEST_PAGE), _line, BY_ID,
            each=Agreement, wanted=lambda agreement: agreement.open,
        ),
        Service: Endpoint(
            "product", "/procurement/catalog", INQUIRE_CATALOGUE, link_pages(LONGEST_PAGE), _service, BY_ID,
            "/count", _changed_since,
        ),
    },
)  # fmt: skip
