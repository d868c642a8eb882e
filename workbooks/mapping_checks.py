"""What rows of the mapping workbook must fulfil beyond cells that can be read."""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Lookup
from decimal import Decimal
from typing import Any

from core.mapping import AccountMapping, ServiceMapping, ServiceRule, Tie
from core.mapping import Kind as MappedAs

IDENTITIES: Lookup[type, Callable[[Any], tuple[Any, ...]]] = {
    AccountMapping: lambda a: (a.vendor, a.account_id, a.customer_id),
    ServiceMapping: lambda s: (s.vendor, s.vendor_service_id),
    ServiceRule: lambda r: (r.service_id, r.customer_id),
    Tie: lambda t: (t.vendor, t.reference),
}
"""What a row is about: another row about it would say it twice."""

_EXCLUDED = "an exclusion wants a Reason, an Owner and a Review date"
SENSE: Lookup[type, tuple[tuple[Callable[[Any], bool], str], ...]] = {
    AccountMapping: (
        (lambda a: a.kind in (MappedAs.MAPPED, MappedAs.INTERNAL, MappedAs.EXCLUDED), "an account is mapped, internal or excluded"),
        (lambda a: a.kind is not MappedAs.MAPPED or a.customer_id, "Customer must be filled: to whom is it mapped?"),
        (lambda a: a.kind is not MappedAs.EXCLUDED or (a.reason and a.owner and a.review), _EXCLUDED),
        (lambda a: 0 < a.share <= 1, "the Share is above 0 and not above 1"),
    ),
    ServiceMapping: (
        (
            lambda s: s.kind not in (MappedAs.MAPPED, MappedAs.INCLUDED) or s.service_id,
            "PSA service must be filled: what bills or includes it?",
        ),
        (lambda s: s.kind is not MappedAs.EXCLUDED or (s.reason and s.owner and s.review), _EXCLUDED),
        (lambda s: s.multiplier > 0, "the Multiplier must be above 0"),
    ),
    ServiceRule: (
        (lambda r: r.round_up_to > 0, "Round up to must be above 0"),
        (lambda r: r.tolerance >= 0 and (r.minimum is None or r.minimum >= 0), "Minimum and Tolerance cannot be below 0"),
        (lambda r: r.markup >= 0, "the Markup cannot be below 0"),
    ),
    Tie: (),
}
"""What a row must fulfil beyond cells that can be read, and what is said where it does not."""


def repeated(made: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, str]]:
    """Rows that speak of what an earlier row spoke of."""
    first: dict[tuple[Any, ...], int] = {}
    for index, one in made:
        identity = IDENTITIES[type(one)](one)
        if first.setdefault(identity, index) != index:
            yield index, f"{' '.join(filter(None, identity))} stands in row {first[identity] + 1} already: keep one"


def wrong_shares(made: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, str]]:
    """R13: one account to several customers only by shares that add to the whole."""
    rows: dict[tuple[str, str], list[tuple[int, AccountMapping]]] = {}
    for index, one in made:
        if isinstance(one, AccountMapping):
            rows.setdefault((one.vendor, one.account_id), []).append((index, one))
    for (vendor, account_id), found in rows.items():
        total = sum((one.share for _, one in found), Decimal(0))
        if total != 1:
            yield found[0][0], f"the shares of {found[0][1].account} ({account_id}) at {vendor} add up to {total}, not to 1"
