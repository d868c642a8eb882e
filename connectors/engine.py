"""Connectors are data: what a connection is asked for, where each record is read, and small functions that map one record.

Everything that all connectors share is here, once: pages are read to their end, a loop is noticed, the totals that the API
states are checked against the rows read, a record that cannot be read is a problem with its place, and one that does not
count is counted with its reason.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pandas as pd

from connectors.addresses import Resolve, check_address, resolve_name
from connectors.client import Patience, ReadClient
from connectors.errors import FixCredentials, FixSettings, TryLater, WillNotHelp
from connectors.fields import Fields, Unreadable
from connectors.pace import Pace, Waits
from connectors.paging import Pages, Query
from connectors.write_client import WriteClient
from connectors.writing import Writer
from core.frames import frame
from core.records import Agreement, Problem, Service, Source

Values = Mapping[str, str]
Progress = Callable[[str, int, int], None]
"""Told after each page: what is read, and the pages and rows so far."""

OVERLAP = dt.timedelta(minutes=10)
"""How far a read of what changed reaches back before the last one: clocks differ."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a connection needs to know. One without a default must be given; a switch has its choices."""

    name: str
    title: str
    help: str
    default: str | None = None
    secret: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skip:
    """What a mapping function says of a record that does not count."""

    reason: str


@dataclass(frozen=True, slots=True)
class Context:
    """What a mapping function may look at beside its record."""

    values: Values
    today: dt.date
    source: str
    known: Mapping[type, Mapping[str, Any]]  # records read before, by class and id
    parent: Any  # the record that this one was read for
    number: int  # of the record, as it was read

    def place(self, endpoint: str, record: str) -> str:
        return f"{self.source}, {endpoint} {record}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one kind of record is read, and how a row of it becomes a record of ours."""

    title: str  # of one record: "addition"
    path: str  # with the parent's id as {parent}
    permission: str  # what is missing where the API answers 403
    pages: Pages
    record: Callable[[Fields, Context], object]  # a record, or Skip
    query: Query = field(default_factory=dict)
    counted: str | None = None  # path of the endpoint that states how many there are
    changed_since: Callable[[dt.datetime], Query] | None = None  # None: read whole each time
    each: type | None = None  # read once for each record of that class
    wanted: Callable[[Any], bool] = lambda parent: True
    id: Callable[[Fields], str] = lambda row: row.text("id")

    @property
    def titles(self) -> str:
        """Of many records: "additions"."""
        return f"{self.title[:-1]}ies" if self.title.endswith("y") else f"{self.title}s"


@dataclass(frozen=True, slots=True)
class Connector:
    """A PSA or vendor: what it needs to know, how it proves who asks, and what is read in which order."""

    name: str
    title: str
    role: str  # "PSA", or the vendor as Source and Charge name it
    hosts: tuple[str, ...]
    base_path: str
    settings: tuple[Setting, ...]
    auth: Callable[[Values], httpx.Auth]
    reads: Mapping[type, Endpoint]
    fills: type  # the record class of the frame
    headers: Callable[[Values], Mapping[str, str]] = lambda values: {}
    self_hosted: Callable[[Values], bool] = lambda values: False  # whether the host may be another than the vendor's
    greeting: "Callable[[Connection], str] | None" = None  # what a try says of the address before it sends any keys
    writer: "Callable[[Connection], Writer] | None" = None  # None: it is only read


@dataclass(frozen=True, slots=True)
class Taken:
    """The rows of a read, as the API gave them, for a later read of only what changed. Plain data, to be kept."""

    at: dt.datetime
    rows: Mapping[str, Mapping[str, Any]]  # by endpoint's title and record id


@dataclass(frozen=True, slots=True)
class Read:
    """Everything one read gave."""

    frame: pd.DataFrame  # of the connector's record class
    source: Source
    agreements: tuple[Agreement, ...]
    services: tuple[Service, ...]
    problems: tuple[Problem, ...]
    skipped: Mapping[str, int]  # by reason
    taken: Taken


class Connection:
    """A connector with its settings, checked, and its address, resolved once."""

    def __init__(
        self,
        connector: Connector,
        values: Values,
        *,
        patience: Patience | None = None,
        loopback: bool = False,
        resolve: Resolve = resolve_name,
        pace: Waits | None = None,
    ) -> None:
        """`pace` holds reads and writes together; None: one of this connection's own, by its patience."""
        self.connector, self.values, self.patience = connector, _checked(connector, values), patience or Patience()
        self.address = check_address(
            self.values["address"].rstrip("/") + connector.base_path, connector.hosts,
            loopback=loopback, any_host=connector.self_hosted(self.values), resolve=resolve,
        )  # fmt: skip
        self.pace = pace or Pace(self.patience.per_minute)
        self._secrets = [self.values[s.name] for s in connector.settings if s.secret and self.values[s.name]]
        self._auth, self._headers = connector.auth(self.values), connector.headers(self.values)
        self.client = ReadClient(self.address, self._auth, self._headers, self.patience, self._secrets, self.pace)

    def __repr__(self) -> str:
        return f"<Connection {self.connector.name}>"

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.client.close()

    def write_client(self) -> WriteClient:
        """A client that writes with this connection's keys, to its address, at its pace. Whoever asks for it closes it."""
        return WriteClient(self.address, self._auth, self._headers, self.patience, self._secrets, self.pace)

    def anonymous(self) -> ReadClient:
        """A client of the host's root, without keys. Whoever asks for it closes it."""
        return ReadClient(replace(self.address, path=""), httpx.Auth(), {}, self.patience, self._secrets, self.pace)

    def read(self, now: dt.datetime, earlier: Taken | None = None, progress: Progress = lambda what, pages, rows: None) -> Read:
        """Everything, or of what can be read by change only that, laid over an earlier read. `now` is in the MSP's time zone."""
        if now.tzinfo is None:
            raise ValueError("now needs its time zone")
        return _Reading(self, now, earlier, progress).read()


def _checked(connector: Connector, values: Values) -> Values:
    known = {s.name: s for s in connector.settings}
    if unknown := sorted(values.keys() - known.keys()):
        raise FixSettings(connector.name, f"there is no setting {', '.join(unknown)}; known: {', '.join(known)}")
    given = {name: values.get(name) or s.default or "" for name, s in known.items()}
    for name, setting in known.items():
        if not given[name] and setting.default is None:
            raise (FixCredentials if setting.secret else FixSettings)(connector.name, f"the setting {name} is empty")
        if setting.choices and given[name] not in setting.choices:
            raise FixSettings(connector.name, f"{name} is {given[name]!r}; one of {', '.join(setting.choices)} was expected")
    return given


@dataclass
class _Reading:
    """One read on its way."""

    connection: Connection
    now: dt.datetime
    earlier: Taken | None
    progress: Progress
    known: dict[type, dict[str, Any]] = field(default_factory=dict)
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    digest: Any = field(default_factory=hashlib.sha256)
    pages: int = 0
    rows: int = 0

    def read(self) -> Read:
        connector = self.connection.connector
        for record, endpoint in connector.reads.items():
            self._read_endpoint(record, endpoint)
        made = frame(connector.fills, self.known[connector.fills].values())
        return Read(
            made,
            self._source(len(made)),
            tuple(self.known.get(Agreement, {}).values()),
            tuple(self.known.get(Service, {}).values()),
            tuple(self.problems),
            dict(self.skipped),
            Taken(self.now, self.taken),
        )

    def _source(self, rows: int) -> Source:
        connector = self.connection.connector
        notes = tuple(f"not counted: {count:,} {reason}" for reason, count in self.skipped.items())
        notes += tuple(f"not read: {problem}" for problem in self.problems)
        digest, complete = self.digest.hexdigest(), not self.problems
        return Source(connector.title, connector.role, connector.name, digest, rows, complete, self.now.date(), notes)

    def _read_endpoint(self, record: type, endpoint: Endpoint) -> None:
        made = self.known.setdefault(record, {})
        self.pages = self.rows = 0
        for parent_id, parent in self._parents(endpoint):
            rows = self._rows(endpoint, endpoint.path.format(parent=parent_id), parent_id)
            for number, (row_id, row) in enumerate(rows.items(), len(made) + 1):
                context = Context(
                    self.connection.values, self.now.date(), self.connection.connector.title, self.known, parent, number
                )
                result = self._map(endpoint, row_id, row, context)
                if result is not None:
                    made[row_id] = result

    def _parents(self, endpoint: Endpoint) -> Iterator[tuple[str, Any]]:
        if endpoint.each is None:
            yield "", None
        else:
            yield from ((key, parent) for key, parent in self.known[endpoint.each].items() if endpoint.wanted(parent))

    def _map(self, endpoint: Endpoint, row_id: str, row: Mapping[str, Any], context: Context) -> object:
        try:
            result = endpoint.record(Fields(row), context)
        except Unreadable as error:
            self.problems.append(Problem(context.place(endpoint.title, row_id), str(error)))
            return None
        if isinstance(result, Skip):
            self.skipped[result.reason] += 1
            return None
        return result

    def _rows(self, endpoint: Endpoint, path: str, parent_id: str) -> Mapping[str, Any]:
        """The rows by id; where only changes were read, the earlier ones with the changes laid over them."""
        if endpoint.changed_since is None:
            return self._whole(endpoint, path, parent_id, endpoint.query)
        earlier = self.earlier.rows.get(endpoint.title) if self.earlier else None
        if earlier is None or self.earlier is None:
            rows = self._whole(endpoint, path, parent_id, endpoint.query)
        else:
            changes = endpoint.changed_since(self.earlier.at - OVERLAP)
            rows = {**earlier, **self._whole(endpoint, path, parent_id, {**endpoint.query, **changes})}
        self.taken[endpoint.title] = dict(rows)
        return rows

    def _whole(self, endpoint: Endpoint, path: str, parent_id: str, query: Query) -> dict[str, Any]:
        """Every page. A list that changed while it was read is read once more."""
        what = f"{endpoint.titles} of {parent_id}" if parent_id else ""
        for _ in range(2):
            rows, stated, repeated = self._all_pages(endpoint, path, query, what)
            if endpoint.counted:
                asked = {k: v for k, v in query.items() if k == "conditions"}
                stated = Fields({"of": self._get(endpoint, path + endpoint.counted, asked, what).body})("of.count")
                if not isinstance(stated, int):
                    raise WillNotHelp(path + endpoint.counted, "the answer states no count", what)
            if not repeated and stated in (None, len(rows)):
                return rows
        raise TryLater(path, f"the API states {stated} records and gave {len(rows)} different ones, twice", what)

    def _all_pages(self, endpoint: Endpoint, path: str, query: Query, what: str) -> tuple[dict[str, Any], int | None, bool]:
        rows: dict[str, Any] = {}
        following: Query | None = {**query, **endpoint.pages.first}
        stated, repeated = None, False
        while following is not None:
            answer = self._get(endpoint, path, following, what)
            try:
                page = {endpoint.id(Fields(row)): row for row in endpoint.pages.rows(answer.body)}
                stated = endpoint.pages.total(answer.body)
                following = endpoint.pages.following(following, answer)
            except (KeyError, TypeError, AttributeError, Unreadable) as error:
                raise WillNotHelp(path, f"the answer is no list of {endpoint.titles} ({error})", what) from None
            if following is not None and page.keys() <= rows.keys():  # nothing new, and yet more to come
                raise WillNotHelp(path, "its pages run in a circle", what)
            repeated = repeated or not rows.keys().isdisjoint(page)
            rows.update(page)
            self.pages, self.rows = self.pages + 1, self.rows + len(page)
            self.progress(endpoint.title, self.pages, self.rows)
        return rows, stated, repeated

    def _get(self, endpoint: Endpoint, path: str, query: Query, what: str) -> Any:
        answer = self.connection.client.get(path, query, endpoint.permission, what)
        self.digest.update(answer.content)
        return answer
