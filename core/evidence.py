"""What is known of each vendor's data: which are stale, and what an absence proves (R9)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Container
from collections.abc import Mapping as Lookup
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import buckets, names
from core.charges import FAR, day_number, days
from core.frames import first_of_each, picked, values
from core.mapping import Kind, Mapping
from core.records import Cause, Source
from core.resolve import Resolved
from core.run import Inputs
from core.scope import short_date

Said = tuple[Cause, str]
"""A cause and the sentence for it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Facts about vendors, accounts and services that decide between No usage and Not known."""

    psa: str  # what is wrong with the PSA's own data; empty: nothing
    as_of: dict[str, dt.date | None]  # of each vendor whose data arrived; None: its files do not say
    stale: dict[str, str]  # vendor to a sentence saying what is wrong with its data
    silent: dict[str, str]  # vendor to why an absence says nothing, though its older rows may still count
    counted_by: dict[str, tuple[str, ...]]  # PSA service to the vendors that sell it
    at_vendor: set[tuple[str, str]]  # (vendor, customer) pairs with a mapped account
    account_could_be: set[tuple[str, str]]  # (vendor, customer) that an unmapped account could be
    service_could_be: set[tuple[str, str]]  # (customer, PSA service) that an unmapped service of the customer could be

    def why_not_known(self, customer: str, service: str) -> Said | None:
        """Why the absence of a count, or a count of zero, proves nothing; None where it does."""
        vendors = self.counted_by.get(service, ())
        if said := self.why_incomplete(customer, service):
            return said
        for vendor in vendors:
            if (vendor, customer) in self.account_could_be:
                return Cause.MAPPING, f"an unmapped account at {vendor} could be this customer"
        if (customer, service) in self.service_could_be:
            return Cause.MAPPING, "an unmapped service of this customer could be it"
        if not any((vendor, customer) in self.at_vendor for vendor in vendors):
            return Cause.MAPPING, f"no account at {' or '.join(vendors)} is mapped to this customer"
        return None

    def why_incomplete(self, customer: str, service: str, counting: Container[str] = ()) -> Said | None:
        """Which vendor, of those that may count some more of it, has not spoken of this period; None where all have."""
        vendors = [v for v in self.counted_by.get(service, ()) if v not in counting]
        for lacking in (self.stale, self.silent):
            for vendor in vendors:
                alone = lacking is self.stale and len(vendors) == 1
                if vendor in lacking and ((vendor, customer) in self.at_vendor or alone):
                    return Cause.STALE_DATA, lacking[vendor]
        return None


def gather(inputs: Inputs, resolved: Resolved) -> Evidence:
    """Draws the evidence from the sources, the charges and the mapping."""
    vendors = _vendors_of(inputs)
    as_of = _as_of(inputs, vendors)
    return Evidence(
        _psa(inputs),
        as_of,
        _stale(inputs, as_of, vendors, resolved.mapping),
        {v: f"no invoice or count of {v} for {inputs.period} arrived" for v in set(as_of) - _speaking(inputs)},
        counted_by(resolved.mapping),
        {(a.vendor, a.customer_id) for a in resolved.mapping.accounts if a.kind is Kind.MAPPED and a.customer_id},
        {(vendor, c.id) for (vendor, _), found in resolved.account_candidates.items() for c in found},
        _service_could_be(inputs.charges, resolved),
    )


def _psa(inputs: Inputs) -> str:
    """A line that was not read may be billed all the same."""
    partial = (s.name for s in inputs.sources if s.role == "PSA" and not s.complete)
    return next((f"the read of {name} failed or is partial" for name in partial), "")


def _vendors_of(inputs: Inputs) -> dict[Source, tuple[str, ...]]:
    """The vendors that each source speaks of: those its rows name, or without a row its role."""
    named: dict[str, set[str]] = defaultdict(set)
    pairs = picked(inputs.charges, first_of_each(inputs.charges, "source", "vendor"), ("source", "vendor"))
    for name, vendor in zip(values(pairs["source"]), values(pairs["vendor"]), strict=True):
        named[name].add(vendor)
    found = (s for s in inputs.sources if s.role not in ("PSA", "catalogue"))
    return {s: tuple(sorted(named.get(s.name, ()))) or (s.role,) for s in found}


def _as_of(inputs: Inputs, vendors: Lookup[Source, tuple[str, ...]]) -> dict[str, dt.date | None]:
    found: dict[str, dt.date | None] = {str(v): None for v in inputs.charges["vendor"].unique()}
    for source, named in vendors.items():
        for vendor in named:
            found[vendor] = max(filter(None, (found.get(vendor), source.as_of)), default=None)
    return found


def _stale(
    inputs: Inputs, as_of: dict[str, dt.date | None], vendors: Lookup[Source, tuple[str, ...]], mapping: Mapping
) -> dict[str, str]:
    stale = {}
    for vendor, day in as_of.items():
        if day is not None and day < inputs.period.start:
            stale[vendor] = f"stale: {vendor}'s data ends {short_date(day)}"
    covered = _vendors_with_rows(inputs)
    for vendor in sorted({s.vendor for s in mapping.services if s.kind is Kind.MAPPED} - set(as_of)):
        stale[vendor] = f"no data from {vendor} arrived"
    for vendor in set(as_of) - covered - set(stale):
        stale[vendor] = f"stale: no row of {vendor} covers {inputs.period}"
    for source, named in vendors.items():
        if not source.complete:
            stale |= dict.fromkeys(named, f"the read of {source.name} failed or is partial")
    return stale


def _vendors_with_rows(inputs: Inputs) -> set[str]:
    """Vendors of which a row covers a day of the period."""
    start, until = days(inputs.charges["start"], -FAR), days(inputs.charges["until"], FAR)
    covers = (start < day_number(inputs.period.until)) & (until > day_number(inputs.period.start))
    return set(inputs.charges["vendor"][covers].unique())


def _speaking(inputs: Inputs) -> set[str]:
    """Vendors of which a row starts in the period, or has no date: only those can be absent from it."""
    start = days(inputs.charges["start"], day_number(inputs.period.start))
    starts = (start >= day_number(inputs.period.start)) & (start < day_number(inputs.period.until))
    return set(inputs.charges["vendor"][starts].unique())


def counted_by(mapping: Mapping) -> dict[str, tuple[str, ...]]:
    """Each PSA service with the vendors that sell it."""
    vendors: dict[str, set[str]] = defaultdict(set)
    for entry in mapping.services:
        if entry.kind is Kind.MAPPED and entry.service_id:
            vendors[entry.service_id].add(entry.vendor)
    return {service: tuple(sorted(v)) for service, v in vendors.items()}


def _service_could_be(charges: pd.DataFrame, resolved: Resolved) -> set[tuple[str, str]]:
    unmapped = np.flatnonzero(resolved.bucket == buckets.UNMAPPED)
    pairs = set(zip(resolved.accounts.codes[unmapped].tolist(), resolved.services.codes[unmapped].tolist(), strict=True))
    asked = {resolved.accounts.keys[account] for account, _ in pairs}
    customers_of = defaultdict(list)
    for entry in resolved.mapping.accounts if asked else ():
        if entry.kind is Kind.MAPPED and (entry.vendor, entry.account_id) in asked:
            customers_of[entry.vendor, entry.account_id].append(entry.customer_id or "")
    return {
        (customer, candidate.id)
        for account, service in pairs
        for customer in customers_of.get(resolved.accounts.keys[account], ())
        for candidate in resolved.service_candidates.get(resolved.services.keys[service], ())
        if candidate.confidence >= names.COULD_BE
    }
