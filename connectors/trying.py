"""Tries a connection: are its address and keys right, and what may it read? Asks for little, and changes nothing."""

from collections.abc import Callable
from functools import partial

from connectors.client import Answer
from connectors.engine import Connection, Endpoint
from connectors.errors import ConnectorError, FixAddress, FixCredentials, TryLater, WillNotHelp
from connectors.fields import Fields, Unreadable

ENDS_THE_TRY = (FixAddress, FixCredentials, TryLater)
"""Asking for something else would give the same."""


def try_connection(connection: Connection) -> list[str]:
    """A line for the address where it can be told, and one for each kind of record: how many there are, or what is wrong and
    what to do. Stops at what would go wrong for the others too.
    """
    said = []
    for title, ask in _questions(connection).items():
        try:
            said.append(f"{title}: {ask()}")
        except ConnectorError as error:
            said.append(f"{title}: {error}. {type(error).__doc__}")
            if isinstance(error, ENDS_THE_TRY):
                break
    return said


def _questions(connection: Connection) -> dict[str, Callable[[], str]]:
    connector = connection.connector
    asked: dict[str, Callable[[], str]] = {}
    if connector.greeting is not None:
        asked["address"] = partial(connector.greeting, connection)
    for endpoint in connector.reads.values():
        asked[endpoint.titles] = partial(_told, connection, endpoint)
    return asked


def _told(connection: Connection, endpoint: Endpoint) -> str:
    if endpoint.each is None:
        return _count(connection, endpoint, endpoint.path, "")
    above = connection.connector.reads[endpoint.each]
    _, first = _page(connection, above, above.path, "")
    if not first:
        return f"not tried: there is no {above.title}"
    return f"{_count(connection, endpoint, endpoint.path.format(parent=first[0]), first[0])} in {above.title} {first[0]}"


def _count(connection: Connection, endpoint: Endpoint, path: str, record: str) -> str:
    """How many there are, and that they can be read: an endpoint's count may be allowed where its records are not."""
    answer, ids = _page(connection, endpoint, path, record)
    stated = endpoint.pages.total(answer.body)
    if endpoint.counted:
        stated = Fields({"of": connection.client.get(path + endpoint.counted, {}, endpoint.permission, record).body})("of.count")
    more = stated is None and endpoint.pages.following({**endpoint.query, **endpoint.pages.first}, answer) is not None
    return f"{len(ids) if stated is None else stated:,}{' or more' if more else ''}"


def _page(connection: Connection, endpoint: Endpoint, path: str, record: str) -> tuple[Answer, list[str]]:
    """The first page, and the ids on it."""
    answer = connection.client.get(path, {**endpoint.query, **endpoint.pages.first}, endpoint.permission, record)
    try:
        return answer, [endpoint.id(Fields(row)) for row in endpoint.pages.rows(answer.body)]
    except (KeyError, TypeError, AttributeError, Unreadable) as error:
        raise WillNotHelp(path, f"the answer is no list of {endpoint.titles} ({error})", record) from None
