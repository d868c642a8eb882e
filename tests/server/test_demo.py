"""The demos end well only if every figure is as its maker expects, and the simulated PSA as it was planned."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from connectors.sandbox.connectwise_model import Model
from connectors.sandbox.make import make_world
from connectors.sandbox.world import World
from server.demo import files, live
from tests.server.month import tieout_on
from tests.workbooks.judges import assert_valid

DEMOS = pytest.mark.parametrize(("demo", "arguments"), [(live, []), (files, ["--files"])], ids=["live", "files"])


def tampered(*_: object) -> World:
    """A small world with one expectation off by a cent."""
    world = make_world(20)
    key, expected = next((k, e) for k, e in world.expected.items() if e.effect)
    world.expected[key] = replace(expected, effect=(expected.effect or Decimal(0)) + Decimal("0.01"))
    return world


@DEMOS
def test_a_demo_ends_well_also_a_second_time_in_the_same_folder(
    demo: ModuleType, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "make_world", lambda: make_world(20))
    for _ in range(2):
        done = tieout_on("unused", "demo", "--out", tmp_path / "demo", *arguments)
        assert (done.exit_code, ", 0 do not" in done.stdout) == (0, True), done.stdout[-2000:]
    for path in (tmp_path / "demo").rglob("*.xlsx"):
        assert_valid(path)


def test_the_files_demo_fails_where_one_figure_is_a_cent_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "make_world", tampered)
    said: list[str] = []
    assert files.run_files_demo(tmp_path / "demo", said.append) == 1
    assert [line for line in said if line.startswith("  WRONG row ")]


def test_the_live_demo_names_a_cent_and_a_line_that_ends_otherwise_than_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One figure is a cent off, and somebody edits a line that nobody decided on while the demo writes."""
    monkeypatch.setattr(live, "make_world", tampered)
    real = Model.patch_addition

    def meddling(model: Model, row: dict[str, Any], operations: Any) -> dict[str, Any]:
        other = model.additions[3003]
        other["quantity"] += 1
        return real(model, row, operations)

    monkeypatch.setattr(Model, "patch_addition", meddling)
    said: list[str] = []
    assert live.run_live_demo(tmp_path / "demo", said.append) == 1
    assert [line for line in said if line.startswith("  WRONG row ")]
    assert [line for line in said if "WRONG line 3003 in the PSA" in line]
