"""One route of the API: what it takes, what it answers, and who may ask. What is not declared as one is refused."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from apiflask import Schema

from server.house import House
from server.jobs.protocol import Jobs
from server.store.tokens import Scope, Token

PREFIX = "/api/v1"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

ID = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$"
"""What names a thing in a path: anything else names nothing."""

NUMBER = "<int(max=9007199254740991):{}>"
"""A number in a path, no greater than every database and JSON reader holds."""


Learn = Callable[[Iterable[str]], None]


def forget(_: Iterable[str]) -> None:
    """Nobody keeps a log from which secrets are to be taken out."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What every handler is given: the installation, and whoever asks."""

    house: House
    jobs: Jobs
    learn: Learn  # told every secret that comes in
    token: Token | None  # None: the route is open to all

    @property
    def by(self) -> str:
        """The person. It is the token's, never a field of the request."""
        return self.holder.person

    @property
    def holder(self) -> Token:
        if self.token is None:
            raise AssertionError("an open route has nobody to name")
        return self.token


@dataclass(frozen=True, slots=True)
class Route:
    """A handler is given `Asked`, the path's names, and `body`, `query`, `headers` or `files` where they are declared."""

    method: str
    path: str  # below the prefix, as Flask writes it
    handler: Callable[..., Any]
    scope: Scope | None  # None: any token will do
    answer: type[Schema] | str | None  # a schema, a media type, or nothing
    status: int = 200
    body: type[Schema] | None = None
    files: type[Schema] | None = None
    query: type[Schema] | None = None
    headers: type[Schema] | None = None
    fails: tuple[int, ...] = ()  # statuses beside those that follow from what is declared
    open: bool = False  # no token is asked for

    @property
    def name(self) -> str:
        return self.handler.__name__

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every status of a problem that it may answer."""
        found = {422, 500, *self.fails}
        found |= set() if self.open else {401, 403}
        found |= {404} if "<" in self.path else set()
        found |= {400, 413, 415} if self.body or self.files else set()
        return tuple(sorted(found))
