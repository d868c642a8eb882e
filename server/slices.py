"""A slice: what a run says of some of its customers or vendors, so that each person gets the rows that are theirs to decide.

There is no slice by account manager: no record that is read names one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

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
from workbooks.identity import Identity

CLOSE = 70
"""A name from this likeness (per cent) on is named beside one that is not known."""
PSA_SIDE = "PSA"
NOT_A_VENDORS = (PSA_SIDE, "catalogue")
"""Roles of sources that are no vendor's."""


@dataclass(frozen=True, slots=True)
class Names:
    """Whose rows a workbook is to hold, as the run writes them; without any name of a kind, every row of that kind."""

    customers: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.customers or self.vendors)


def slice_of(result: Reconciliation, customers: Sequence[str], vendors: Sequence[str] = ()) -> Reconciliation:
    """The rows of these customers at these vendors, in their order, to be shown and not to be compared again.

    Refused where a name is unknown. What is not mapped yet belongs to nobody and is left out, as are the catalogue's costs and
    the ledger, which are of the whole run; a slice of vendors leaves out the lines that no vendor counts. Of the charges there
    are those behind the rows.
    """
    as_named(result, customers, vendors)
    held = _of_customers(result, customers) if customers else _of_everybody(result)
    return _of_vendors(held, _meant(vendors, _vendors(result))) if vendors else held


def slice_for(result: Reconciliation, identity: Identity) -> Reconciliation:
    """What a workbook of that identity holds of its run."""
    return result if identity.whole else slice_of(result, identity.customers, identity.vendors)


def as_named(result: Reconciliation, customers: Sequence[str], vendors: Sequence[str] = ()) -> Names:
    """The names as the PSA and the run write them, each once and in order. Refused names every one that is unknown."""
    there = {name for _, name in _customers(result)}
    counted = _vendors(result)
    problems = [*_problems("customer", customers, there), *_problems("vendor", vendors, counted)]
    if problems:
        raise Refused(problems)
    return Names(_ordered(_meant(customers, there)), _ordered(_meant(vendors, counted)))


def customer_ids(result: Reconciliation, customers: Sequence[str]) -> set[str]:
    """The ids of the customers of these names; one name may stand for several."""
    asked = {name.strip().casefold() for name in customers}
    return {number for number, name in _customers(result) if name.casefold() in asked}


def _of_customers(result: Reconciliation, customers: Sequence[str]) -> Reconciliation:
    wanted = customer_ids(result, customers)
    lines = _where(result.inputs.lines, "customer_id", wanted)
    keys = {f"line:{line}" for line in values(lines["line_id"])} | _charges_listed(result, wanted)
    return replace(
        _of_everybody(result),
        inputs=_inputs(result.inputs, lines, _charges(result, wanted), wanted),
        comparisons=_where(result.comparisons, "customer_id", wanted),
        no_vendor=_where(result.no_vendor, "key", keys),
        not_compared=_where(result.not_compared, "key", keys),
        agreements=tuple(a for a in result.agreements if a.customer_id in wanted),
    )


def _of_everybody(result: Reconciliation) -> Reconciliation:
    """Without what no slice holds."""
    return replace(
        result,
        unmapped_accounts=result.unmapped_accounts[:0],
        unmapped_services=result.unmapped_services[:0],
        ledger=result.ledger[:0],
    )


def _of_vendors(held: Reconciliation, vendors: set[str]) -> Reconciliation:
    """The rows of these vendors among those held, and the names of their customers only."""
    rows = _where(held.comparisons, "vendor", vendors)
    customers = set(values(rows["customer_id"]))
    lines = _where(held.inputs.lines, "line_id", {line for line in values(rows["line_id"]) if line is not None})
    inputs = _inputs(held.inputs, lines, _where(held.inputs.charges, "vendor", vendors), customers)
    sources = tuple(source for source in inputs.sources if source.role in (*NOT_A_VENDORS, *vendors))
    return replace(
        held,
        inputs=replace(inputs, sources=sources),
        comparisons=rows,
        no_vendor=held.no_vendor[:0],
        not_compared=_where(held.not_compared, "side", vendors),
        agreements=tuple(a for a in held.agreements if a.customer_id in customers),
    )


def _customers(result: Reconciliation) -> set[tuple[str, str]]:
    """Id and name of every customer that has an agreement or a row."""
    rows = result.comparisons
    compared = zip(values(rows["customer_id"]), values(rows["customer"]), strict=True)
    return {(a.customer_id, a.customer) for a in result.agreements} | set(compared)


def _vendors(result: Reconciliation) -> set[str]:
    """Every vendor that has a row or a source."""
    listed = {side for side in values(result.not_compared["side"]) if side != PSA_SIDE}
    roles = {source.role for source in result.inputs.sources} - set(NOT_A_VENDORS)
    return set(values(result.comparisons["vendor"])) | listed | roles


def _meant(names: Sequence[str], there: Iterable[str]) -> set[str]:
    asked = {name.strip().casefold() for name in names}
    return {name for name in there if name.casefold() in asked}


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: (name.casefold(), name)))


def _problems(kind: str, names: Sequence[str], there: set[str]) -> Iterator[Problem]:
    known = {name.casefold() for name in there}
    for name in names:
        if name.strip().casefold() not in known:
            yield _unknown(kind, name.strip(), there)


def _unknown(kind: str, name: str, known: Iterable[str]) -> Problem:
    close = process.extract(name, sorted(known), scorer=fuzz.WRatio, processor=str.casefold, limit=3, score_cutoff=CLOSE)
    said = " or ".join(repr(found) for found, *_ in close)
    otherwise = "name it as the PSA does" if kind == "customer" else f"there are {', '.join(_ordered(known)) or 'none'}"
    return Problem(f"{kind} {name!r}", f"no {kind} of this run has that name; {f'do you mean {said}?' if said else otherwise}")


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
    listed = result.not_compared[result.not_compared["side"] != PSA_SIDE]
    return {key for key in values(listed["key"]) if key.partition(":")[2] in own}
