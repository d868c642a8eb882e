"""Tokens: whoever holds one acts for its person, within its scopes, until it expires or is revoked.

The text is tieout_<id>_<secret>. The secret is 256 random bits and shown once; only its SHA-256 is kept, so that neither the
store nor a backup of it lets anybody in.
"""

import datetime as dt
import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update

from server.store import activity
from server.store.engine import Engines
from server.store.errors import NoToken, OtherSpelling, StoreBusy, UnknownToken
from server.store.records import Event
from server.store.tables_access import tokens
from server.store.workbooks import new_id

LIFETIME = dt.timedelta(days=90)
TOLD_EVERY = dt.timedelta(minutes=1)
"""The moment of the last use is written no more often."""

SECRET_BYTES = 32
TEXT = re.compile(r"tieout_([a-z0-9]{10})_([0-9a-f]{64})")
"""What a token looks like, wherever it stands."""

NOBODY = hashlib.sha256(b"").hexdigest()
"""Compared with where there is no such token, so that an unknown id takes as long as a wrong secret."""


class Scope(StrEnum):
    """What a token lets its holder do. None includes another."""

    READ = "read"  # look at runs, the mapping, connections, submissions and the activity
    DECIDE = "decide"  # make runs, issue workbooks, return copies, send decisions, change the mapping
    SUBMIT = "submit"  # look at what would be written, submit it, pause, resume, cancel and undo it
    APPROVE = "approve"  # let another person's large submission go
    SYNC = "sync"  # read connections, cancel a read, accept one that is held back
    ADMIN = "admin"  # add, remove, try, pause and resume connections


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret."""

    id: str
    person: str
    scopes: frozenset[Scope]
    created_at: dt.datetime
    by: str
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    last_used_at: dt.datetime | None

    def valid(self, at: dt.datetime) -> bool:
        """Whether it lets anybody in at that moment."""
        return self.revoked_at is None and at < self.expires_at


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one store."""

    engines: Engines
    clock: Callable[[], dt.datetime]

    def create(self, person: str, scopes: Collection[Scope], by: str, lifetime: dt.timedelta = LIFETIME) -> tuple[Token, str]:
        """A new token, and its text, which is never shown again. NoToken where it would let nobody in or nobody be named.

        OtherSpelling where another token names the same person in other letters: two people approve a large change, and by
        their names they are told apart.
        """
        name = " ".join(unicodedata.normalize("NFC", person).split())
        if not (name and name.isprintable() and scopes and lifetime > dt.timedelta(0)):
            raise NoToken
        secret = secrets.token_hex(SECRET_BYTES)
        with self.engines.writing() as connection:
            at = self.clock()
            token = Token(new_id(), name, frozenset(map(Scope, scopes)), at, by, at + lifetime, None, None)
            _refuse_other_spelling(connection, name)
            row = {c.name: getattr(token, c.name) for c in tokens.c if c.name not in ("hash", "scopes")}
            connection.execute(insert(tokens).values(row | {"hash": _hash(secret), "scopes": " ".join(sorted(token.scopes))}))
            detail = f"{', '.join(sorted(token.scopes))}; until {token.expires_at.isoformat(timespec='seconds')}"
            activity.append(connection, at, by, Event("token made", f"token {token.id}", new=name, detail=detail))
        return token, f"tieout_{token.id}_{secret}"

    def verify(self, text: str) -> Token | None:
        """The token that the text is; None where there is none, or it lets nobody in any more."""
        found = TEXT.fullmatch(text)
        if found is None:
            return None
        with self.engines.reading() as connection:
            row = connection.execute(select(tokens).where(tokens.c.id == found[1])).first()
        same = hmac.compare_digest(row.hash if row else NOBODY, _hash(found[2]))
        now = self.clock()
        if row is None or not same or not (token := _token(row)).valid(now):
            return None
        if token.last_used_at is None or now - token.last_used_at >= TOLD_EVERY:
            self._used(token, now)
        return token

    def _used(self, token: Token, now: dt.datetime) -> None:
        with suppress(StoreBusy), self.engines.writing() as connection:
            connection.execute(update(tokens).where(tokens.c.id == token.id).values(last_used_at=now))

    def revoke(self, token_id: str, by: str) -> Token:
        """Ends a token at once; one that was revoked before stays as it is. UnknownToken where there is none."""
        with self.engines.writing() as connection:
            token = _require(connection, token_id)
            if token.revoked_at is None:
                at = self.clock()
                connection.execute(update(tokens).where(tokens.c.id == token_id).values(revoked_at=at))
                activity.append(connection, at, by, Event("token revoked", f"token {token_id}", old=token.person))
            return _require(connection, token_id)

    def listed(self) -> list[Token]:
        """Every token that was ever made, newest first."""
        with self.engines.reading() as connection:
            return _all(connection)


def _all(connection: Connection) -> list[Token]:
    return [_token(row) for row in connection.execute(select(tokens).order_by(tokens.c.created_at.desc(), tokens.c.id))]


def _require(connection: Connection, token_id: str) -> Token:
    row = connection.execute(select(tokens).where(tokens.c.id == token_id)).first()
    if row is None:
        raise UnknownToken(token_id, [token.id for token in _all(connection)])
    return _token(row)


def _refuse_other_spelling(connection: Connection, name: str) -> None:
    for known in connection.scalars(select(tokens.c.person).distinct()):
        if known != name and known.casefold() == name.casefold():
            raise OtherSpelling(name, known)


def _token(row: Any) -> Token:
    values = {name: value for name, value in row._mapping.items() if name != "hash"}
    return Token(**values | {"scopes": frozenset(map(Scope, row.scopes.split()))})


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
