"""What is compared of what was read, and issued: over the simulators, with the files of vendors that no connection reads."""

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from connectors import files
from connectors.registry import CONNECTORS
from connectors.sandbox.api_world import api_mapping, company_ids
from connectors.sandbox.connectwise_model import Model
from connectors.sandbox.connectwise_server import ConnectWise
from connectors.sandbox.make import make_world
from connectors.sandbox.pax8_server import Pax8
from connectors.sandbox.service import serve
from connectors.sandbox.world import PERIOD, TODAY, World
from connectors.sandbox.world_files import write_world
from core.frames import records, values
from core.periods import Period
from core.records import Comparison, Source
from core.settings import Settings
from server.copies import file_hash
from server.errors import Refused
from server.issuing import SyncedRequest, reconcile_synced
from server.secrets import Vault
from server.store import Store
from server.store.sync_records import ReadKind, ReadState
from server.synced import synced_inputs
from tests.connectors.api.sandboxes import Clock, Sandbox, add_line, pax8
from tests.core.made_worlds import key_of
from tests.server.month import KEY, quiet
from tests.server.synced_sandbox import Synced, connect, connected

NOVEMBER = Period(2026, 11)


@pytest.fixture
def vault(store: Store, tmp_path: Path) -> Vault:
    return Vault(store, str(tmp_path / "tieout.sqlite"))


@dataclass(frozen=True)
class Two:
    """A small PSA and a vendor, both synced."""

    psa: Synced
    vendor: Synced

    @property
    def store(self) -> Store:
        return self.psa.store

    def inputs(self, **options: Any) -> Any:
        return synced_inputs(self.store, NOVEMBER, TODAY, Settings(), **options)

    def source(self, name: str) -> Source:
        (found,) = [s for s in self.inputs().sources if s.name == name]
        assert isinstance(found, Source)
        return found

    def problems(self, **options: Any) -> list[str]:
        with pytest.raises(Refused) as refused:
            self.inputs(**options)
        return [str(problem) for problem in refused.value.problems]


@pytest.fixture
def two(store: Store, vault: Vault) -> Iterator[Two]:
    with connected(store, vault, "connectwise") as psa, connected(store, vault, "pax8") as vendor:
        add_line(psa.sandbox.service.model, quantity=5)
        vendor.sandbox.fill(12)
        yield Two(psa, vendor)


def test_the_newest_good_read_of_every_connection_is_compared(two: Two) -> None:
    two.psa.sync()
    two.vendor.sync()
    two.vendor.sandbox.fill(1)
    two.vendor.sync()
    inputs = two.inputs()
    assert [(s.name, s.role, s.rows, s.complete, s.as_of) for s in inputs.sources] == [
        ("ConnectWise PSA", "PSA", 1, True, TODAY),
        ("Pax8", "Pax8", 13, True, TODAY),
    ]
    assert (len(inputs.lines), len(inputs.charges)) == (1, 13)
    assert [s.service_id for s in inputs.services] == ["BP"]
    assert [a.agreement_id for a in inputs.agreements] == ["871"]


def test_connections_that_were_never_read_are_refused_by_name_all_at_once(two: Two) -> None:
    never = ["connection connectwise: was never read: sync it first", "connection pax8: was never read: sync it first"]
    assert two.problems() == never
    two.psa.sync()
    assert two.problems() == never[1:]
    two.vendor.sandbox.service.keys = type(two.vendor.sandbox.service.keys)("other", "keys")
    two.vendor.sync()
    (problem,) = two.problems()
    assert problem.startswith("connection pax8: has no good read: the read of 22 Nov 09:30 failed: /token: the client id or secret")


def test_a_store_without_a_psa_has_nothing_to_compare(store: Store, vault: Vault) -> None:
    with connected(store, vault, "pax8") as vendor:
        vendor.sync()
        with pytest.raises(Refused, match="connections: there is none to a PSA: add it, then sync"):
            synced_inputs(store, NOVEMBER, TODAY, Settings())


def test_nothing_is_compared_over_a_read_that_runs_until_it_is_dead(two: Two) -> None:
    two.psa.sync()
    two.vendor.sync()
    running = two.store.begin_read("pax8", ReadKind.QUICK, "ann")
    two.store.tell_read(running.id, "subscription", 2, 400)
    assert two.problems() == ["connection pax8: a read runs (subscription, 400 rows): wait for it, or cancel it"]
    two.store._clock.moment += dt.timedelta(minutes=31)  # type: ignore[attr-defined]
    source = two.source("Pax8")
    assert not source.complete
    assert source.notes[0] == "the read of 22 Nov 09:30 was interrupted; data of 26 Nov 2026"


def test_a_read_that_failed_leaves_the_older_data_with_its_words_on_the_cover(two: Two) -> None:
    two.psa.sync()
    two.vendor.sync()
    keys = two.vendor.sandbox.service.keys
    two.vendor.sandbox.service.keys = type(keys)("other", "keys")
    two.vendor.sync(days=1)
    source = two.source("Pax8")
    assert (source.complete, source.rows, source.as_of) == (False, 12, TODAY)
    assert source.notes[0].startswith("the read of 22 Nov 09:30 failed: /token: the client id or secret was refused: 401")
    assert source.notes[0].endswith("; data of 26 Nov 2026")
    assert two.source("ConnectWise PSA").complete
    two.vendor.sandbox.service.keys = keys
    two.vendor.sync()
    assert (two.source("Pax8").complete, two.source("Pax8").notes) == (True, ())


def test_a_read_that_is_held_back_leaves_the_older_data_until_it_is_accepted(two: Two) -> None:
    two.psa.sync()
    two.vendor.sync()
    two.vendor.sandbox.service.subscriptions.clear()
    held = two.vendor.sync()
    source = two.source("Pax8")
    assert (source.complete, source.rows) == (False, 12)
    assert "is held back: it gave 0 rows, the last good read 12" in source.notes[0]
    two.store.accept_read(held.id, "ann")
    assert (two.source("Pax8").complete, two.source("Pax8").rows) == (True, 0)


def test_where_no_read_was_ever_complete_the_partial_one_is_used_and_said(two: Two) -> None:
    two.vendor.sync()
    model = two.psa.sandbox.service.model
    bad = add_line(model)
    model.additions[bad]["billCustomer"] = "Sometimes"
    two.psa.sync()
    source = two.source("ConnectWise PSA")
    assert (source.complete, source.rows, source.notes[0]) == (False, 1, "no read was ever complete")
    assert any(note.startswith("not read: ConnectWise PSA, addition") for note in source.notes)


def test_data_of_a_day_after_the_period_is_said(two: Two) -> None:
    two.psa.sync()
    two.vendor.sync()
    october = synced_inputs(two.store, Period(2026, 10), TODAY, Settings())
    assert all("read after 2026-10: its data is that of 26 Nov 2026" in s.notes for s in october.sources)


def test_a_file_of_a_vendor_that_a_connection_reads_would_count_twice(two: Two) -> None:
    two.psa.sync()
    two.vendor.sync()
    charges = two.inputs().charges.head(1)
    source = Source("invoice.csv", "Pax8", "pax8", "00", 1, True, None)
    renamed = charges.assign(source=pd.Series(["invoice.csv"], dtype=charges["source"].dtype))
    wanted = ["invoice.csv: Pax8 is read by the connection pax8: leave the file out, or it counts twice"]
    assert two.problems(charges=renamed, sources=[source]) == wanted
    assert two.problems(sources=[source]) == wanted
    other = renamed.assign(vendor=pd.Series(["Microsoft"], dtype=charges["vendor"].dtype))
    made = two.inputs(charges=other, sources=[Source("invoice.csv", "Microsoft", "microsoft", "00", 1, True, None)])
    assert (len(made.charges), [s.name for s in made.sources]) == (13, ["ConnectWise PSA", "Pax8", "invoice.csv"])


def test_two_connections_to_one_vendor_are_told_apart(two: Two, vault: Vault) -> None:
    with pax8() as other:
        other.fill(2)
        second = connect(two.store, vault, other, "pax8-europe")
        for synced in (two.psa, two.vendor, second):
            synced.sync()
        inputs = two.inputs()
        assert [s.name for s in inputs.sources] == ["ConnectWise PSA", "Pax8 (pax8)", "Pax8 (pax8-europe)"]
        assert pd.Series(values(inputs.charges["source"])).value_counts().to_dict() == {"Pax8 (pax8)": 12, "Pax8 (pax8-europe)": 2}


@dataclass(frozen=True)
class Vendors:
    """A made MSP, and the files of those vendors that have no connection."""

    world: World
    charges: pd.DataFrame
    sources: tuple[Source, ...]


@cache
def made_vendors(folder: Path) -> Vendors:
    world = make_world(20)
    _, usage = write_world(world, folder)
    read = [files.read_usage(path, world.settings) for path in usage if "pax8" not in path.name]
    return Vendors(world, pd.concat([r.frame for r in read], ignore_index=True), tuple(r.source for r in read))


def test_a_month_is_issued_over_the_psa_and_pax8_by_api_and_the_other_vendors_files(
    store: Store, vault: Vault, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    vendors = made_vendors(tmp_path_factory.getbasetemp())
    with ExitStack() as stack:
        model = sync_world(stack, store, vault, vendors.world)
    store.save_mapping(api_mapping(model, vendors.world), "ann", "test")
    request = SyncedRequest(
        PERIOD, tmp_path / "november.xlsx", TODAY, "ann", vendors.world.settings, "dana", vendors.charges, vendors.sources
    )
    said: list[str] = []
    issued = reconcile_synced(store, request, KEY, said.append)
    assert expected(vendors.world, model) == found(records(Comparison, store.reconciliation(issued.run_id).comparisons))
    (workbook,) = store.workbooks(issued.run_id)
    assert (workbook.recipient, workbook.sha256) == ("dana", file_hash(request.out))
    assert [s.name for s in store.inputs(issued.run_id).sources][:2] == ["ConnectWise PSA", "Pax8"]
    assert any(line.startswith("  Pax8: ") and line.endswith("data of 2026-11-26") for line in said)


def sync_world(stack: ExitStack, store: Store, vault: Vault, world: World) -> Model:
    psa, vendor = ConnectWise(), Pax8()
    psa.load_world(world)
    vendor.load_world(world)
    keys = psa.keys
    psa_keys = {
        "company": keys.company,
        "public_key": keys.public_key,
        "private_key": keys.private_key,
        "client_id": keys.client_id,
    }
    vendor_keys = {"client_id": vendor.keys.client_id, "client_secret": vendor.keys.client_secret}
    sync_all_of(stack, store, vault, "connectwise", psa, psa_keys | {"current_period_is": "in arrears"})
    sync_all_of(stack, store, vault, "pax8", vendor, vendor_keys)
    return psa.model


def sync_all_of(stack: ExitStack, store: Store, vault: Vault, name: str, service: Any, values: dict[str, str]) -> None:
    running = stack.enter_context(serve(service.app))
    sandbox = Sandbox(CONNECTORS[name], service, service.faults, running.url, values, lambda _: None, Clock(), "")
    assert connect(store, vault, sandbox, name).sync(minutes=0).state is ReadState.GOOD


def expected(world: World, model: Model) -> dict[Any, Any]:
    ids = company_ids(model)
    return {
        (kind, ids.get(name, name), service): (row.state, row.difference, row.effect)
        for (kind, name, service), row in world.expected.items()
    }


def found(rows: list[Comparison]) -> dict[Any, Any]:
    return {key_of(row): (str(row.state), row.difference, row.effect) for row in rows}


def test_a_workbook_can_hold_some_customers_and_a_wrong_name_saves_nothing(two: Two, tmp_path: Path) -> None:
    two.psa.sync()
    two.vendor.sync()
    request = SyncedRequest(NOVEMBER, tmp_path / "acme.xlsx", TODAY, "ann", customers=("Acne",))
    with pytest.raises(Refused, match="Acne"):
        reconcile_synced(two.store, request, KEY, quiet)
    assert two.store.runs() == []
    request = SyncedRequest(NOVEMBER, tmp_path / "acme.xlsx", TODAY, "ann", customers=("Acme",))
    issued = reconcile_synced(two.store, request, KEY, quiet)
    assert "Acme" in two.store.workbooks(issued.run_id)[0].scope


def test_a_workbook_over_a_failed_read_says_so_on_its_cover(two: Two, tmp_path: Path) -> None:
    import openpyxl

    two.psa.sync()
    two.vendor.sync()
    two.vendor.sandbox.service.keys = type(two.vendor.sandbox.service.keys)("other", "keys")
    two.vendor.sync()
    out = tmp_path / "november.xlsx"
    reconcile_synced(two.store, SyncedRequest(NOVEMBER, out, TODAY, "ann"), KEY, quiet)
    cover = openpyxl.load_workbook(out)["Cover"]
    text = "\n".join(str(cell) for row in cover.iter_rows(values_only=True) for cell in row if cell is not None)
    assert "NO: partial" in text
    assert "the read of 22 Nov 09:30 failed: /token: the client id or secret was refused" in text


def test_nothing_is_saved_where_it_is_refused(two: Two, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="was never read"):
        reconcile_synced(two.store, SyncedRequest(NOVEMBER, tmp_path / "n.xlsx", TODAY, "ann"), KEY, quiet)
    assert (two.store.runs(), list(tmp_path.glob("*.xlsx"))) == ([], [])
