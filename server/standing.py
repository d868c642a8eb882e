"""What stands of the decisions of a run: which of them hold, and in which one bucket each row to decide is (R16)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from core import buckets
from core.cost_decisions import costs_asked, of_cost
from core.costs import COST
from core.decisions import Status
from core.frames import records
from core.records import Action, Comparison, Decision, Tally
from server.store import KeptDecision, Store
from workbooks.layout import TO_DECIDE

APPROVED, ADDED, ENDED, DISMISSED, ASKED, SUSPENDED, OPEN = buckets.DECISIONS
BUCKET_OF = {
    Action.APPROVE: APPROVED,
    Action.ADD_LINE: ADDED,
    Action.END_LINE: ENDED,
    Action.DISMISS: DISMISSED,
    Action.ASK: ASKED,
}


def standing(store: Store, run_id: str) -> dict[str, Decision]:
    """The decisions of a run that hold, by key: accepted, and made on the numbers of the newest revision."""
    rows = store.result(run_id, "comparisons")
    current = dict(zip(rows["key"].to_list(), rows["fingerprint"].to_list(), strict=True))
    accepted = store.decisions(run_id)
    if any(of_cost(kept.key) for kept in accepted):
        current |= {key: cost.fingerprint for key, cost in costs_asked(store.reconciliation(run_id), [COST]).items()}
    return {kept.key: kept.decision for kept in accepted if current.get(kept.key) == kept.fingerprint}


def bucket_of_rows(store: Store, run_id: str) -> dict[str, str]:
    """The bucket of each row that was decided, by key; a row that is not named is open."""
    made = (kept for kept in _newest(store.decisions_of_run(run_id)) if kept.status in _MADE and not of_cost(kept.key))
    stands = ((key, decision) for key, decision in standing(store, run_id).items() if not of_cost(key))
    return {kept.key: SUSPENDED for kept in made} | {key: BUCKET_OF[decision.action] for key, decision in stands}


_MADE = (Status.ACCEPTED, Status.SUSPENDED)
"""Decisions that were good when they were made; those of them that do not stand are suspended."""


def _newest(kept: Iterable[KeptDecision]) -> Iterable[KeptDecision]:
    return {(one.key, one.person): one for one in kept}.values()


def tally(rows: Iterable[Comparison], bucket_of: Mapping[str, str]) -> list[Tally]:
    """R16: rows to decide = approved + added + ended + dismissed + asked + suspended + open, by vendor and currency.

    `in` is counted from the rows, the buckets from the decisions, so that one that is lost or counted twice shows.
    """
    waiting = {row.key: row for row in rows if row.state in TO_DECIDE}
    stands = [(waiting[key], bucket) for key, bucket in bucket_of.items() if key in waiting]
    left = [(row, OPEN) for key, row in waiting.items() if key not in bucket_of]
    counts: dict[tuple[str, str], dict[str, list[Decimal]]] = {}
    for row, bucket in (*((row, buckets.IN) for row in waiting.values()), *stands, *left):
        whose = counts.setdefault((row.vendor, row.currency), {})
        entry = whose.setdefault(bucket, [Decimal(0), Decimal(0), Decimal(0)])
        for place, value in enumerate((Decimal(1), row.difference or Decimal(0), row.effect or Decimal(0))):
            entry[place] += value
    return [
        Tally("decisions", vendor, currency, bucket, int(found[bucket][0]), found[bucket][1], found[bucket][2])
        for (vendor, currency), found in counts.items()
        for bucket in (buckets.IN, *buckets.DECISIONS)
        if bucket in found
    ]


def tally_of_run(store: Store, run_id: str) -> list[Tally]:
    """The tally of a run's newest revision and everything that was decided on it."""
    rows = records(Comparison, store.result(run_id, "comparisons"))
    return tally(rows, bucket_of_rows(store, run_id))
