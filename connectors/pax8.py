"""Pax8: what each company subscribes to, by its terms, at what it costs us.

The subscription is what counts, and its product gives the SKU. Term and commitment are part of the vendor service: one SKU
sold monthly and annually is two services with two costs.
"""

import datetime as dt
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from decimal import Decimal

import httpx

from connectors.engine import Connector, Context, Endpoint, Setting, Skip, Values
from connectors.errors import FixCredentials, TryLater, WillNotHelp
from connectors.fields import Fields, Unreadable
from connectors.paging import numbered_pages
from core.periods import DAY, add_months
from core.records import Charge, ChargeKind

PAGE = 200
VENDOR = "Pax8"
BASE_PATH = "/v1"
AUDIENCE = "https://api.pax8.com"
RENEW_BEFORE = 300.0
"""Seconds before its end at which a token is renewed."""

COUNTED = ("Active", "Activated", "PendingCancel")
ENDED = ("Cancelled",)
NOT_COUNTED = {
    "Trial": "subscriptions on trial",
    "Converted": "trials that were converted: another subscription counts",
    "PendingManual": "subscriptions that wait for Pax8",
    "PendingAutomated": "subscriptions that wait for Pax8",
    "WaitingForDetails": "subscriptions that wait for details",
    "PendingActivation": "subscriptions that are not activated, and not billed",
}
TERM_MONTHS = {"Monthly": 1, "Annual": 12, "2-Year": 24, "3-Year": 36}
NOT_RECURRING = {"One-Time": "one-time purchases", "Trial": "subscriptions on trial", "Activation": "activation fees"}
SHORT_COMMITMENTS = ("Monthly", "1-Month", "Month-to-Month")
"""Commitments that end with the month: no reason to keep a quantity."""


@dataclass(frozen=True, slots=True)
class Company:
    """A company that the partner sells to."""

    name: str


@dataclass(frozen=True, slots=True)
class Product:
    """What can be subscribed to."""

    name: str
    sku: str | None


class Token(httpx.Auth):
    """A token for the partner's keys, renewed before it ends and once more where the API refuses it."""

    requires_response_body = True

    def __init__(self, values: Values, clock: Callable[[], float] = time.monotonic) -> None:
        self._asked = {
            "client_id": values["client_id"],
            "client_secret": values["client_secret"],
            "audience": AUDIENCE,
            "grant_type": "client_credentials",
        }
        self._clock, self._token, self._ends, self._lock = clock, "", 0.0, threading.Lock()

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        fresh = False
        with self._lock:
            if not self._token or self._clock() >= self._ends:
                yield from self._renew(request)
                fresh = True
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == 401 and not fresh:
            with self._lock:
                yield from self._renew(request)
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _renew(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        response = yield httpx.Request("POST", request.url.copy_with(path=f"{BASE_PATH}/token", query=None), json=self._asked)
        response.read()
        if response.status_code in (400, 401, 403):
            raise FixCredentials("/token", f"the client id or secret was refused: {response.status_code}")
        if response.status_code != 200:
            raise TryLater("/token", f"no token was given: {response.status_code}")
        try:
            given = response.json()
            self._token, self._ends = str(given["access_token"]), self._clock() + float(given["expires_in"]) - RENEW_BEFORE
        except (ValueError, KeyError, TypeError):
            raise WillNotHelp("/token", "the answer holds no token") from None


def _company(row: Fields, context: Context) -> Company:
    return Company(row.text("name"))


def _product(row: Fields, context: Context) -> Product:
    return Product(row.text("name"), row.optional_text("sku"))


def _charge(row: Fields, context: Context) -> Charge | Skip:
    status = row.text("status")
    term = row.text("billingTerm")
    if status in NOT_COUNTED:
        return Skip(NOT_COUNTED[status])
    if term in NOT_RECURRING:
        return Skip(NOT_RECURRING[term])
    row.one_of("status", {s: s for s in (*COUNTED, *ENDED)})
    ended = _ended(row, status, context)
    if ended and _long_ago(row.day("endDate"), context):
        return Skip("subscriptions that ended long ago")
    company_id, product_id = row.text("companyId"), row.text("productId")
    company: Company | None = context.known[Company].get(company_id)
    if company is None:
        raise Unreadable(f"companyId is {company_id!r}, which the companies do not list")
    product: Product | None = context.known[Product].get(product_id)
    sku = product.sku if product else None
    commitment = row.optional_text("commitmentTerm.term")
    words = " | ".join(filter(None, (term, commitment)))
    return Charge(
        source=context.source,
        row=context.number,
        vendor=VENDOR,
        account_id=company_id,
        account=company.name,
        vendor_service_id=f"{sku or product_id} | {words}",
        vendor_service=row.optional_text("productName") or (product.name if product else product_id),
        sku=sku,
        term=words,
        subscription_id=row.text("id"),
        kind=ChargeKind.COUNT,
        quantity=Decimal(0) if ended else row.quantity("quantity"),
        assigned=None,
        unit_cost=row.optional_price("partnerCost"),
        cost_months=_cost_months(row, term, context.values),
        amount=None,
        start=None,  # a count speaks of the day that it was read
        until=None,
        can_reduce_from=_can_reduce_from(row, commitment, context.values),
        final=True,
        currency=row.text("currencyCode", context.values["currency"]),
    )


def _ended(row: Fields, status: str, context: Context) -> bool:
    """Whether it counts zero: an ended subscription proves that nothing is used."""
    if status in ENDED:
        return True
    end = row.day("endDate")
    leaving = status == "PendingCancel" and end is not None and end < context.today
    return leaving and context.values["pending_cancel_past_its_end"] == "counts zero"


def _long_ago(end: dt.date | None, context: Context) -> bool:
    return end is not None and end < add_months(context.today, -int(context.values["ended_months"]))


def _cost_months(row: Fields, term: str, values: Values) -> int:
    months = row.one_of("billingTerm", TERM_MONTHS)
    return months if values["partner_cost_is_for"] == "billing term" else 1


def _can_reduce_from(row: Fields, commitment: str | None, values: Values) -> dt.date | None:
    """The first day on which a commitment of more than a month may be reduced."""
    end = row.day("commitmentTerm.endDate")
    if end is None or commitment in SHORT_COMMITMENTS:
        return None
    return end + DAY if values["commitment_end_is"] == "last day" else end


MONTHS = tuple(str(number) for number in range(1, 121))

PAX8 = Connector(
    name="pax8",
    title="Pax8",
    role=VENDOR,
    hosts=("api.pax8.com",),
    base_path=BASE_PATH,
    settings=(
        Setting("address", "Address", "The API's host.", "https://api.pax8.com"),
        Setting("client_id", "Client id", "Under Integrations Hub > API in Pax8.", secret=True),
        Setting("client_secret", "Client secret", "Shown once, when the client is made.", secret=True),
        Setting("currency", "Currency", "Of subscriptions that name none.", "USD"),
        Setting("ended_months", "Ended subscriptions", "For so many months an ended subscription is a count of zero; after that "
            "it is left out.", "13", choices=MONTHS),
        Setting("partner_cost_is_for", "Partner cost", "What partnerCost is the price of. UNSURE for terms longer than a month.",
            "billing term", choices=("billing term", "month")),
        Setting("pending_cancel_past_its_end", "Pending cancellation", "What a subscription counts whose end has passed while its "
            "cancellation is pending. UNSURE.", "counts on", choices=("counts on", "counts zero")),
        Setting("commitment_end_is", "End of a commitment", "Whether its end date is the last day of it or the first day after. "
            "UNSURE.", "last day", choices=("last day", "first day after")),
    ),
    auth=Token,
    fills=Charge,
    reads={
        Company: Endpoint("company", "/companies", "the companies of the partner's API client", numbered_pages(PAGE), _company,
            {"sort": "name"}),
        Product: Endpoint(
            "product", "/products", "the products of the partner's API client", numbered_pages(PAGE), _product, {"sort": "name"}
        ),
        Charge: Endpoint(
            "subscription", "/subscriptions", "the subscriptions of the partner's API client", numbered_pages(PAGE), _charge,
            {"sort": "createdDate,asc"},
        ),
    },
)  # fmt: skip
