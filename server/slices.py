"""A slice: what a run says of some of its customers, so that each person gets the rows that are theirs to decide."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from core.charges import subscription_codes
from core.frames import values
from core.mapping import Kind
from core.records import Problem
from core.resolve import pairs_of
from core.run import Inputs, Reconciliation
from server.errors import Refused

CLOSE = 70
"""A name from this likeness (per cent) on is named beside one that is not known."""


def slice_of(result: Reconciliation, customers: Sequence[str]) -> Reconciliation:
    """The rows of these customers, in their order, to be shown and not to be compared again. Refused where a name is unknown.

    What is not mapped yet belongs to nobody and is left out, as are the catalogue's costs and the ledger, which are of the whole
    run. Of the charges there are those behind the customers' rows.
    """
    wanted = set(_known(result, customers).values())
    lines = _where(result.inputs.lines, "customer_id", wanted)
    keys = {f"line:{line}" for line in values(lines["line_id"])} | _charges_listed(result, wanted)
    return replace(
        result,
        inputs=_inputs(result.inputs, lines, _charges(result, wanted), wanted),
        comparisons=_where(result.comparisons, "customer_id", wanted),
        no_vendor=_where(result.no_vendor, "key", keys),
        not_compared=_where(result.not_compared, "key", keys),
        unmapped_accounts=result.unmapped_accounts[:0],
        unmapped_services=result.unmapped_services[:0],
        ledger=result.ledger[:0],
        agreements=tuple(a for a in result.agreements if a.customer_id in wanted),
    )


def as_named(result: Reconciliation, customers: Sequence[str]) -> tuple[str, ...]:
    """The names as the PSA writes them, each once and in order. Refused where one is unknown."""
    found = {name for name, _ in _known(result, customers)}
    return tuple(sorted(found, key=lambda name: (name.casefold(), name)))


def _known(result: Reconciliation, customers: Sequence[str]) -> dict[tuple[str, str], str]:
    """The id of each customer that is meant, by name and id; one name may stand for several customers."""
    there = {(name, number) for number, name in _customers(result)}
    asked = {name.strip().casefold() for name in customers}
    known = {name.casefold() for name, _ in there}
    unknown = [name.strip() for name in customers if name.strip().casefold() not in known]
    if unknown:
        raise Refused(_unknown(name, {there_name for there_name, _ in there}) for name in unknown)
    return {(name, number): number for name, number in there if name.casefold() in asked}


def _customers(result: Reconciliation) -> set[tuple[str, str]]:
    """Id and name of every customer that has an agreement or a row."""
    rows = result.comparisons
    compared = zip(values(rows["customer_id"]), values(rows["customer"]), strict=True)
    return {(a.customer_id, a.customer) for a in result.agreements} | set(compared)


def _unknown(name: str, known: Iterable[str]) -> Problem:
    close = process.extract(name, sorted(known), scorer=fuzz.WRatio, processor=str.casefold, limit=3, score_cutoff=CLOSE)
    said = " or ".join(repr(found) for found, *_ in close)
    ask = f"do you mean {said}?" if said else "name it as the PSA does"
    return Problem(f"customer {name!r}", f"no customer of this run has that name; {ask}")


def _where(data: pd.DataFrame, column: str, wanted: set[str]) -> pd.DataFrame:
    return data[data[column].isin(wanted)].reset_index(drop=True)


def _inputs(inputs: Inputs, lines: pd.DataFrame, charges: pd.DataFrame, wanted: set[str]) -> Inputs:
    """What the lists and the evidence of a workbook are made from: no slice names a customer of another."""
    agreements = tuple(a for a in inputs.agreements if a.customer_id in wanted)
    return replace(inputs, lines=lines, charges=charges, agreements=agreements, services=())


def _charges(result: Reconciliation, wanted: set[str]) -> pd.DataFrame:
    """The charges of these customers' accounts, and what else there is of the same subscriptions: one may have moved, and the
    row that counts is the last of all. What another customer's account was charged is listed on no sheet of the slice.
    """
    charges = result.inputs.charges
    accounts = pairs_of(charges, "account_id", "account")
    mapped = {
        (m.vendor, m.account_id) for m in result.mapping.accounts if m.kind is Kind.MAPPED and (m.customer_id or "") in wanted
    }
    own = np.array([key in mapped for key in accounts.keys], dtype=bool)[accounts.codes]
    subscriptions = subscription_codes(charges)
    return charges[np.isin(subscriptions, subscriptions[own])].reset_index(drop=True)


def _charges_listed(result: Reconciliation, wanted: set[str]) -> set[str]:
    """Keys of the vendor rows that are not compared and whose account is one of the customers'."""
    accounts = {
        (m.vendor, m.account_id) for m in result.mapping.accounts if m.kind is Kind.MAPPED and (m.customer_id or "") in wanted
    }
    charges = result.inputs.charges
    columns = (values(charges[name]) for name in ("source", "row", "vendor", "account_id"))
    own = {f"{source}:{row}" for source, row, *whose in zip(*columns, strict=True) if tuple(whose) in accounts}
    listed = result.not_compared[result.not_compared["side"] != "PSA"]
    return {key for key in values(listed["key"]) if key.partition(":")[2] in own}
