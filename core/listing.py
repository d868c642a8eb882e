"""What is listed beside the comparison, so that nothing vanishes: no vendor, not compared, and the unmapped of both kinds."""

import datetime as dt
from collections import defaultdict
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from core import buckets, causes
from core.charges import Counted
from core.exact import MONEY, QUANTITY, Ints, decimals, scaled
from core.frames import Objects, codes, frame_of_columns, names_of, picked, texts, values
from core.groups import sums
from core.joining import NO_ROW, Joined
from core.mapping import AccountMapping, Kind, ServiceMapping
from core.money import per_cycle, per_month
from core.names import SUGGEST, Candidate
from core.records import BillCustomer, NotCompared, NoVendor, UnmappedAccount, UnmappedService
from core.resolve import Pair, Pairs, Resolved, pairs_of
from core.run import Inputs
from core.scope import Scope, short_date


def revenue_of_lines(lines: pd.DataFrame) -> Ints:
    """Cents a month that each line bills, by R10; a one-off's whole amount."""
    quantity, included, price = (scaled(lines[c])[0] for c in ("quantity", "included", "unit_price"))
    billable = np.asarray(lines["bill_customer"] == str(BillCustomer.BILLABLE), dtype=bool)
    return per_month(per_cycle(quantity, included, price, billable), np.asarray(lines["cycle_months"], dtype=np.int64))


def units_of_charges(inputs: Inputs, counted: Counted) -> Ints:
    """Units that each charge row counts, scaled: only the row that stands for its subscription has any."""
    units = np.zeros(len(inputs.charges), dtype=np.int64)
    units[np.asarray(counted.usage["row"], dtype=np.int64)] = scaled(counted.usage["quantity"])[0]
    return units


def charge_buckets(resolved: Resolved, joined: Joined) -> Objects:
    """The bucket of every charge row; one that is shared by customers stands with the lines if any of them has one."""
    bucket = resolved.bucket
    part = joined.groups.usage_part
    own = np.where(joined.groups.lines[part] > 0, 0, np.where(joined.state[part] != NO_ROW, 1, 2))
    best = np.full(len(bucket), 3)
    np.minimum.at(best, resolved.part_row, own)
    names = np.array([buckets.TO_LINES, buckets.NEW_REVENUE, buckets.NOTHING_USED, ""], dtype=object)
    return np.where(best < 3, names[best], bucket)


def no_vendor(inputs: Inputs, scope: Scope, joined: Joined, revenue: Ints) -> pd.DataFrame:
    """Lines in scope that no vendor service is mapped to; for some it is known that none is expected."""
    rows = np.setdiff1d(np.flatnonzero(scope.compared), joined.line)
    taken = picked(inputs.lines, rows, ("customer", "agreement", "line_id", "service_id", "service", "quantity", "currency"))
    expected = inputs.mapping.none_expected
    return frame_of_columns(
        NoVendor,
        {
            "key": [f"line:{i}" for i in values(taken["line_id"])],
            **taken,
            "revenue": decimals(revenue[rows], None, MONEY),
            "expected_none": [s in expected for s in values(taken["service_id"])],
        },
    )


def lines_not_compared(inputs: Inputs, scope: Scope, revenue: Ints) -> list[NotCompared]:
    """Lines out of scope, each with its reason."""
    rows = np.flatnonzero(~scope.compared)
    taken = picked(inputs.lines, rows, ("line_id", "customer", "service", "quantity", "currency"))
    money = decimals(revenue[rows], None, MONEY).to_pylist()
    columns = (values(column) for column in taken.values())
    return [
        NotCompared(
            f"line:{line}", "PSA", buckets.OUT_OF_SCOPE, scope.reason[row], customer, service, f"line {line}", quantity, amount,
            currency, None, None, "",
        )
        for row, line, customer, service, quantity, currency, amount in zip(rows.tolist(), *columns, money, strict=True)
    ]  # fmt: skip


LISTED = (
    buckets.NOTHING_USED,
    buckets.INCLUDED,
    buckets.INTERNAL,
    buckets.FREE,
    buckets.EXCLUDED,
    buckets.CREDITS,
    buckets.OTHER_PERIOD,
)


def charges_not_compared(inputs: Inputs, resolved: Resolved, joined: Joined, bucket: Objects, units: Ints) -> list[NotCompared]:
    """Vendor rows that are listed with their reason; rows of one account and service are one entry, credits stand each."""
    amount, _ = scaled(inputs.charges["amount"])
    entries: dict[tuple[object, ...], list[int]] = defaultdict(list)
    currency = texts(inputs.charges["currency"])
    listed = np.flatnonzero(np.any([bucket == name for name in LISTED], axis=0))
    for row in listed.tolist():
        alone = row if bucket[row] == buckets.CREDITS else -1
        entries[bucket[row], int(resolved.accounts.codes[row]), int(resolved.services.codes[row]), currency[row], alone].append(row)
    describe = _Describe(inputs, listed, resolved, joined)
    return [describe.entry(str(key[0]), rows, int(units[rows].sum()), int(amount[rows].sum())) for key, rows in entries.items()]


class _Describe:
    """Puts a listed entry into words."""

    def __init__(self, inputs: Inputs, listed: Ints, resolved: Resolved, joined: Joined) -> None:
        shown = ("source", "row", "vendor", "account_id", "account", "vendor_service_id", "vendor_service", "kind", "currency")
        rows = picked(inputs.charges, listed, (*shown, "start", "until"))
        self._at = {int(row): i for i, row in enumerate(listed)}
        self._text = {name: values(column) for name, column in rows.items()}
        asked = set(self._text["account_id"])
        self._accounts = {(m.vendor, m.account_id): m for m in reversed(resolved.mapping.accounts) if m.account_id in asked}
        self._services = {(m.vendor, m.vendor_service_id): m for m in resolved.mapping.services}
        self._names = names_of(inputs.lines, "service_id", "service")
        self._groups = joined.groups

    @cached_property
    def _billed(self) -> dict[tuple[str, str], int]:
        """What is billed of each service to each customer; asked for only where something is included."""
        billed: dict[tuple[str, str], int] = defaultdict(int)
        bundles = {m.service_id for m in self._services.values() if m.kind is Kind.INCLUDED}
        groups = self._groups
        for part in np.flatnonzero(np.any([groups.service == bundle for bundle in bundles], axis=0)).tolist():
            billed[groups.customer[part], groups.service[part]] += int(groups.to_bill[part])
        return billed

    def entry(self, bucket: str, rows: list[int], units: int, cents: int) -> NotCompared:
        first = {name: column[self._at[rows[0]]] for name, column in self._text.items()}
        account = self._accounts.get((first["vendor"], first["account_id"]))
        service = self._services.get((first["vendor"], first["vendor_service_id"]))
        said = (
            account if account and bucket in (buckets.INTERNAL, buckets.EXCLUDED) and account.kind is not Kind.MAPPED else service
        )
        owner, review = (said.owner, said.review) if said else (None, None)
        more = f" (+{len(rows) - 1})" if len(rows) > 1 else ""
        return NotCompared(
            f"{bucket}:{first['source']}:{first['row']}",
            first["vendor"],
            bucket,
            self._reason(bucket, first, said, service),
            first["account"],
            first["vendor_service"],
            f"{first['source']} row {first['row']}{more}",
            decimals(np.array([units]), None, QUANTITY).to_pylist()[0],
            decimals(np.array([cents]), None, MONEY).to_pylist()[0],
            first["currency"],
            owner,
            review,
            self._check(account, service, units) if bucket == buckets.INCLUDED else "",
        )

    def _reason(
        self, bucket: str, first: dict[str, Any], said: AccountMapping | ServiceMapping | None, service: ServiceMapping | None
    ) -> str:
        if bucket == buckets.OTHER_PERIOD:
            return f"covers {_day(first['start'])} to before {_day(first['until'])}"
        if bucket == buckets.CREDITS:
            return str(first["kind"])
        if bucket == buckets.NOTHING_USED:
            return "no units in this period, and no PSA line"
        if bucket == buckets.INCLUDED and service and service.service_id:
            return f"included in {self._names.get(service.service_id, service.service_id)}"
        return (said.reason if said else None) or {buckets.INTERNAL: "own tenant or not for resale"}.get(bucket, bucket)

    def _check(self, account: AccountMapping | None, service: ServiceMapping | None, units: int) -> str:
        """Covered by a bundle: no more of it may be used than the bundle bills."""
        if not account or not service:
            return ""
        billed = self._billed.get((account.customer_id or "", service.service_id or ""))
        if billed is None:
            return "no line of the bundle"
        said = f"{causes.quantity(units)} of {causes.quantity(billed)}"
        return f"{said}, ok" if units <= billed else f"{said}: {causes.quantity(units - billed)} over"


def _day(day: dt.date | None) -> str:
    return short_date(day) if isinstance(day, dt.date) else "no date"


def unmapped_accounts(inputs: Inputs, resolved: Resolved, bucket: Objects, units: Ints) -> pd.DataFrame:
    """Accounts without a mapping, with the rows, units and money that wait for one, most money first."""
    rows = np.flatnonzero(bucket == buckets.UNMAPPED)
    waiting = [i for i, key in enumerate(resolved.accounts.keys) if key in resolved.account_candidates]
    of_unmapped = rows[np.isin(resolved.accounts.codes[rows], waiting)]
    made = _waiting(inputs, resolved.accounts, waiting, of_unmapped, units)
    return frame_of_columns(UnmappedAccount, _with_suggestion(made, resolved.accounts, resolved.account_candidates, "account"))


def unmapped_services(inputs: Inputs, resolved: Resolved, bucket: Objects, units: Ints) -> pd.DataFrame:
    """Vendor services without a mapping. Rows whose account is unmapped too are counted there, not here."""
    rows = np.flatnonzero(bucket == buckets.UNMAPPED)
    unmapped_account = [i for i, key in enumerate(resolved.accounts.keys) if key in resolved.account_candidates]
    here = rows[~np.isin(resolved.accounts.codes[rows], unmapped_account)]
    waiting = [i for i, key in enumerate(resolved.services.keys) if key in resolved.service_candidates]
    made = _waiting(inputs, resolved.services, waiting, here, units)
    terms = pairs_of(inputs.charges, "vendor_service_id", "term").names
    made["term"] = [terms[i] for i in made["pair"]]
    return frame_of_columns(UnmappedService, _with_suggestion(made, resolved.services, resolved.service_candidates, "service"))


def _waiting(inputs: Inputs, pairs: Pairs, waiting: list[int], rows: Ints, units: Ints) -> dict[str, Any]:
    """One entry per unmapped pair and currency, the largest amount first."""
    amount, _ = scaled(inputs.charges["amount"])
    currencies, names = codes(inputs.charges["currency"])
    width = max(1, len(names))
    code = pairs.codes[rows] * width + currencies[rows]
    length = max(1, len(pairs.keys)) * width
    totals = [sums(code, values, length) for values in (np.ones(len(rows), dtype=np.int64), units[rows], amount[rows])]
    first = dict(zip(pairs.codes[::-1].tolist(), currencies[::-1].tolist(), strict=True))
    found = [(i, c) for i in waiting for c in range(width) if totals[0][i * width + c] or c == first[i]]
    found.sort(key=lambda ic: (-abs(int(totals[2][ic[0] * width + ic[1]])), -int(totals[1][ic[0] * width + ic[1]]), ic[0]))
    at = [i * width + c for i, c in found]
    return {
        "pair": [i for i, _ in found],
        "currency": [str(names[c]) for _, c in found],
        "rows": totals[0][at].tolist(),
        "units": decimals(totals[1][at], None, QUANTITY),
        "money": decimals(totals[2][at], None, MONEY),
    }


def _with_suggestion(made: dict[str, Any], pairs: Pairs, candidates: dict[Pair, list[Candidate]], kind: str) -> dict[str, Any]:
    keys = [pairs.keys[i] for i in made["pair"]]
    best = [next((c for c in candidates[key] if c.confidence >= SUGGEST), None) for key in keys]
    id_column, name_column = ("account_id", "account") if kind == "account" else ("vendor_service_id", "vendor_service")
    return {
        **{name: values for name, values in made.items() if name != "pair"},
        "key": [f"{kind}:{vendor}:{id_}:{c}" for (vendor, id_), c in zip(keys, made["currency"], strict=True)],
        "vendor": [vendor for vendor, _ in keys],
        id_column: [id_ for _, id_ in keys],
        name_column: [pairs.names[i] for i in made["pair"]],
        "suggestion_id": [b.id if b else None for b in best],
        "suggestion": [b.name if b else None for b in best],
        "confidence": [b.confidence if b else None for b in best],
    }
