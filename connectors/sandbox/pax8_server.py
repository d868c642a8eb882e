"""Pax8's partner API, answered over HTTP: tokens that end, pages from 0, ten rows unless more are asked for."""

import datetime as dt
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from flask import Flask

from connectors.sandbox.connectwise_model import Clock, Row, utc_now
from connectors.sandbox.faults import Faults
from connectors.sandbox.service import Call, Reply, app_of
from connectors.sandbox.world import World

PREFIX = "/v1"
USUAL_PAGE, LONGEST_PAGE = 10, 200
LIFETIME = 86400
STATUSES = (
    "Active", "Cancelled", "PendingManual", "PendingAutomated", "PendingCancel", "WaitingForDetails", "Trial", "Converted",
    "PendingActivation", "Activated",
)  # fmt: skip
TERMS = ("Monthly", "Annual", "2-Year", "3-Year", "One-Time", "Trial", "Activation")

COMPANY_FILTERS = ("city", "country", "stateOrProvince", "postalCode", "selfServiceAllowed", "billOnBehalfOfEnabled",
                   "orderApprovalRequired", "status")  # fmt: skip
FILTERS: Mapping[str, tuple[str, ...]] = {
    "companies": COMPANY_FILTERS,
    "products": ("search", "vendorName"),
    "subscriptions": ("status", "billingTerm", "companyId", "productId"),
}
SORTS: Mapping[str, tuple[str, ...]] = {
    "companies": ("name", "city", "country", "stateOrProvince", "postalCode"),
    "products": ("name", "vendor"),
    "subscriptions": ("quantity", "startDate", "endDate", "createdDate", "billingStart", "price"),
}
CHOICES = {"status": STATUSES, "billingTerm": TERMS}


class Refused(Exception):  # noqa: N818 -- named for what happened to the request
    """The API refuses a request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(frozen=True)
class Keys:
    """What a caller must send for a token."""

    client_id: str = "sandboxPax8Client01"
    client_secret: str = "sandboxPax8Secret1"  # noqa: S105 -- opens nothing but the sandbox


@dataclass
class Pax8:
    """The distributor: what it sells to whom, and the tokens that it gave."""

    clock: Clock = utc_now
    keys: Keys = field(default_factory=Keys)
    faults: Faults = field(default_factory=Faults)
    companies: dict[str, Row] = field(default_factory=dict)
    products: dict[str, Row] = field(default_factory=dict)
    subscriptions: dict[str, Row] = field(default_factory=dict)
    history: dict[str, list[Row]] = field(default_factory=dict)  # by subscription
    tokens: dict[str, dt.datetime] = field(default_factory=dict)  # the end of each
    lifetime: int = LIFETIME
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def app(self) -> Flask:
        return app_of(self.answer, self.faults)

    def load_world(self, world: World) -> None:
        """Puts the made MSP's companies and subscriptions into this distributor."""
        from connectors.sandbox.api_world import load_pax8  # it knows this class

        load_pax8(self, world)

    def subscribe(self, company_id: str, product_id: str, quantity: Any, **fields: Any) -> Row:
        """A subscription, active and monthly unless said otherwise."""
        row = {
            "id": self._new_id(company_id, product_id), "companyId": company_id, "productId": product_id, "quantity": quantity,
            "status": "Active", "billingTerm": "Monthly", "currencyCode": "USD", "productName": self.products[product_id]["name"],
            "startDate": "2026-01-01T08:30:00Z", "createdDate": "2026-01-01", "billingStart": "2026-01-01",
        } | fields  # fmt: skip
        self.subscriptions[row["id"]] = row
        self.history.setdefault(row["id"], []).append(dict(row))
        return row

    def _new_id(self, company_id: str, product_id: str) -> str:
        """The same for the same subscriptions in the same order: a simulator that was started again is the same one."""
        return str(uuid5(NAMESPACE_URL, f"{company_id}/{product_id}/{len(self.history)}"))

    def change(self, subscription_id: str, **fields: Any) -> None:
        """What a person changed in Pax8's portal."""
        row = self.subscriptions[subscription_id]
        row |= fields | {"updatedDate": f"{self.clock():%Y-%m-%dT%H:%M:%SZ}"}
        self.history[subscription_id].append(dict(row))

    def answer(self, call: Call) -> Reply:
        try:
            with self.lock:
                return self._answer(call)
        except Refused as refused:
            kinds = {400: "BAD_REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
            body = {"type": kinds[refused.status], "message": refused.message, "instance": call.path, "status": refused.status}
            return Reply(refused.status, body | {"details": []})

    def _answer(self, call: Call) -> Reply:
        path = call.path.removeprefix(PREFIX) if call.path.startswith(PREFIX + "/") else ""
        if path == "/token" and call.method == "POST":
            return self._token(call)
        self._authenticate(call)
        if call.method != "GET":
            raise Refused(405, "only reading is simulated")
        if found := re.fullmatch(r"/(companies|products|subscriptions)", path):
            return self._page(call, found[1])
        if found := re.fullmatch(r"/(companies|products|subscriptions)/([^/]+)", path):
            return Reply(200, self._one(found[1], found[2]))
        if found := re.fullmatch(r"/subscriptions/([^/]+)/history", path):
            self._one("subscriptions", found[1])
            return Reply(200, {"content": self.history[found[1]]})
        raise Refused(404, "no such path")

    def _token(self, call: Call) -> Reply:
        try:
            asked = call.json()
        except ValueError:
            asked = None
        wanted = {
            "client_id": self.keys.client_id, "client_secret": self.keys.client_secret, "audience": "https://api.pax8.com",
            "grant_type": "client_credentials",
        }  # fmt: skip
        if asked != wanted or not call.headers.get("content-type", "").startswith("application/json"):
            return Reply(401, {"error": "access_denied", "error_description": "Unauthorized"})
        token = uuid4().hex
        self.tokens[token] = self.clock() + dt.timedelta(seconds=self.lifetime)
        return Reply(200, {"access_token": token, "expires_in": self.lifetime, "token_type": "Bearer"})

    def _authenticate(self, call: Call) -> None:
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        ends = self.tokens.get(token)
        if kind != "Bearer" or ends is None or ends <= self.clock():
            raise Refused(401, "the token is missing, unknown or expired")

    def _rows(self, name: str) -> list[Row]:
        return list({"companies": self.companies, "products": self.products, "subscriptions": self.subscriptions}[name].values())

    def _one(self, name: str, record_id: str) -> Row:
        for row in self._rows(name):
            if row["id"] == record_id:
                return row
        raise Refused(404, f"{record_id} not found")

    def _page(self, call: Call, name: str) -> Reply:
        asked = dict(call.query)
        number, size = _whole(asked.pop("page", "0"), 0), _whole(asked.pop("size", str(USUAL_PAGE)), 1)
        if size > LONGEST_PAGE:
            raise Refused(400, f"size must be at most {LONGEST_PAGE}")
        rows = self._sorted(name, asked.pop("sort", ""))
        for given, value in asked.items():
            rows = self._filtered(name, rows, given, value)
        pages = -(-len(rows) // size)
        page = {"size": size, "totalElements": len(rows), "totalPages": pages, "number": number}
        return Reply(200, {"content": rows[number * size : (number + 1) * size], "page": page})

    def _sorted(self, name: str, sort: str) -> list[Row]:
        key, _, way = sort.partition(",")
        if sort and (key not in SORTS[name] or way not in ("", "asc", "desc")):
            raise Refused(400, f"{sort!r} is no order of {name}")
        key = {"vendor": "vendorName"}.get(key, key)
        rows = self._rows(name)
        return sorted(rows, key=lambda row: (row.get(key) is not None, row.get(key)), reverse=way == "desc") if sort else rows

    def _filtered(self, name: str, rows: list[Row], given: str, value: str) -> list[Row]:
        known = {each.lower(): each for each in FILTERS[name]}
        if given not in known:
            raise Refused(400, f"there is no filter {given}")
        field_name = known[given]
        if name == "subscriptions" and value not in CHOICES.get(field_name, (value,)):
            raise Refused(400, f"{value!r} is no {field_name}")
        if field_name == "companyId" and not _is_uuid(value):
            raise Refused(403, "Invalid companyId")
        if field_name == "search":
            return [row for row in rows if value.casefold() in f"{row['name']} {row['sku']}".casefold()]
        return [row for row in rows if str(row.get(field_name)).casefold() == value.casefold()]


def _whole(text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise Refused(400, f"{text!r} is not a page or a size")
    return int(text)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
