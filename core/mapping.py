"""The mapping (R13): vendor accounts to customers, vendor services to PSA services, and the rules of a service."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from core.records import Measure


class Kind(StrEnum):
    """What a mapping says of an account or a vendor service. One that has none is unmapped, or suggested."""

    MAPPED = "mapped"
    INCLUDED = "included"  # services only: covered by a bundle line
    INTERNAL = "internal"  # the MSP's own tenant, or not for resale
    FREE = "free"  # services only
    EXCLUDED = "excluded"  # with reason, owner and review date


@dataclass(frozen=True, slots=True)
class AccountMapping:
    """One vendor account to one customer; several rows of one account share its counts, and their shares add up to 1."""

    vendor: str
    account_id: str
    account: str
    kind: Kind
    customer_id: str | None = None
    share: Decimal = Decimal(1)
    reason: str | None = None
    owner: str | None = None
    review: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ServiceMapping:
    """One vendor service to the PSA service that bills it, or that includes it."""

    vendor: str
    vendor_service_id: str
    vendor_service: str
    kind: Kind
    service_id: str | None = None
    multiplier: Decimal = Decimal(1)
    reason: str | None = None
    owner: str | None = None
    review: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ServiceRule:
    """How a PSA service is billed, for every customer or for one; the customer's own rule wins."""

    service_id: str
    customer_id: str | None = None
    minimum: Decimal | None = None
    round_up_to: Decimal = Decimal(1)  # the unit sold
    tolerance: Decimal = Decimal(0)
    measure: Measure = Measure.UNITS
    markup: Decimal = Decimal(0)  # 0.15 is 15 %
    keep_at_zero: bool = False  # R8: an end sets the line to zero instead


@dataclass(frozen=True, slots=True)
class Tie:
    """A subscription or a vendor account (a site) whose count belongs to one PSA line."""

    vendor: str
    reference: str  # subscription id or account id
    line_id: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """Everything that is mapped at one moment: what a run freezes."""

    accounts: tuple[AccountMapping, ...] = ()
    services: tuple[ServiceMapping, ...] = ()
    rules: tuple[ServiceRule, ...] = ()
    ties: tuple[Tie, ...] = ()
    none_expected: frozenset[str] = field(default_factory=frozenset)  # PSA services that no vendor counts
