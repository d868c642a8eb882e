"""A ConnectWise PSA that answers over HTTP as the real one does, and refuses what it refuses."""

import datetime as dt
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from connectors.sandbox import connectwise_fields as fields
from connectors.sandbox.api_world import load_connectwise
from connectors.sandbox.connectwise_invoices import InvoiceLine, invoice
from connectors.sandbox.connectwise_lists import List, matching, page_of
from connectors.sandbox.connectwise_model import Model, Refused, Row
from connectors.sandbox.faults import Faults
from connectors.sandbox.service import NULL, Call, Reply, app_of
from connectors.sandbox.world import World

PREFIX = "/v4_6_release/apis/3.0"


@dataclass(frozen=True)
class Keys:
    """What a caller must send."""

    company: str = "northbridge"
    public_key: str = "sandboxPublicKey01"
    private_key: str = "sandboxPrivateKey1"
    client_id: str = "6b1c7f9e-8d0a-4f6b-9a55-0d7f3c2b1a90"


@dataclass
class ConnectWise:
    """The PSA: its state, who may ask, and what will go wrong."""

    model: Model = field(default_factory=Model)
    keys: Keys = field(default_factory=Keys)
    faults: Faults = field(default_factory=Faults)

    @property
    def app(self) -> Flask:
        return app_of(self.answer, self.faults)

    def load_world(self, world: World) -> None:
        """Puts the made MSP into this PSA."""
        load_connectwise(self.model, world)

    def invoice(self, agreement_id: int, through: dt.date) -> list[InvoiceLine]:
        """Invoices an agreement up to the period that holds `through`."""
        return invoice(self.model, agreement_id, through)

    def answer(self, call: Call) -> Reply:
        try:
            with self.model.lock:
                return self._answer(call)
        except Refused as refused:
            return Reply(refused.status, refused.body)

    def _answer(self, call: Call) -> Reply:
        if found := re.fullmatch(r"/login/companyinfo/(\w+)", call.path):
            known = found[1] == self.keys.company
            return Reply(200, {"Codebase": "v4_6_release/", "CompanyID": found[1]}) if known else Reply(200, NULL)
        if not call.path.startswith(PREFIX + "/"):
            raise Refused(404, "NotFound", "no such path")
        path = call.path.removeprefix(PREFIX).rstrip("/")
        if path == "/system/info":
            return Reply(200, {"version": "v2025.1", "isCloud": True, "serverTimeZone": "UTC"})
        self._authenticate(call)
        return self._route(call, path)

    def _authenticate(self, call: Call) -> None:
        keys = self.keys
        wanted = f"{keys.company}+{keys.public_key}:{keys.private_key}"
        kind, _, given = call.headers.get("authorization", "").partition(" ")
        try:
            right = kind == "Basic" and b64decode(given, validate=True).decode() == wanted
        except ValueError:
            right = False
        if not right and self.model.switches.wrong_keys_answer_404:
            raise Refused(404, "NotFound", "Company not found")
        if not right:
            raise Refused(401, "Unauthorized", "UserNotAuthenticated")
        if call.headers.get("clientid") != keys.client_id:
            raise Refused(403, "ConnectWiseApi", "clientId is missing or not known")

    def _allow(self, module: str, level: str) -> None:
        if not self.model.allows(module, level):
            raise Refused(403, "Forbidden", f"You do not have permission: {module}, {level}")

    # routes

    def _route(self, call: Call, path: str) -> Reply:
        for pattern, handle in self._routes().items():
            if found := re.fullmatch(pattern, path):
                methods = handle(*(int(group) for group in found.groups()))
                if call.method not in methods:
                    raise Refused(405, "MethodNotAllowed", f"{call.method} is not allowed here")
                return methods[call.method](call)
        raise Refused(404, "NotFound", "no such path")

    def _routes(self) -> Mapping[str, Callable[..., Mapping[str, Callable[[Call], Reply]]]]:
        model = self.model
        lists: dict[str, Callable[..., List]] = {
            "/company/companies": lambda: List(lambda: _by_id(model.companies), fields.COMPANY, "Company Maintenance"),
            "/finance/billingCycles": lambda: List(lambda: _by_id(model.cycles), fields.BILLING_CYCLE, "Table Setup"),
            "/finance/agreements": lambda: List(
                lambda: _by_id(model.agreements), fields.AGREEMENT, "Agreements", model.shown_agreement
            ),
            r"/finance/agreements/(\d+)/additions": self._additions,
            "/procurement/catalog": lambda: List(lambda: _by_id(model.products), fields.PRODUCT, "Product Catalog"),
            "/finance/invoices": lambda: List(lambda: _by_id(model.invoices), fields.INVOICE, "Invoicing"),
        }
        routes: dict[str, Callable[..., Mapping[str, Callable[[Call], Reply]]]] = {
            "/system/audittrail": lambda: {"GET": self._audit},
            "/system/mySecurity": lambda: {"GET": self._security},
            r"/finance/agreements/(\d+)/invoice": lambda agreement: {"POST": lambda call: self._invoice(agreement)},
            r"/finance/agreements/(\d+)/additions/(\d+)": self._addition,
            r"/procurement/catalog/(\d+)": self._product,
        }
        for path, of in lists.items():
            routes.setdefault(path, lambda *ids, of=of: self._list_methods(of(*ids), *ids))
            routes.setdefault(f"{path}/count", lambda *ids, of=of: {"GET": lambda call: self._count(call, of(*ids))})
            routes.setdefault(rf"{path}/(\d+)", lambda *ids, of=of: {"GET": lambda call: self._one(call, of(*ids[:-1]), ids[-1])})
        return routes

    def _additions(self, agreement_id: int) -> List:
        if agreement_id not in self.model.agreements:
            raise Refused(404, "NotFound", f"Agreement {agreement_id} not found")
        return List(lambda: self.model.additions.of(agreement_id), fields.ADDITION, "Agreements", self.model.shown_addition)

    def _list_methods(self, found: List, *ids: int) -> Mapping[str, Callable[[Call], Reply]]:
        methods: dict[str, Callable[[Call], Reply]] = {"GET": lambda call: self._page(call, found)}
        if ids:
            methods["POST"] = lambda call: self._add(call, ids[0])
        return methods

    def _add(self, call: Call, agreement_id: int) -> Reply:
        self._allow("Agreements", "Add")
        return Reply(201, self.model.shown_addition(self.model.add_addition(agreement_id, _json(call))))

    def _addition(self, agreement_id: int, addition_id: int) -> Mapping[str, Callable[[Call], Reply]]:
        found = self._additions(agreement_id)
        row = self.model.additions.get(addition_id)
        if row is None or row["agreementId"] != agreement_id:
            raise Refused(404, "NotFound", f"Addition {addition_id} not found")
        model = self.model

        def change(call: Call) -> Reply:
            self._allow("Agreements", "Edit")
            apply = model.patch_addition if call.method == "PATCH" else model.replace_addition
            return Reply(200, model.shown_addition(apply(row, _json(call))))

        def remove(call: Call) -> Reply:
            self._allow("Agreements", "Delete")
            model.remove_addition(row)
            return Reply(204)

        return {"GET": lambda call: self._one(call, found, addition_id), "PATCH": change, "PUT": change, "DELETE": remove}

    def _product(self, product_id: int) -> Mapping[str, Callable[[Call], Reply]]:
        found = List(lambda: _by_id(self.model.products), fields.PRODUCT, "Product Catalog")

        def change(call: Call) -> Reply:
            self._allow("Product Catalog", "Edit")
            if product_id not in self.model.products:
                raise Refused(404, "NotFound", f"CatalogItem {product_id} not found")
            return Reply(200, self.model.patch_product(self.model.products[product_id], _json(call)))

        return {"GET": lambda call: self._one(call, found, product_id), "PATCH": change}

    def _invoice(self, agreement_id: int) -> Reply:
        self._allow("Invoicing", "Add")
        if agreement_id not in self.model.agreements:
            raise Refused(404, "NotFound", f"Agreement {agreement_id} not found")
        through = self.model.invoiced_through.get(agreement_id) or self.model.clock().date()
        invoice(self.model, agreement_id, through + dt.timedelta(days=1))
        return Reply(201, self.model.invoices[max(self.model.invoices)])

    # lists

    def _security(self, call: Call) -> Reply:
        if self.model.switches.my_security_answers_403:
            raise Refused(403, "Forbidden", "You do not have permission: My Security, Inquire")
        return page_of(call, List(self.model.security, fields.SECURITY, "My Security"))

    def _audit(self, call: Call) -> Reply:
        if call.query.get("type") != "Agreement" or not call.query.get("id", "").isdecimal():
            raise Refused(400, "InvalidRequest", "type and id are required")
        rows = [row for agreement, row in self.model.audit if agreement == int(call.query["id"])]
        asked = {name: value for name, value in call.query.items() if name not in ("type", "id")}
        plain = Call(call.method, call.path, asked, {}, b"", call.host)
        return self._page(plain, List(lambda: rows, fields.AUDIT, "Agreements"))

    def _page(self, call: Call, found: List) -> Reply:
        self._allow(found.module, "Inquire")
        return page_of(call, found)

    def _count(self, call: Call, found: List) -> Reply:
        self._allow(found.module, "Inquire")
        return Reply(200, {"count": len(matching(call, found))})

    def _one(self, call: Call, found: List, record_id: int) -> Reply:
        self._allow(found.module, "Inquire")
        for row in found.rows():
            if row["id"] == record_id:
                return Reply(200, found.shown(row))
        raise Refused(404, "NotFound", f"{record_id} not found")


def _by_id(table: Mapping[int, Row]) -> list[Row]:
    return [table[key] for key in sorted(table)]


def _json(call: Call) -> Any:
    try:
        return call.json()
    except ValueError:
        raise Refused(400, "InvalidRequest", "the body is not JSON") from None
