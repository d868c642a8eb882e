"""Where each vendor row belongs: the mapping, completed by the certain matches of names, applied to a charge frame."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa

from core import buckets, frames, names
from core.exact import Flags, Ints
from core.frames import Objects
from core.mapping import AccountMapping, Kind, Mapping, ServiceMapping
from core.names import Candidate
from core.records import ChargeKind, Service

Pair = tuple[str, str]
"""A vendor and an id of its: an account's or a vendor service's."""

BUCKET_OF_KIND = {
    Kind.INCLUDED: buckets.INCLUDED,
    Kind.INTERNAL: buckets.INTERNAL,
    Kind.FREE: buckets.FREE,
    Kind.EXCLUDED: buckets.EXCLUDED,
}


@dataclass(frozen=True, slots=True)
class Pairs:
    """The distinct (vendor, id) pairs of a frame, the name each first came with, and every row's pair as a number."""

    keys: list[Pair]
    names: list[str]
    codes: Ints


def pairs_of(charges: pd.DataFrame, id_column: str, name_column: str) -> Pairs:
    """The distinct accounts, or vendor services, of a charge frame."""
    vendors, vendor_names = frames.codes(charges["vendor"])
    ids, id_names = frames.codes(charges[id_column])
    found, first = pd.factorize(vendors * max(1, len(id_names)) + ids)
    rows = np.zeros(len(first), dtype=np.int64)
    rows[found[::-1]] = np.arange(len(found))[::-1]
    keys = [(str(vendor_names[v]), str(id_names[i])) for v, i in zip(vendors[rows], ids[rows], strict=True)]
    return Pairs(keys, frames.values(charges[name_column].iloc[rows]), found.astype(np.int64))


@dataclass(frozen=True, slots=True)
class Resolved:
    """A charge frame with its mapping applied. A row shared by several customers stands several times among the parts."""

    mapping: Mapping
    accounts: Pairs
    services: Pairs
    account_candidates: dict[Pair, list[Candidate]]  # of the unmapped
    service_candidates: dict[Pair, list[Candidate]]
    bucket: Objects  # per charge row; empty where the row is mapped to a customer and a PSA service
    part_row: Ints  # charge row of each part
    part_customer: pa.Array  # ids
    part_service: pa.Array
    shares: dict[int, Decimal]  # of the parts whose share is not 1
    multipliers: dict[int, Decimal]  # of the parts whose multiplier is not 1


def complete(
    mapping: Mapping, accounts: Pairs, services: Pairs, customers: dict[str, str], catalogue: Iterable[Service]
) -> Mapping:
    """The mapping with the certain matches of names and SKUs added (R20); what is mapped already is left as it is."""
    return replace(
        mapping,
        accounts=mapping.accounts + tuple(_certain_accounts(mapping, accounts, customers)),
        services=mapping.services + tuple(_certain_services(mapping, services, list(catalogue))),
    )


def _certain_accounts(mapping: Mapping, accounts: Pairs, customers: dict[str, str]) -> Iterable[AccountMapping]:
    mapped = {(m.vendor, m.account_id) for m in mapping.accounts}
    of_vendor: dict[str, dict[str, str]] = defaultdict(dict)
    for (vendor, account_id), name in zip(accounts.keys, accounts.names, strict=True):
        of_vendor[vendor][account_id] = name
    waiting = {vendor for vendor, account_id in accounts.keys if (vendor, account_id) not in mapped}
    companies = names.Companies(customers if waiting else {})
    for vendor in sorted(waiting):
        named = of_vendor[vendor]
        for account_id, customer_id in companies.certain(named).items():
            if (vendor, account_id) not in mapped:
                yield AccountMapping(vendor, account_id, named[account_id], Kind.MAPPED, customer_id, reason="same name")


def _certain_services(mapping: Mapping, services: Pairs, catalogue: list[Service]) -> Iterable[ServiceMapping]:
    mapped = {(m.vendor, m.vendor_service_id) for m in mapping.services}
    by_sku: dict[str, set[str]] = defaultdict(set)
    by_name: dict[str, set[str]] = defaultdict(set)
    for item in catalogue:
        if plain := names.service(item.service):
            by_name[plain].add(item.service_id)
        for sku in {item.service_id, item.sku or item.service_id}:
            by_sku[sku.casefold()].add(item.service_id)
    for (vendor, vendor_service_id), name in zip(services.keys, services.names, strict=True):
        if (vendor, vendor_service_id) in mapped:
            continue
        sku = vendor_service_id.split(" | ")[0].casefold()
        for found, why in ((by_sku.get(sku, set()), "same SKU"), (by_name.get(names.service(name), set()), "same name")):
            if len(found) == 1:
                (service_id,) = found
                yield ServiceMapping(vendor, vendor_service_id, name, Kind.MAPPED, service_id, reason=why)
                break


def resolve(
    charges: pd.DataFrame, in_period: Flags, mapping: Mapping, customers: dict[str, str], catalogue: Iterable[Service]
) -> Resolved:
    """Completes the mapping and applies it to every row.

    customers: names by id. catalogue: the PSA's services, those of its lines included.
    """
    accounts = pairs_of(charges, "account_id", "account")
    services = pairs_of(charges, "vendor_service_id", "vendor_service")
    catalogue = list(catalogue)
    mapping = complete(mapping, accounts, services, customers, catalogue)
    by_account: dict[Pair, list[AccountMapping]] = defaultdict(list)
    for entry in mapping.accounts:
        by_account[entry.vendor, entry.account_id].append(entry)
    by_service = {(m.vendor, m.vendor_service_id): m for m in mapping.services}
    parts = _parts(accounts, services, by_account, by_service)
    bucket = _buckets(charges, in_period, parts, accounts, services)
    mapped = np.flatnonzero(bucket == "")
    counts = np.array([len(c) for c in parts.customers], dtype=np.int64)[accounts.codes[mapped]]
    row = np.repeat(mapped, counts)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    owner, target = accounts.codes[row], services.codes[row]
    starts = np.cumsum([0, *(len(c) for c in parts.customers)])
    entries = [entry for customers_of in parts.customers for entry in customers_of]
    return Resolved(
        mapping,
        accounts,
        services,
        _candidates(accounts, parts.account_bucket, customers, companies=True),
        _candidates(services, parts.service_bucket, {s.service_id: s.service for s in catalogue}, companies=False),
        bucket,
        row,
        pa.array([e.customer_id or "" for e in entries], pa.string()).take(pa.array(starts[owner] + nth)),
        pa.array([(t.service_id or "") if t else "" for t in parts.targets], pa.string()).take(pa.array(target)),
        _unusual([e.share for e in entries], starts[owner] + nth),
        _unusual([t.multiplier if t else ONE for t in parts.targets], target),
    )


ONE = Decimal(1)


def _unusual(factors: list[Decimal], which: Ints) -> dict[int, Decimal]:
    """The factors that are not 1, by part."""
    odd = np.array([f != ONE for f in factors], dtype=bool)
    return {int(p): factors[which[p]] for p in np.flatnonzero(odd[which])} if odd.any() else {}


@dataclass(frozen=True, slots=True)
class _Parts:
    """Per distinct account and service: its bucket where it has one of its own, and what it is mapped to."""

    account_bucket: list[str]
    customers: list[list[AccountMapping]]
    service_bucket: list[str]
    targets: list[ServiceMapping | None]


def _parts(
    accounts: Pairs, services: Pairs, by_account: dict[Pair, list[AccountMapping]], by_service: dict[Pair, ServiceMapping]
) -> _Parts:
    owners = [by_account.get(key, []) for key in accounts.keys]
    targets = [by_service.get(key) for key in services.keys]
    return _Parts(
        [_own_bucket(o[0].kind) if o else buckets.UNMAPPED for o in owners],
        owners,
        [_own_bucket(t.kind) if t else buckets.UNMAPPED for t in targets],
        targets,
    )


def _own_bucket(kind: Kind) -> str:
    return BUCKET_OF_KIND.get(kind, "")


def _buckets(charges: pd.DataFrame, in_period: Flags, parts: _Parts, accounts: Pairs, services: Pairs) -> Objects:
    """The first that holds: another period, a credit or one-off, the account's bucket, the service's bucket."""
    money_only = np.asarray(charges["kind"].isin([str(ChargeKind.CREDIT), str(ChargeKind.ONE_OFF)]), dtype=bool)
    account = np.array(parts.account_bucket, dtype=object)[accounts.codes] if len(charges) else np.array([], dtype=object)
    service = np.array(parts.service_bucket, dtype=object)[services.codes] if len(charges) else np.array([], dtype=object)
    chosen = np.where(account != "", account, service)
    chosen = np.where(money_only, buckets.CREDITS, chosen)
    return np.where(in_period, chosen, np.array(buckets.OTHER_PERIOD, dtype=object))


def _candidates(pairs: Pairs, own_bucket: list[str], known: dict[str, str], *, companies: bool) -> dict[Pair, list[Candidate]]:
    """What each unmapped account or service could be."""
    rows = zip(pairs.keys, pairs.names, own_bucket, strict=True)
    waiting = {key: name for key, name, bucket in rows if bucket == buckets.UNMAPPED}
    index = names.Index(known if waiting else {}, companies=companies)
    return {key: index.candidates(name) for key, name in waiting.items()}
