"""The simulators as tests use them: started on this machine, asked over HTTP, stopped at the end."""

import datetime as dt
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.client import Patience
from connectors.engine import Connection, Connector
from connectors.pace import Waits
from connectors.registry import CONNECTORS
from connectors.sandbox.connectwise_model import Model
from connectors.sandbox.connectwise_server import ConnectWise
from connectors.sandbox.faults import Faults
from connectors.sandbox.pax8_server import Pax8
from connectors.sandbox.service import serve
from connectors.writing import Writer

D = Decimal
NOW = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)
QUICK = Patience(attempts=3, first_wait=0.001, longest_wait=0.01, timeout=5)
SECRETS = ("sandboxPublicKey01", "sandboxPrivateKey1", "sandboxPax8Client01", "sandboxPax8Secret1")


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, **time: float) -> None:
        self.now += dt.timedelta(**time)


@dataclass(frozen=True)
class Sandbox:
    """A running simulator, and what a connection to it needs."""

    connector: Connector
    service: Any
    faults: Faults
    url: str
    keys: dict[str, str]
    fill: Callable[[int], None]  # so many records of the kind that fills the frame
    clock: Clock
    lists: str  # a path that every read asks for

    def connect(self, patience: Patience = QUICK, pace: Waits | None = None, **values: str) -> Connection:
        given = {"address": self.url, **self.keys, **values}
        return Connection(self.connector, given, patience=patience, loopback=True, pace=pace)

    def arrived(self, method: str, path: str = "") -> int:
        """How many requests of that method have come, to paths that hold the text."""
        return sum(each == method and path in at for each, at in self.faults.seen)

    def read(self, **options: Any) -> Any:
        values = options.pop("values", {})
        patience = options.pop("patience", QUICK)
        with self.connect(patience, **values) as connection:
            return connection.read(NOW, **options)


class Address:
    """A place on this machine at which one simulator after another answers; stores may keep it."""

    def __init__(self) -> None:
        self.app: Any = None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)

    @contextmanager
    def open(self) -> Iterator["Address"]:
        with serve(self) as running:  # type: ignore[arg-type] - it asks for no more than this
            self.url = running.url
            yield self


TABLES = ("companies", "cycles", "agreements", "additions", "products", "invoices", "invoiced_through", "billed_through")


def kept(model: Model) -> bytes:
    """What a PSA holds, to go back to."""
    tables = {name: dict(getattr(model, name)) for name in TABLES}
    return pickle.dumps(tables | {"audit": model.audit})


def restored(data: bytes, clock: Callable[[], dt.datetime]) -> Model:
    """A PSA that holds what was kept."""
    made, tables = Model(clock=clock), pickle.loads(data)  # noqa: S301 - our own
    made.audit.extend(tables.pop("audit"))
    for name, rows in tables.items():
        for key, row in rows.items():
            getattr(made, name)[key] = row
    return made


@contextmanager
def connectwise(address: Address | None = None, data: bytes | None = None) -> Iterator[Sandbox]:
    """A small PSA, or one that holds what was kept; where no address is given, at one of its own."""
    clock = Clock()
    psa = ConnectWise(Model(clock=clock) if data is None else restored(data, clock))
    keys = psa.keys
    asked = {"company": keys.company, "public_key": keys.public_key, "private_key": keys.private_key, "client_id": keys.client_id}
    if data is None:
        small_psa(psa.model)
    if address:
        address.app = psa.app
    with nullcontext(address) if address else serve(psa.app) as running:
        fill = lambda count: [add_line(psa.model, quantity=n) for n in range(1, count + 1)]  # noqa: E731
        yield Sandbox(CONNECTORS["connectwise"], psa, psa.faults, running.url, asked, fill, clock, "*/procurement/catalog")  # type: ignore[arg-type]


@contextmanager
def pax8() -> Iterator[Sandbox]:
    clock = Clock()
    service = Pax8(clock=clock)
    service.companies["c-1"] = {"id": "c-1", "name": "Acme", "status": "Active"}
    service.products["p-1"] = {"id": "p-1", "name": "Microsoft 365 Business Premium", "sku": "PAX-SPB", "vendorName": "Microsoft"}
    asked = {"client_id": service.keys.client_id, "client_secret": service.keys.client_secret}
    with serve(service.app) as running:
        fill = lambda count: [service.subscribe("c-1", "p-1", n, partnerCost=D("17.60")) for n in range(1, count + 1)]  # noqa: E731
        yield Sandbox(CONNECTORS["pax8"], service, service.faults, running.url, asked, fill, clock, "*/subscriptions")  # type: ignore[arg-type]


SANDBOXES = {"connectwise": connectwise, "pax8": pax8}


def small_psa(model: Model) -> None:
    """One company with one monthly agreement, invoiced through November, and one product."""
    for number, option in enumerate(("Monthly", "Yearly", "NotRecurring", "Weekly", "Quarterly"), 1):
        model.put(model.cycles, {"id": number, "identifier": option[:5], "name": option, "billingOptions": option})
    add_company(model, 250, "Acme")
    add_product(model, 412, "BP")
    add_agreement(model, 871)


def add_company(model: Model, number: int, name: str, **fields: Any) -> None:
    kinds = {"types": [{"id": 1, "name": "Client"}], "deletedFlag": False, "status": {"id": 1, "name": "Active"}}
    model.put(model.companies, {"id": number, "identifier": name, "name": name, **kinds, **fields})


def add_product(model: Model, number: int, identifier: str, **fields: Any) -> None:
    row: dict[str, Any] = {
        "id": number,
        "identifier": identifier,
        "description": f"{identifier} licence",
        "vendorSku": f"SKU-{identifier}",
    }
    row |= {"customerDescription": f"{identifier} licence", "price": D("22.00"), "cost": D("17.60"), "productClass": "Service"}
    row |= {"inactiveFlag": False, "subcategory": {"id": 1}, "type": {"id": 1}}
    model.put(model.products, row | fields)


def add_agreement(
    model: Model, number: int, through: dt.date | None = dt.date(2026, 11, 30), company: int = 250, **fields: Any
) -> None:
    cycle = model.cycles[fields.pop("cycle", 1)]
    named = model.companies[company]
    row = {
        "id": number, "name": "Managed 365", "type": {"id": 1}, "company": {"id": company, "name": named["name"]},
        "contact": {"id": 1}, "parentAgreement": None, "agreementStatus": "Active", "cancelledFlag": False, "periodType": "Future",
        "prorateFlag": False,
        "billingCycle": {"id": cycle["id"], "name": cycle["name"]}, "currency": {"id": 1, "currencyCode": "USD"},
    }  # fmt: skip
    model.put(model.agreements, row | fields)
    model.invoiced_through[number] = through


def add_line(model: Model, agreement: int = 871, product: int = 412, invoiced: bool = True, **fields: Any) -> int:
    """An addition that is there already: billed through the agreement's last invoice."""
    number = fields.pop("id", None)
    given = {"product": {"id": product}, "billCustomer": "Billable", "effectiveDate": "2026-01-01T00:00:00Z", **fields}
    row = model.add_addition(agreement, given)
    if number is not None:
        del model.additions[row["id"]]
        row["id"] = number
        model.additions[number] = row
    model.billed_through[row["id"]] = model.invoiced_through[agreement] if invoiced else None
    return int(row["id"])


@contextmanager
def writing(psa: Sandbox, **values: str) -> Iterator[Writer]:
    """A writer to the PSA, closed at the end."""
    connection = psa.connect(**values)
    made = CONNECTORS["connectwise"].writer
    assert made is not None
    writer = made(connection)
    try:
        yield writer
    finally:
        writer.close()
