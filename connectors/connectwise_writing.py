"""Writing to ConnectWise: additions of agreements and the catalogue, looked at before and after, and sent one at a time."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.connectwise_periods import CYCLES, invoiced_through, needs_cycle
from connectors.connectwise_permissions import INQUIRE_AGREEMENTS, INQUIRE_CATALOGUE, INQUIRE_CYCLES, missing
from connectors.connectwise_requests import DAYS, LONGEST_PAGE, request_of, with_numbers
from connectors.engine import Connection
from connectors.errors import TryLater, WillNotHelp
from connectors.fields import Fields, Unreadable
from connectors.paging import BY_ID, Query, link_pages
from connectors.writing import Plain, Request, Sent, Shown, plain

PRODUCT = re.compile(r"/procurement/catalog/\d+")
ADDITION = ("quantity", "lessIncluded", "unitPrice", "unitCost", "billCustomer", *DAYS)
ITEM = ("identifier", "price", "cost")
CATALOGUE, AGREEMENTS = "/procurement/catalog", "/finance/agreements"
PAGES = link_pages(LONGEST_PAGE)


class ConnectWiseWriter:
    """A ConnectWise PSA that can be written to (connectors.writing.Writer)."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._reads, self._writes = connection, connection.client, connection.write_client()
        self._products: dict[str, int] = {}
        self._cycles: dict[str, int] = {}
        self._keys_are_right = False

    def close(self) -> None:
        self._writes.close()
        self._connection.close()

    def look(self, path: str) -> Shown | None:
        """An addition, or a product of the catalogue."""
        answer = self._find(path, {}, path.rpartition("/")[2])
        return None if answer is None else _shown(path, answer.body)

    def lines(self, path: str) -> list[Shown]:
        """Every addition of an agreement, in the order of their ids."""
        return [_shown(path, row) for row in self._rows(path, {}) or ()]

    def ready(self) -> None:
        """Comes back when the pace lets the next request go."""
        self._writes.ready()

    def send(self, request: Request) -> Sent:
        """Sends the request once; numbers go out as numbers where the body holds plain texts of them."""
        return self._writes.send(Request(request.method, request.path, with_numbers(request.body)))

    def request(self, method: str, path: str, body: Mapping[str, Any]) -> Request:
        """A planned write in ConnectWise's words. KeyError with the identifier where the catalogue lacks the product."""
        return request_of(method, path, body, self.product_id)

    def product_id(self, identifier: str) -> int:
        """The catalogue's id of a product, which its path needs; asked for once. KeyError where the catalogue lacks it."""
        if identifier not in self._products:
            rows = self._rows(CATALOGUE, {"conditions": _named(identifier)}) or ()
            self._products |= {str(row["identifier"]): int(row["id"]) for row in rows if row.get("identifier") == identifier}
        return self._products[identifier]

    def product_path(self, service_id: str) -> str:
        """The catalogue's path of a product, by its identifier."""
        return f"{CATALOGUE}/{self.product_id(service_id)}"

    def invoiced_through(self, agreement_id: str) -> dt.date | None:
        """The last day that the agreement is invoiced for, as it stands now; None where it has no next invoice date."""
        path, values = f"{AGREEMENTS}/{agreement_id}", self._connection.values
        row = Fields(self._reads.get(path, {}, INQUIRE_AGREEMENTS, f"agreement {agreement_id}").body)
        try:
            if not needs_cycle(row, values):
                return invoiced_through(row, 0, values)
            return invoiced_through(row, self._months(row.text("billingCycle.id")), values)
        except Unreadable as error:
            raise WillNotHelp(path, str(error), f"agreement {agreement_id}") from None

    def missing(self, requests: Iterable[Request]) -> list[str]:
        return missing(self._reads, self._writes, requests)

    def _months(self, cycle_id: str) -> int:
        if cycle_id not in self._cycles:
            path = f"/finance/billingCycles/{cycle_id}"
            row = Fields(self._reads.get(path, {}, INQUIRE_CYCLES, f"billing cycle {cycle_id}").body)
            months = row.one_of("billingOptions", CYCLES)
            if months is None:
                raise Unreadable(f"billing cycle {cycle_id} is not made of months")
            self._cycles[cycle_id] = months
        return self._cycles[cycle_id]

    def _find(self, path: str, query: Query, record: str) -> Any:
        """What is there, or None. A wrong key can be answered with 404 too, so that none is believed before one was right."""
        permission = INQUIRE_CATALOGUE if path.startswith(CATALOGUE) else INQUIRE_AGREEMENTS
        answer = self._reads.find(path, query, permission, record)
        if answer is None and not self._keys_are_right:
            self._reads.get(f"{AGREEMENTS}/count", {}, INQUIRE_AGREEMENTS)
        self._keys_are_right = True
        return answer

    def _rows(self, path: str, query: Query) -> list[Mapping[str, Any]] | None:
        """Every page of a list by id; None where the list is not there."""
        rows: dict[str, Mapping[str, Any]] = {}
        following: Query | None = {**BY_ID, **query, **PAGES.first}
        while following is not None:
            answer = self._find(path, following, "list")
            if answer is None:
                if rows:
                    raise TryLater(path, "it is gone since its first page was read")
                return None
            try:
                page = {Fields(row).text("id"): row for row in PAGES.rows(answer.body)}
            except (TypeError, AttributeError, Unreadable) as error:
                raise WillNotHelp(path, f"the answer is no list ({error})") from None
            following = PAGES.following(following, answer)
            if following is not None and page.keys() <= rows.keys():
                raise WillNotHelp(path, "its pages run in a circle")
            rows |= page
        return list(rows.values())


def _named(identifier: str) -> str:
    """The condition that finds a product. How a quotation mark is written inside one is UNSURE, so that it is asked for up to
    there, and compared here.
    """
    if not re.search(r'["\\]', identifier):
        return f'identifier="{identifier}"'
    start = re.split(r'["\\\[]', identifier, maxsplit=1)[0]
    return f'identifier like "{start}%"'


def _shown(path: str, body: Any) -> Shown:
    row = Fields(body)
    try:
        values = _item(row) if PRODUCT.fullmatch(path) else _addition(row)
        return Shown(row.text("id"), values, row.text("_info.lastUpdated", ""))
    except (AttributeError, Unreadable) as error:
        raise WillNotHelp(path, f"the record cannot be read: {error}") from None


def _addition(row: Fields) -> dict[str, Plain]:
    return {"product": row.text("product.identifier")} | {name: _plain(row, name) for name in ADDITION}


def _item(row: Fields) -> dict[str, Plain]:
    return {name: _plain(row, name) for name in ITEM}


def _plain(row: Fields, name: str) -> Plain:
    if name in DAYS:
        return plain(row.day(name))
    return "0" if name == "lessIncluded" and row(name) is None else plain(row(name))  # as a read has it
