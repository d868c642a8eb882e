"""The hidden sheet that the drop-downs read: plain lists, and lists whose part depends on a number or word of the row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.frames import alike, codes, values
from core.records import State
from core.run import Reconciliation
from core.words import ACTIONS
from workbooks.layout import FIXED_CHOICES, Choices

AGREEMENT_NOT_NEEDED, NO_AGREEMENT = 0, 1
NOT_NEEDED_LABEL, NO_AGREEMENT_LABEL = "only for New revenue", "no open agreement: create one in the PSA"


@dataclass(frozen=True, slots=True)
class AgreementList:
    """The open agreements of one customer, under the number that its rows carry."""

    number: int
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One list of the hidden sheet; with keys, a row's drop-down shows the part whose key it carries."""

    values: tuple[str, ...]
    keys: tuple[str | int, ...] = ()


def list_name(choices: Choices) -> str:
    """Defined name of a list's values."""
    return "Tieout_" + choices.value.replace(" ", "_")


def keys_name(choices: Choices) -> str:
    """Defined name of the keys beside a list's values."""
    return list_name(choices) + "_keys"


def agreement_lists(reconciliation: Reconciliation) -> Mapping[str, AgreementList]:
    """By customer id, for the customers that have New revenue."""
    opened: dict[str, list[str]] = {}
    for agreement in reconciliation.agreements:
        if agreement.open:
            opened.setdefault(agreement.customer_id, []).append(agreement.label)
    data = reconciliation.comparisons
    wanted = sorted(set(values(data.loc[data["state"] == State.NEW_REVENUE.value, "customer_id"])))
    found, number = {}, NO_AGREEMENT
    for customer in wanted:
        if customer in opened:
            number += 1
            found[customer] = AgreementList(number, tuple(sorted(opened[customer])))
        else:
            found[customer] = AgreementList(NO_AGREEMENT, (NO_AGREEMENT_LABEL,))
    return found


def list_columns(reconciliation: Reconciliation) -> Mapping[Choices, ListColumn]:
    """Every list, by the drop-down that shows it."""
    fixed = {choices: ListColumn(words) for choices, words in FIXED_CHOICES.items()}
    return fixed | {
        Choices.ACTION: _keyed([(state, actions) for state, actions in ACTIONS.items()]),
        Choices.AGREEMENT: _keyed(_agreements(reconciliation)),
        Choices.CUSTOMER: ListColumn(tuple(_customers(reconciliation))),
        Choices.SERVICE: ListColumn(tuple(_services(reconciliation))),
    }


def _keyed(parts: Sequence[tuple[str | int, tuple[str, ...]]]) -> ListColumn:
    pairs = [(key, value) for key, values in parts for value in values]
    return ListColumn(tuple(value for _, value in pairs), tuple(key for key, _ in pairs))


def _agreements(reconciliation: Reconciliation) -> list[tuple[str | int, tuple[str, ...]]]:
    lists = {entry.number: entry.labels for entry in agreement_lists(reconciliation).values()}
    lists |= {AGREEMENT_NOT_NEEDED: (NOT_NEEDED_LABEL,), NO_AGREEMENT: (NO_AGREEMENT_LABEL,)}
    return [(number, lists[number]) for number in sorted(lists)]


def _named(pairs: set[tuple[str, str]]) -> list[str]:
    return [f"{name} [{number}]" for name, number in sorted(pairs, key=lambda pair: (pair[0].casefold(), pair[1]))]


def _pairs(data: pd.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    """The values of two columns that stand beside each other, each pair once."""
    _, first = alike(codes(data[name])[0] for name in names)
    return zip(*(values(data[name].iloc[first]) for name in names), strict=True)


def _customers(reconciliation: Reconciliation) -> list[str]:
    lines = reconciliation.inputs.lines
    return _named(set(_pairs(lines, "customer", "customer_id")) | {(a.customer, a.customer_id) for a in reconciliation.agreements})


def _services(reconciliation: Reconciliation) -> list[str]:
    lines = reconciliation.inputs.lines
    found = dict(_pairs(lines, "service_id", "service"))
    found |= {service.service_id: service.service for service in reconciliation.inputs.services}
    return _named({(name, number) for number, name in found.items()})
