"""The workbook that a button was pressed in is found, whatever is in front by then. Excel here is a stand-in by the same names."""

import sys
import types
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from addin.errors import NotReady
from addin.excel import Press, attach
from addin.ribbon import button
from tests.addin.conftest import Made


class Books(list[SimpleNamespace]):
    @property
    def active(self) -> SimpleNamespace:
        return self[-1]


def excel(monkeypatch: pytest.MonkeyPatch, *apps: SimpleNamespace) -> None:
    module = types.ModuleType("xlwings")

    class Apps(list[SimpleNamespace]):
        active = apps[0] if apps else None

    module.apps, module.XlwingsError = Apps(apps), RuntimeError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "xlwings", module)


def app(window: int, names: Sequence[str] = ()) -> SimpleNamespace:
    return SimpleNamespace(hwnd=window, books=Books(SimpleNamespace(name=name) for name in names))


def pressed(machine: Made, workbook: str, window: int | None = None) -> Press:
    submit = button("submit")
    assert submit is not None
    return Press(submit, workbook, window, machine())


def test_it_is_the_workbook_of_the_press_and_not_the_one_in_front(monkeypatch: pytest.MonkeyPatch, machine: Made) -> None:
    excel(monkeypatch, app(1, ["november.xlsx", "october.xlsx"]))
    assert pressed(machine, "November.xlsx").book().name == "november.xlsx"


def test_an_accent_that_a_mac_takes_apart_is_the_same(monkeypatch: pytest.MonkeyPatch, machine: Made) -> None:
    excel(monkeypatch, app(1, ["Mu\u0308ller.xlsx"]))
    assert pressed(machine, "M\u00fcller.xlsx").book().name == "Mu\u0308ller.xlsx"


def test_a_workbook_that_was_closed_meanwhile_is_never_another_one(monkeypatch: pytest.MonkeyPatch, machine: Made) -> None:
    excel(monkeypatch, app(1, ["october.xlsx"]))
    with pytest.raises(NotReady, match="is no longer open"):
        pressed(machine, "november.xlsx").book()


def test_of_several_excels_it_is_the_one_of_the_press(monkeypatch: pytest.MonkeyPatch, machine: Made) -> None:
    excel(monkeypatch, app(1, ["november.xlsx"]), app(2, ["november.xlsx"]))
    assert pressed(machine, "november.xlsx", 2).app().hwnd == 2


def test_outside_excel_it_is_the_workbook_in_front(monkeypatch: pytest.MonkeyPatch, machine: Made) -> None:
    excel(monkeypatch, app(1, ["october.xlsx", "november.xlsx"]))
    assert pressed(machine, "").book().name == "november.xlsx"
    excel(monkeypatch, app(1))
    with pytest.raises(NotReady, match="Open a reconciliation workbook first"):
        pressed(machine, "").book()


def test_without_an_excel_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    excel(monkeypatch)
    with pytest.raises(NotReady, match="Excel is not running"):
        attach(None)
