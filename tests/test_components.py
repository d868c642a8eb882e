from pathlib import Path

import pytest

from tests.components import COMPONENTS, Component, beside

pytest_plugins = ["pytester"]

TESTS = """
import pytest
from tests.components import COMPONENTS, Component, require

COMPONENTS["nothing"] = Component("Nothing Server", lambda: None)

@pytest.fixture
def needed():
    return require("nothing")

def test_one(needed): pass
def test_two(needed): pass
def test_three(): pass
"""


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    pytester.makepyfile(TESTS)
    return pytester.runpytest_subprocess("-p", "tests.components", "-p", "no:cacheprovider", *options)


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.mark.parametrize("options", [(), ("-p", "xdist", "-n", "2")], ids=["one process", "two workers"])
def test_a_missing_component_skips_its_tests_and_is_named_once(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CI", "")
    result = run(pytester, *options)
    result.assert_outcomes(passed=1, skipped=2)
    assert result.outlines.count("Nothing Server is missing, 2 tests did not run: make system-packages") == 1


def test_a_missing_component_fails_where_nothing_may_stay_untested(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    result = run(pytester)
    result.assert_outcomes(passed=1, errors=2)
    assert result.outlines.count("Nothing Server is missing, 2 tests did not run: make system-packages") == 1


def test_a_program_is_found_on_the_path_or_in_a_known_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("14", "15"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "frobnicate").touch(mode=0o755)
    monkeypatch.setenv("PATH", "")
    find = beside("frobnicate", f"{str(tmp_path).lstrip('/')}/*")
    assert Component("Frobnicator", find).find() == tmp_path / "15"
    monkeypatch.setenv("PATH", str(tmp_path / "14"))
    assert find() == tmp_path / "14"
    assert beside("no such program", "nowhere/*")() is None
    assert set(COMPONENTS) >= {"postgresql", "libreoffice"}
