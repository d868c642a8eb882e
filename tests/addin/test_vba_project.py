"""VBA projects are taken apart and put together again."""

from dataclasses import replace
from pathlib import Path

import pytest

from addin.compound_file import read_compound_file, write_compound_file
from addin.errors import Damaged
from addin.template import template_parts, template_project
from addin.vba_project import Kind, Module, Project, read_project, write_project
from tests.addin.test_compound_file import OFFICE_FILES, project_of


def lines(project: Project) -> dict[str, list[str]]:
    return {name: source.split("\r\n") for name, source in project.sources.items()}


@pytest.mark.parametrize("path", OFFICE_FILES, ids=lambda path: path.name)
def test_every_office_file_of_xlwings_goes_through_and_keeps_its_source(path: Path) -> None:
    before = read_project(project_of(path))
    after = read_project(write_project(before))
    assert {n: s.replace("\r", "") for n, s in after.sources.items()} == {n: s.replace("\r", "") for n, s in before.sources.items()}
    assert replace(after, modules=()) == replace(before, modules=())
    assert [module.kind for module in after.modules] == [module.kind for module in before.modules]


@pytest.fixture
def project() -> Project:
    return template_project(template_parts())


def test_no_compiled_code_is_written(project: Project) -> None:
    streams = read_compound_file(write_project(project))
    assert streams["VBA/_VBA_PROJECT"] == bytes.fromhex("cc61ffff000100")
    assert all(streams[f"VBA/{module.name}"][:1] == b"\x01" for module in project.modules)


def test_lines_end_as_windows_ends_them(project: Project) -> None:
    module = Module("One", Kind.STANDARD, "Sub A()\nEnd Sub\r\n' é\r")
    read = read_project(write_project(replace(project, modules=(module,))))
    assert read.sources == {"One": "Sub A()\r\nEnd Sub\r\n' é\r\n"}


def test_letters_that_vba_does_not_hold_are_refused(project: Project) -> None:
    with pytest.raises(ValueError, match="encode"):
        write_project(replace(project, modules=(Module("One", Kind.STANDARD, "' Łódź"),)))


def test_references_to_other_libraries_are_left_out(project: Project) -> None:
    assert {name for name, _ in project.references} == {"MSForms", "Office"}
    assert [name for name, _ in read_project(write_project(project.only("Office"))).references] == ["Office"]


def test_a_file_without_a_project_and_one_that_breaks_off_are_told(project: Project) -> None:
    with pytest.raises(Damaged, match="no VBA project"):
        read_project(write_compound_file({"Workbook": b"x"}))
    streams = read_compound_file(write_project(project))
    with pytest.raises(Damaged, match="description"):
        read_project(write_compound_file({**streams, "PROJECT": b"Name=x"}))
