"""The made MSP through the files that it would have: every expected state, difference, effect and bucket."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core import buckets
from core.changes import plan
from core.decisions import Judge, Status
from core.frames import records
from core.mapping import AccountMapping, Kind
from core.records import Action, Comparison, Decision, NotCompared, NoVendor, Tally
from tests.core.made_worlds import WORLDS, Made, again, key_of, made
from tests.core.test_completeness import check_complete

pytestmark = pytest.mark.parametrize(("seed", "customers"), WORLDS)


def test_every_expected_state_difference_and_effect_comes_out(seed: int, customers: int) -> None:
    world = made(seed, customers)
    found = {k: (str(r.state), r.difference, r.effect) for k, r in world.rows.items()}
    assert found == {k: (e.state, e.difference, e.effect) for k, e in world.world.expected.items()}


def test_every_other_line_is_listed_as_the_maker_says(seed: int, customers: int) -> None:
    result = made(seed, customers).result
    found = {n.line_id: buckets.NO_VENDOR for n in records(NoVendor, result.no_vendor)}
    listed = [n for n in records(NotCompared, result.not_compared) if n.side == "PSA"]
    found |= {n.reference.removeprefix("line "): n.bucket for n in listed}
    assert found == made(seed, customers).world.listed


def test_every_vendor_row_stands_in_the_bucket_that_the_maker_says(seed: int, customers: int) -> None:
    world = made(seed, customers)
    vendor_of = dict(zip(world.inputs.charges["source"], world.inputs.charges["vendor"], strict=True))
    found: dict[tuple[str, str], list[Decimal]] = {}
    for t in records(Tally, world.result.ledger):
        if t.ledger == "vendor":
            entry = found.setdefault((vendor_of[t.source], t.bucket), [Decimal(0)] * 3)
            for i, value in enumerate((t.rows, t.units, t.money)):
                entry[i] += value
    assert found == world.world.buckets


def test_it_is_complete_counted_from_the_raw_rows(seed: int, customers: int) -> None:
    check_complete(made(seed, customers).inputs)


def test_what_the_reviewer_plays_comes_out_as_writes_and_money(seed: int, customers: int) -> None:
    world = made(seed, customers)
    judge = Judge({r.key: r for r in world.rows.values()}, world.result.agreements, world.inputs.settings, world.inputs.today)
    for key, p in world.world.played.items():
        row = world.rows[key]
        typed = {n: getattr(p, n) for n in ("quantity", "effective_date", "agreement", "reason", "note")}
        (judged,) = judge.judge([Decision(row.key, row.fingerprint, Action(p.action), **typed)])
        changes = plan([judged], world.result.mapping.rules, world.inputs.settings, world.inputs.today)
        if p.outcome == "suspended":
            assert not changes
            continue
        assert str(judged.status) == p.outcome, (key, judged.problem)
        said = [w.says for c in changes for w in c.writes]
        assert len(said) == len(p.writes)
        assert all(wanted in text for wanted, text in zip(p.writes, said, strict=True)), (said, p.writes)
        for change in changes:
            assert (change.effect, change.next_invoice_after, change.catch_up) == (p.effect, p.next_invoice, p.catch_up)


def test_an_accepted_suggestion_moves_its_rows_and_suspends_what_was_decided(seed: int, customers: int) -> None:
    world = made(seed, customers)
    ids = dict(zip(world.inputs.charges["account"], world.inputs.charges["account_id"], strict=True))
    (vendor, account), (key, expected) = world.world.mapped[0], next(iter(world.world.after.items()))
    entry = AccountMapping(vendor, ids[account], account, Kind.MAPPED, world.rows[key].customer_id)
    mapping = replace(world.inputs.mapping, accounts=(*world.inputs.mapping.accounts, entry))
    rows = {key_of(r): r for r in records(Comparison, again(world, mapping=mapping).comparisons)}
    assert (str(rows[key].state), rows[key].difference, rows[key].effect) == (expected.state, expected.difference, expected.effect)
    moved = {k for k, r in rows.items() if k in world.rows and r.fingerprint != world.rows[k].fingerprint}
    assert moved == {key}
    old = world.rows[key]
    (judged,) = Judge({r.key: r for r in rows.values()}, (), world.inputs.settings, world.inputs.today).judge(
        [Decision(old.key, old.fingerprint, Action.ASK, note="?")]
    )
    assert judged.status is Status.SUSPENDED


def by_key(world: Made, **changes: object) -> dict[str, Comparison]:
    return {r.key: r for r in records(Comparison, again(world, **changes).comparisons)}


def test_rows_in_another_order_compare_alike(seed: int, customers: int) -> None:
    world = made(seed, customers)
    charges = world.inputs.charges.sample(frac=1, random_state=seed).reset_index(drop=True)
    lines = world.inputs.lines.sample(frac=1, random_state=seed).reset_index(drop=True)
    assert by_key(world, charges=charges, lines=lines) == {r.key: r for r in world.rows.values()}
