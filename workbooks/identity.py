"""Which issue of which run a file is: written to a hidden sheet and signed, so that a foreign or older copy is recognised (R17)."""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from core.periods import Period
from workbooks.layout import SCHEMA_VERSION

WHOLE = "all"
"""Scope of a workbook that holds a whole run."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The issue of a workbook. `token` is a keyed hash of the rest, empty before `sign`."""

    workbook_id: str
    run_id: str
    revision: int
    period: Period
    scope: str  # "all", or the customers and vendors of a slice as `scope_of` writes them
    recipient: str
    issued_at: dt.datetime  # aware, UTC
    issued_by: str
    entity: str  # the MSP's name
    token: str = ""

    def __post_init__(self) -> None:
        if self.issued_at.tzinfo is None:
            raise ValueError("issued_at must be an aware time")
        _names(self.scope)

    @property
    def customers(self) -> tuple[str, ...]:
        """The customers whose rows a slice holds; none: those of every customer."""
        return _names(self.scope)[0]

    @property
    def vendors(self) -> tuple[str, ...]:
        """The vendors whose rows a slice holds; none: those of every vendor."""
        return _names(self.scope)[1]

    @property
    def whole(self) -> bool:
        """Whether the workbook holds the whole run."""
        return self.scope == WHOLE


def scope_of(customers: Sequence[str], vendors: Sequence[str] = ()) -> str:
    """The scope of a slice: names hold commas, so they are written as JSON, customers alone as the list that they always were."""
    if vendors:
        named = {"customers": [*customers], "vendors": [*vendors]}
        return json.dumps({name: names for name, names in named.items() if names}, ensure_ascii=False)
    return json.dumps([*customers], ensure_ascii=False) if customers else WHOLE


def _names(scope: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The customers and the vendors of a scope."""
    if scope == WHOLE:
        return (), ()
    try:
        found = json.loads(scope)
    except ValueError:
        found = None
    named = {"customers": found} if isinstance(found, list) else found
    if not isinstance(named, dict) or not named or named.keys() - {"customers", "vendors"}:
        raise ValueError(f"{scope!r} is no scope")
    if not all(isinstance(names, list) and names and all(isinstance(n, str) for n in names) for names in named.values()):
        raise ValueError(f"{scope!r} is no scope")
    return tuple(named.get("customers", ())), tuple(named.get("vendors", ()))


def texts(identity: Identity) -> dict[str, str]:
    """What the hidden sheet holds, one row each."""
    return {
        "schema_version": str(SCHEMA_VERSION),
        **{name: str(value) for name, value in asdict(identity).items() if name not in ("period", "issued_at")},
        "period": str(identity.period),
        "issued_at": identity.issued_at.astimezone(dt.UTC).isoformat(),
    }


def from_texts(found: Mapping[str, str]) -> Identity:
    """The identity of a hidden sheet's rows; KeyError or ValueError where they are not ours."""
    return Identity(
        found["workbook_id"],
        found["run_id"],
        int(found["revision"]),
        Period.parse(found["period"]),
        found["scope"],
        found["recipient"],
        dt.datetime.fromisoformat(found["issued_at"]),
        found["issued_by"],
        found["entity"],
        found["token"],
    )


def _digest(identity: Identity, key: bytes) -> str:
    signed = texts(replace(identity, token=""))
    return hmac.new(key, json.dumps(signed, sort_keys=True).encode(), hashlib.sha256).hexdigest()


def sign(identity: Identity, key: bytes) -> Identity:
    """The same identity with its token."""
    return replace(identity, token=_digest(identity, key))


def verify(identity: Identity, key: bytes) -> bool:
    """Whether the token was made with this key for exactly this identity."""
    return hmac.compare_digest(identity.token, _digest(identity, key))
