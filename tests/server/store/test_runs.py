from dataclasses import fields, replace
from decimal import Decimal

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy import func, select

from core.frames import frame_of_columns, records
from core.mapping import Mapping
from core.records import Agreement, AgreementLine, Charge, Comparison, NotCompared, NoVendor, State, Tally, UnmappedAccount
from core.run import Earlier, Inputs, Reconciliation
from server.store import Store
from server.store.errors import OtherInputs, UnknownRevision, UnknownRun
from server.store.tables import LINES, SourceRow, activity, metadata, runs
from tests.server.store.samples import DECEMBER, MAPPING, NOVEMBER, awkward, empty, inputs, reconciliation


def assert_same(found: Inputs | Reconciliation, expected: Inputs | Reconciliation) -> None:
    """Equal in every field; frames in types, values and order."""
    for field in fields(expected):
        left, right = getattr(found, field.name), getattr(expected, field.name)
        if isinstance(right, pd.DataFrame):
            assert_frame_equal(left, right)
        elif isinstance(right, Inputs):
            assert_same(left, right)
        else:
            assert left == right, field.name


def rows(store: Store, table: str) -> int:
    with store._engines.reading() as connection:
        return connection.scalar(select(func.count()).select_from(metadata.tables[table])) or 0


def test_a_run_is_read_back_as_it_was_saved(store: Store) -> None:
    saved = reconciliation()
    run_id = store.save_run(saved, by="ann", note="first try")
    assert_same(store.reconciliation(run_id), saved)
    assert_same(store.inputs(run_id), saved.inputs)
    assert (store.run(run_id).note, store.run(run_id).created_by, store.run(run_id).period) == ("first try", "ann", NOVEMBER)


def test_a_run_without_a_single_row_is_read_back(store: Store) -> None:
    given = Inputs(NOVEMBER, inputs().today, empty(AgreementLine), empty(Charge), ())
    nothing = {"comparisons": empty(Comparison), "no_vendor": empty(NoVendor), "not_compared": empty(NotCompared)}
    saved = reconciliation(given, **nothing, ledger=empty(Tally), unmapped_accounts=empty(UnmappedAccount), agreements=())
    assert_same(store.reconciliation(store.save_run(saved, by="ann")), saved)


def test_runs_are_numbered_within_their_period(store: Store) -> None:
    ids = [store.save_run(reconciliation(inputs(period)), by="ann") for period in (NOVEMBER, NOVEMBER, DECEMBER)]
    assert ids == ["2026-11-1", "2026-11-2", "2026-12-1"]
    assert store.newest_run(NOVEMBER) == "2026-11-2"
    assert store.newest_run(NOVEMBER.previous) is None
    assert [run.id for run in store.runs()] == ["2026-12-1", "2026-11-2", "2026-11-1"]


def test_the_same_data_twice_is_kept_once(store: Store) -> None:
    store.save_run(reconciliation(), by="ann")
    before = {name: rows(store, name) for name in metadata.tables if name.endswith("_versions")}
    store.save_run(reconciliation(), by="ann")
    after = {name: rows(store, name) for name in metadata.tables if name.endswith("_versions")}
    assert after == before
    assert before["line_versions"] == before["charge_versions"] == 12
    assert (rows(store, "line_lists"), rows(store, "lists"), rows(store, "revision_parts")) == (12, 8, 16)


def test_a_record_that_only_moved_in_its_file_is_kept_once(store: Store) -> None:
    store.save_run(reconciliation(), by="ann")
    lines = inputs().lines.assign(place=awkward(AgreementLine)["service"])
    moved = reconciliation(inputs(lines=lines))
    assert_same(store.reconciliation(store.save_run(moved, by="ann")), moved)
    assert (rows(store, "line_versions"), rows(store, "line_lists")) == (12, 24)


def test_a_version_that_moved_is_kept_with_the_list_and_makes_no_new_content(store: Store) -> None:
    store.save_run(reconciliation(), by="ann")
    moved = inputs().lines.assign(version=awkward(AgreementLine)["service"])
    again = store.save_run(reconciliation(inputs(lines=moved)), by="ann")
    assert_frame_equal(store.inputs(again).lines, moved)
    assert (rows(store, "line_versions"), rows(store, "line_lists")) == (12, 24)


def test_one_changed_record_adds_one_version(store: Store) -> None:
    store.save_run(reconciliation(), by="ann")
    lines = records(AgreementLine, inputs().lines.assign(bill_customer="Billable"))
    lines = [replace(line, bill_customer="Billable") for line in lines]
    lines[3] = replace(lines[3], quantity=lines[3].quantity - Decimal("0.0001"))
    original = inputs().lines.assign(bill_customer=frame_of_columns(AgreementLine, _columns(lines))["bill_customer"])
    store.save_run(reconciliation(inputs(lines=original)), by="ann")
    before = rows(store, "line_versions")
    store.save_run(reconciliation(inputs(lines=frame_of_columns(AgreementLine, _columns(lines)))), by="ann")
    assert rows(store, "line_versions") == before + 1


def _columns(lines: list[AgreementLine]) -> dict[str, list[object]]:
    return {field.name: [getattr(line, field.name) for line in lines] for field in fields(AgreementLine)}


def test_equal_records_of_one_run_stay_as_many_as_they_were(store: Store) -> None:
    twice = pd.concat([awkward(AgreementLine, 2)] * 2, ignore_index=True)
    run_id = store.save_run(reconciliation(inputs(lines=twice)), by="ann")
    assert_frame_equal(store.inputs(run_id).lines, twice)
    assert rows(store, "line_versions") == 2


def test_text_that_moves_to_the_next_field_is_another_content(store: Store) -> None:
    def lines(agreement_id: str, agreement: str) -> pd.DataFrame:
        texts = {"agreement_id": agreement_id, "agreement": agreement}
        one = awkward(AgreementLine, 1)
        return frame_of_columns(AgreementLine, {**{n: one[n] for n in one}, **{n: [t] for n, t in texts.items()}})

    for pair in (("ab", "c"), ("a", "bc"), ("xagreement=y", "z"), ("x", "yagreement=z")):
        store.save_run(reconciliation(inputs(lines=lines(*pair))), by="ann")
    assert rows(store, "line_versions") == 4


def test_a_revision_is_another_mapping_over_the_same_records(store: Store) -> None:
    first = reconciliation()
    run_id = store.save_run(first, by="ann")
    second = reconciliation(inputs(mapping=Mapping()), comparisons=awkward(Comparison, 3))
    assert store.save_revision(run_id, second, cause="mapping changed", by="ben") == 2
    assert_same(store.reconciliation(run_id), second)
    assert_same(store.reconciliation(run_id, 1), first)
    assert store.inputs(run_id, 1).mapping == MAPPING
    assert_frame_equal(store.result(run_id, "comparisons"), second.comparisons)
    assert [(r.number, r.created_by, r.cause) for r in store.revisions(run_id)] == [
        (1, "ann", "first comparison"),
        (2, "ben", "mapping changed"),
    ]


def test_a_revision_names_the_mapping_version_it_was_given(store: Store) -> None:
    store.save_mapping(MAPPING, by="ann", origin="workbook")
    store.save_mapping(Mapping(none_expected=frozenset({"MORE"})), by="ann", origin="workbook")
    run_id = store.save_run(reconciliation(inputs(mapping=store.mapping_at(1))), by="ann")
    store.save_revision(run_id, reconciliation(inputs(mapping=store.mapping())), cause="mapping", by="ann")
    store.save_revision(run_id, reconciliation(inputs(mapping=Mapping())), cause="without a mapping", by="ann")
    assert [r.mapping_version for r in store.revisions(run_id)] == [1, 2, None]


@pytest.mark.parametrize(
    "other",
    [
        {"lines": awkward(AgreementLine, 5)},
        {"charges": awkward(Charge, 5)},
        {"services": ()},
        {"today": NOVEMBER.start},
        {"agreements": ()},
        {"sources": ()},
        {"earlier": {}},
        {"period": DECEMBER},
        {"settings": replace(inputs().settings, currency="EUR")},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_revision_over_other_inputs_is_refused(store: Store, other: dict[str, object]) -> None:
    run_id = store.save_run(reconciliation(), by="ann")
    with pytest.raises(OtherInputs, match=run_id):
        store.save_revision(run_id, reconciliation(inputs(**other)), cause="moved", by="ann")
    assert len(store.revisions(run_id)) == 1


def test_an_unknown_run_is_answered_with_those_there_are(store: Store) -> None:
    with pytest.raises(UnknownRun, match="the store has no runs yet"):
        store.reconciliation("2026-11-1")
    store.save_run(reconciliation(), by="ann")
    with pytest.raises(UnknownRun, match=r"no run '2026-11'; known runs: 2026-11-1"):
        store.inputs("2026-11")
    with pytest.raises(UnknownRevision, match="no revision 2; its newest is 1"):
        store.reconciliation("2026-11-1", 2)
    with pytest.raises(UnknownRevision, match="no revision 0"):
        store.result("2026-11-1", "ledger", 0)


def test_what_was_said_earlier_comes_from_the_newest_run_of_the_newest_earlier_period(store: Store) -> None:
    said = awkward(Comparison, 3)
    named = frame_of_columns(
        Comparison,
        {
            **{n: said[n] for n in said},
            "key": ["a", "b", "c"],
            "state": [State.RECONCILE, State.NO_CHANGE, State.NEW_REVENUE],
            "vendor_quantity": [Decimal("2.5"), Decimal(0), None],
            "age": [3, 4, 1],
        },
    )
    store.save_run(reconciliation(), by="ann")
    run_id = store.save_run(reconciliation(), by="ann")
    store.save_revision(run_id, reconciliation(comparisons=named), cause="mapping", by="ann")
    expected = {"a": Earlier(Decimal("2.5"), 3), "b": Earlier(Decimal(0), 0), "c": Earlier(None, 1)}
    assert store.earlier(DECEMBER) == expected
    assert store.earlier(NOVEMBER) == {}


def test_nothing_is_kept_of_a_save_that_fails_midway(store: Store) -> None:
    broken = reconciliation(ledger=awkward(Tally).drop(columns="money"))
    with pytest.raises(TypeError, match="money"):
        store.save_run(broken, by="ann")
    assert {name: rows(store, name) for name in metadata.tables if rows(store, name)} == {}
    assert store.save_run(reconciliation(), by="ann") == "2026-11-1"


def test_a_fault_in_the_database_leaves_nothing_behind_either(store: Store) -> None:
    with store._engines.writing() as connection:
        connection.exec_driver_sql("DROP TABLE ledger")
    with pytest.raises(Exception, match="ledger"):
        store.save_run(reconciliation(), by="ann")
    counted = [runs.name, activity.name, LINES.versions.name, "comparisons", "revisions"]
    assert [rows(store, name) for name in counted] == [0] * len(counted)


def test_every_field_of_a_source_has_its_column() -> None:
    from core.records import Source

    assert [f.name for f in fields(SourceRow)] == [f.name for f in fields(Source)]


def test_agreements_come_back_as_records(store: Store) -> None:
    found = store.reconciliation(store.save_run(reconciliation(), by="ann")).agreements
    assert all(type(agreement) is Agreement for agreement in found)
