"""Mapping decisions of the workbook (R13): what a person chose for an unmapped account or service, as entries of the mapping."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Lookup
from dataclasses import dataclass, field

from core.frames import records
from core.mapping import AccountMapping, Kind, Mapping, ServiceMapping
from core.reconcile import services_of
from core.records import MappingDecision, Problem, UnmappedAccount, UnmappedService
from core.run import Reconciliation
from core.words import EXCLUDE, FREE, INCLUDE, INTERNAL, MAP

KINDS = {MAP: Kind.MAPPED, INCLUDE: Kind.INCLUDED, INTERNAL: Kind.INTERNAL, FREE: Kind.FREE, EXCLUDE: Kind.EXCLUDED}
CHOICES = {"account": (MAP, INTERNAL, EXCLUDE), "service": tuple(KINDS)}


@dataclass(slots=True)
class Mapped:
    """The entries that the decisions make, and the decisions that could not be used."""

    accounts: list[AccountMapping] = field(default_factory=list)
    services: list[ServiceMapping] = field(default_factory=list)
    none_expected: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    @property
    def changes(self) -> Mapping:
        """What is to be added to the mapping."""
        return Mapping(tuple(self.accounts), tuple(self.services), none_expected=frozenset(self.none_expected))


def resolve(decisions: Iterable[MappingDecision], result: Reconciliation) -> Mapped:
    """Turns decisions into entries. Two that differ are a conflict: neither is used."""
    made = Mapped()
    customers = {a.customer_id: a.customer for a in result.agreements}
    services = {s.service_id: s.service for s in services_of(result.inputs).values()}
    accounts = {(u.vendor, u.account_id): u for u in records(UnmappedAccount, result.unmapped_accounts)}
    offered = {(u.vendor, u.vendor_service_id): u for u in records(UnmappedService, result.unmapped_services)}
    for subject, found in _by_subject(decisions).items():
        decision = _agreed(found, made)
        if decision is None:
            continue
        if subject[0] in CHOICES and decision.choice not in CHOICES[subject[0]]:
            _problem(decision, made, f"{decision.choice!r} is not a choice here; choose {', '.join(CHOICES[subject[0]])}")
        elif subject[0] == "account":
            _account(decision, accounts.get(subject[1:]), customers, made)
        elif subject[0] == "service":
            _service(decision, offered.get(subject[1:]), services, made)
        else:
            made.none_expected.add(decision.vendor_id)
    return made


def _by_subject(decisions: Iterable[MappingDecision]) -> dict[tuple[str, str, str], list[MappingDecision]]:
    found: dict[tuple[str, str, str], list[MappingDecision]] = defaultdict(list)
    for decision in decisions:
        found[decision.subject, decision.vendor, decision.vendor_id].append(decision)
    return found


def _agreed(found: Sequence[MappingDecision], made: Mapped) -> MappingDecision | None:
    if len({(d.choice, (d.target or "").casefold()) for d in found}) == 1:
        return found[-1]
    for decision in found:
        others = ", ".join(f"{o.choice} {o.target or ''} at {o.place}".replace("  ", " ") for o in found if o is not decision)
        made.problems.append(Problem(decision.place, f"{decision.choice} {decision.target or ''}, but {others}: agree on one"))
    return None


def _problem(decision: MappingDecision, made: Mapped, said: str) -> None:
    made.problems.append(Problem(decision.place, said))


def _excluded_well(decision: MappingDecision, made: Mapped) -> bool:
    """An exclusion has a reason, an owner and a review date (R13)."""
    missing = [n for n, v in (("Reason", decision.reason), ("Owner", decision.owner), ("Review date", decision.review)) if not v]
    if decision.choice == EXCLUDE and missing:
        _problem(decision, made, f"{EXCLUDE} wants {', '.join(missing)}")
        return False
    return True


def _account(decision: MappingDecision, row: UnmappedAccount | None, customers: Lookup[str, str], made: Mapped) -> None:
    if row is None:
        _problem(decision, made, f"the account {decision.vendor_id} of {decision.vendor} is not unmapped any more")
        return
    customer = None
    if decision.choice == MAP:
        customer = _target(decision, row.suggestion_id, customers, "customer", made)
        if customer is None:
            return
    if _excluded_well(decision, made):
        made.accounts.append(
            AccountMapping(
                row.vendor, row.account_id, row.account, KINDS[decision.choice], customer,
                reason=decision.reason, owner=decision.owner, review=decision.review,
            )
        )  # fmt: skip


def _service(decision: MappingDecision, row: UnmappedService | None, services: Lookup[str, str], made: Mapped) -> None:
    if row is None:
        _problem(decision, made, f"the service {decision.vendor_id} of {decision.vendor} is not unmapped any more")
        return
    target = None
    if decision.choice in (MAP, INCLUDE):
        target = _target(decision, row.suggestion_id if decision.choice == MAP else None, services, "PSA service", made)
        if target is None:
            return
    if _excluded_well(decision, made):
        made.services.append(
            ServiceMapping(
                row.vendor, row.vendor_service_id, row.vendor_service, KINDS[decision.choice], target,
                reason=decision.reason, owner=decision.owner, review=decision.review,
            )
        )  # fmt: skip


def _target(decision: MappingDecision, suggestion: str | None, names: Lookup[str, str], what: str, made: Mapped) -> str | None:
    """The id that was chosen, as a label, an id or a name; without a choice the suggestion."""
    if not decision.target:
        if suggestion is None:
            _problem(decision, made, f"{decision.choice} wants a {what}, and nothing is suggested: choose one")
        return suggestion
    wanted = decision.target.casefold()
    found = [i for i, name in names.items() if wanted in (f"{name} [{i}]".casefold(), i.casefold())]
    found = found or [i for i, name in names.items() if wanted == name.casefold()]
    if len(found) != 1:
        how = "is not a" if not found else "is more than one"
        _problem(decision, made, f"{decision.target!r} {how} {what} of the PSA: choose it from the list")
        return None
    return found[0]
