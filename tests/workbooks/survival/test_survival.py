"""Whatever is done to a workbook on its way, by whatever program, it says what was decided, or says where it cannot."""

import functools
from pathlib import Path

import pytest

from core.run import Reconciliation
from tests.workbooks.survival.changes import CHANGES
from tests.workbooks.survival.programs import google_sheets, numbers, numbers_as_one, without_addresses
from tests.workbooks.survival.stages import Bench, Stage, through_ods
from tests.workbooks.survival.world import Said, said

SAVED = "saved again"
"""What each of the others is as well."""

SINGLE = [
    pytest.param([stage], id=f"{name}, {tool}") for name, tools in CHANGES.items() for tool, stage in tools.items() if name != SAVED
]

PROGRAMS: dict[str, Stage] = {
    "Google Sheets (emulated)": google_sheets,
    "Numbers, a sheet per table (emulated)": numbers,
    "Numbers, as one (emulated)": numbers_as_one,
    "an exporter without addresses (emulated)": without_addresses,
    "OpenDocument and back, LibreOffice": through_ods,
}


def _of(words: str) -> list[Stage]:
    """Stages from words like "sorted by client/LibreOffice > Google Sheets (emulated)"."""
    made = []
    for word in words.split(" > "):
        name, _, tool = word.partition("/")
        made.append(CHANGES[name][tool] if tool else PROGRAMS[name])
    return made


COMBINED = [
    "sorted by client/LibreOffice > Google Sheets (emulated)",
    "Google Sheets (emulated) > sorted by decision/LibreOffice",
    "numbers typed as text/openpyxl > dates typed as text/openpyxl > stray spaces/openpyxl > saved again/LibreOffice",
    "columns moved/LibreOffice > rows inserted between/openpyxl > a sheet copied/openpyxl",
    "columns inserted/openpyxl > undecided rows deleted/LibreOffice",
    "collapsed columns deleted/openpyxl > Google Sheets (emulated)",
    "collapsed columns deleted/LibreOffice > Numbers, as one (emulated)",
    "rows inserted above/openpyxl > sorted by client/openpyxl > Numbers, a sheet per table (emulated)",
    "undecided rows filtered out/LibreOffice > sorted by decision/openpyxl > saved again/LibreOffice",
    "date formats lost/openpyxl > mixed case/openpyxl > Google Sheets (emulated) > saved again/openpyxl",
    "hidden sheets shown/openpyxl > a sheet copied/LibreOffice > sheets reordered/openpyxl",
    "a row cut and pasted below/openpyxl > columns moved/openpyxl > OpenDocument and back, LibreOffice",
]


@pytest.mark.parametrize("stages", SINGLE)
def test_the_same_decisions_come_back_after_one_change(
    bench: Bench, lean: Path, month: Reconciliation, truth: Said, stages: list[Stage]
) -> None:
    _expect(said(_through(bench, lean, stages), month), truth)


@pytest.mark.parametrize("words", COMBINED)
def test_the_same_decisions_come_back_after_several_changes(
    bench: Bench, lean: Path, month: Reconciliation, truth: Said, words: str
) -> None:
    _expect(said(_through(bench, lean, _of(words)), month), truth)


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_same_decisions_come_back_through_each_program(
    bench: Bench, decided: Path, month: Reconciliation, truth: Said, program: str
) -> None:
    _expect(said(_through(bench, decided, [PROGRAMS[program]]), month), truth)


def _through(bench: Bench, path: Path, stages: list[Stage]) -> Path:
    return functools.reduce(lambda found, stage: stage(bench, found), stages, path)


def _expect(found: Said, truth: Said) -> None:
    assert found.problems == ()
    assert found.decisions == truth.decisions
    assert found.notices == ()
