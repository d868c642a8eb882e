"""The made MSP read through the APIs says the same as through its files."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from connectors import files
from connectors.engine import Connection, Read
from connectors.registry import CONNECTORS
from connectors.sandbox.api_world import api_mapping, company_ids
from connectors.sandbox.connectwise_model import Model
from connectors.sandbox.connectwise_server import ConnectWise
from connectors.sandbox.make import make_world
from connectors.sandbox.pax8_server import Pax8
from connectors.sandbox.service import serve
from connectors.sandbox.world import PERIOD, TODAY, World
from connectors.sandbox.world_files import write_world
from core.frames import records
from core.mapping import AccountMapping, Kind
from core.reconcile import reconcile
from core.records import AgreementLine, Charge, Comparison
from core.run import Inputs
from tests.connectors.api.sandboxes import NOW, QUICK
from tests.core.made_worlds import key_of


@dataclass(frozen=True)
class Both:
    world: World
    model: Model
    psa: Read
    pax8: Read
    lines: pd.DataFrame
    charges: pd.DataFrame  # of the files of the other vendors
    sources: tuple[Any, ...]


@cache
def both(customers: int = 40) -> Both:
    world = make_world(customers)
    psa, pax8 = ConnectWise(), Pax8()
    psa.load_world(world)
    pax8.load_world(world)
    with tempfile.TemporaryDirectory() as folder:
        agreements, usage = write_world(world, Path(folder))
        lines = files.read_agreements(agreements, world.settings)
        others = [files.read_usage(path, world.settings) for path in usage if "pax8" not in path.name]
    charges = pd.concat([r.frame for r in others], ignore_index=True)
    return Both(world, psa.model, read_psa(psa), read_pax8(pax8), lines.frame, charges, tuple(r.source for r in others))


def read_psa(psa: ConnectWise) -> Read:
    keys = psa.keys
    values = {"company": keys.company, "public_key": keys.public_key, "private_key": keys.private_key, "client_id": keys.client_id}
    with serve(psa.app) as running:
        asked = {"address": running.url, "current_period_is": "in arrears", **values}
        with Connection(CONNECTORS["connectwise"], asked, patience=QUICK, loopback=True) as connection:
            return connection.read(NOW)


def read_pax8(pax8: Pax8) -> Read:
    with serve(pax8.app) as running:
        values = {"address": running.url, "client_id": pax8.keys.client_id, "client_secret": pax8.keys.client_secret}
        with Connection(CONNECTORS["pax8"], values, patience=QUICK, loopback=True) as connection:
            return connection.read(NOW)


def lines_of_file(made: Both) -> Iterator[AgreementLine]:
    """The file's lines as the API gives them: the company's id where the file has its name; ended agreements are not read."""
    ids = company_ids(made.model)
    for line in records(AgreementLine, made.lines):
        if line.agreement_status == "Active":
            yield replace(line, customer_id=ids[line.customer], place="")


def test_the_agreement_lines_are_those_of_the_file_field_by_field() -> None:
    made = both()
    found = {line.line_id: replace(line, place="", version=None) for line in records(AgreementLine, made.psa.frame)}
    assert found == {line.line_id: line for line in lines_of_file(made)}
    assert len(found) > 290


def test_pax8_counts_what_its_invoice_counts() -> None:
    made = both()
    rows = [row for row in made.world.pax8 if row["type"] == "subscription"]
    wanted = sorted((r["company_id"], r["company_name"], f"{r['sku']} | Monthly", r["quantity"], r["cost"]) for r in rows)
    found = records(Charge, made.pax8.frame)
    assert sorted((c.account_id, c.account, c.vendor_service_id, c.quantity, c.unit_cost) for c in found) == wanted
    assert len({c.subscription_id for c in found}) == len(rows) > 20


def test_comparing_what_the_apis_give_finds_every_expected_row() -> None:
    made = both()
    inputs = Inputs(
        PERIOD, TODAY, made.psa.frame, pd.concat([made.charges, made.pax8.frame], ignore_index=True),
        (made.psa.source, made.pax8.source, *made.sources), made.psa.services, made.psa.agreements,
        api_mapping(made.model, made.world), made.world.settings,
    )  # fmt: skip
    ids = company_ids(made.model)
    wanted = {}
    for (kind, name, service), expected in made.world.expected.items():
        wanted[kind, ids.get(name, name), service] = (expected.state, expected.difference, expected.effect)
    rows = {key_of(row): row for row in records(Comparison, reconcile(inputs).comparisons)}
    assert {key: (str(r.state), r.difference, r.effect) for key, r in rows.items()} == wanted


def test_the_simulators_hold_the_same_msp_each_time_they_are_started() -> None:
    def loaded() -> tuple[Any, ...]:
        world, psa, pax8 = make_world(), ConnectWise(), Pax8()
        psa.load_world(world)
        pax8.load_world(world)
        model = psa.model
        tables = (model.companies, model.agreements, model.additions, model.products)
        rows = [without_times(row) for table in tables for row in table.values()]
        return rows, pax8.companies, pax8.products, pax8.subscriptions, api_mapping(model, world)

    assert loaded() == loaded()
    accounts = {account.account_id for account in loaded()[-1].accounts if account.vendor == "Pax8"}
    assert accounts & loaded()[1].keys()


def without_times(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "_info"}


def test_the_mapping_of_the_apis_maps_accounts_to_company_ids() -> None:
    made = both()
    mapped = [a for a in api_mapping(made.model, made.world).accounts if a.kind is Kind.MAPPED]
    assert mapped
    assert all(isinstance(a, AccountMapping) and a.customer_id in company_ids(made.model).values() for a in mapped)
