"""The demo ends well only if every figure is as its maker expects."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.sandbox.make import make_world
from connectors.sandbox.world import World
from server import demo
from tests.server.month import tieout_on


def tampered(*_: object) -> World:
    """A small world with one expectation off by a cent."""
    world = make_world(20)
    key, expected = next((k, e) for k, e in world.expected.items() if e.effect)
    world.expected[key] = replace(expected, effect=(expected.effect or Decimal(0)) + Decimal("0.01"))
    return world


def test_the_demo_ends_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "make_world", lambda: make_world(20))
    done = tieout_on("unused", "demo", "--out", tmp_path / "demo")
    assert (done.exit_code, ", 0 do not" in done.stdout) == (0, True), done.stdout[-2000:]


def test_the_demo_fails_where_one_figure_is_a_cent_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "make_world", tampered)
    said: list[str] = []
    assert demo.run_demo(tmp_path / "demo", said.append) == 1
    assert [line for line in said if line.startswith("  WRONG row ")]
