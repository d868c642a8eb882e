"""A file that would unpack to far more than a workbook does is refused before it is unpacked."""

import io
import zipfile
from types import SimpleNamespace
from typing import Any

import pytest

from workbooks.sheet_scan import WorkbookRefused, refuse_too_large, scan_sheets

MIB = 1024**2


def _archive(unpacked: int, packed: int) -> Any:
    return SimpleNamespace(infolist=lambda: [SimpleNamespace(file_size=unpacked, compress_size=packed)])


@pytest.mark.parametrize(("unpacked", "packed"), [(150 * MIB, 1), (900 * MIB, 60 * MIB)])
def test_a_large_workbook_is_read(unpacked: int, packed: int) -> None:
    refuse_too_large(_archive(unpacked, packed))


def test_a_bomb_is_refused() -> None:
    with pytest.raises(WorkbookRefused, match="unpacks to more than"):
        refuse_too_large(_archive(1000 * MIB, MIB))


def test_a_part_that_is_larger_than_it_states_is_not_read_on() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook>" + " " * 10_000 + "</workbook>")
    with zipfile.ZipFile(packed) as archive:
        archive.getinfo("xl/workbook.xml").file_size = 100
        with pytest.raises(zipfile.BadZipFile, match="CRC"):
            scan_sheets(archive)
