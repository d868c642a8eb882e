"""Signing in, getting a workbook, and what moved since it was issued."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from addin.errors import NotReady
from addin.machine import Machine
from addin.settings import load_settings
from tests.addin.commands.world import Desk, on_both, opened, served
from tests.server.api.site import Person, Site


@pytest.fixture
def alone(app: Any, computer: Machine, northwind: Path) -> Iterator[Desk]:
    """A computer that nobody signed in on."""
    with opened(app, computer, northwind) as desk:
        yield desk


def test_signing_in_keeps_the_address_and_the_token_once_they_are_good(alone: Desk, site: Site, anna: Person) -> None:
    with served(site) as address:
        with pytest.raises(NotReady, match="does not know your token"):
            alone.press("sign_in", address, "tieout_wrong")
        assert load_settings(alone.machine).service == ""
        said = alone.press("sign_in", f"{address}/", anna.token) or ""
        assert said.startswith("Signed in as Anna, until 20")
        assert load_settings(alone.machine).service == address
        assert json.loads((alone.machine.settings_folder / "token.json").read_text()) == {address: anna.token}
        assert (alone.press("sign_in", "") or "").startswith("Signed in as Anna")


@pytest.mark.parametrize("address", ["http://tieout.example.com", "https://", "ftp://127.0.0.1"])
def test_a_token_goes_only_over_tls_or_to_this_machine(alone: Desk, address: str) -> None:
    with pytest.raises(NotReady, match="is not the address of a Tieout service"):
        alone.press("sign_in", address)


def test_a_workbook_is_fetched_saved_and_opened_and_none_is_overwritten(live: Desk, tmp_path: Path) -> None:
    target = tmp_path / "fetched"
    live.press("get_workbook", "1", str(target))
    assert live.book.name == "fetched.xlsx"
    assert live.workbook.run_id in (live.asked + live.app.impl.shown)[0]
    live.book.close()
    with pytest.raises(NotReady, match="was left alone"):
        live.press("get_workbook", "1", str(tmp_path / "fetched.xlsx"))
    assert live.press("get_workbook", "") is None


@on_both
def test_refreshing_marks_what_moved_and_keeps_what_is_typed(live: Desk, site: Site) -> None:
    said = live.press("refresh") or ""
    assert said.startswith("The run is at revision 1; this workbook is of revision 1. No line has moved.")
    lines = live.lines[0]
    live.type(lines, lines.first, decision="Approve")
    store, run_id = site.loop.store, site.loop.runs[-1]
    moved = store.reconciliation(run_id)
    fingerprints = pd.array(["another"], dtype=moved.comparisons["fingerprint"].dtype)
    comparisons = moved.comparisons.assign(fingerprint=fingerprints)
    store.save_revision(run_id, replace(moved, comparisons=comparisons), "test", "Ben")
    said = live.press("refresh") or ""
    assert "The run is at revision 2; this workbook is of revision 1. 1 line moved, 1 of them decided" in said
    decision, result = live.cells("decision", "result")[0]
    assert decision == "Approve"
    assert result == "✗ moved: now Reconcile, PSA 25, vendor 28, to bill 28"
