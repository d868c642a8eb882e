"""tieout doctor: one line for a sound workbook, every fault of another one by its place, and never a change."""

import hashlib
import zipfile
from pathlib import Path

import pytest
from click.testing import Result

from tests.server.month import tieout_on
from tests.workbooks.checker.good import write_good
from tests.workbooks.checker.planted import PLANTED, plant
from tests.workbooks.example import IDENTITY, KEY, example, mapping
from workbooks.writer import write_workbook


@pytest.fixture(scope="module")
def northwind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("issued") / "northwind.xlsx"
    write_workbook(example(), path, IDENTITY)
    return path


def doctor(folder: Path, file: object) -> Result:
    """The command on a store that is not there."""
    return tieout_on(str(folder / "none" / "tieout.sqlite"), "doctor", file)


SAYS = (
    "northwind.xlsx: nothing in it makes Excel offer a repair; issued by Tieout: workbook WB-2026-11-0007 of run R-2026-11-03, "
    "revision 2, period 2026-11, the whole run, for anna@northwind.example; "
)


def test_a_sound_workbook_is_one_line_that_says_whose_it_is(
    northwind: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIEOUT_KEY", raising=False)
    done = doctor(tmp_path, northwind)
    assert (done.exit_code, done.output) == (0, f"{SAYS}its signature is not verified: this installation has no key yet\n")
    assert list(tmp_path.iterdir()) == []  # no store and no key was made


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (KEY.decode(), "signed by this installation"),
        ("another", "NOT signed by this installation: another one issued it, or its identity was changed"),
    ],
)
def test_the_signature_is_verified_with_the_key_at_hand(
    northwind: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, said: str
) -> None:
    monkeypatch.setenv("TIEOUT_KEY", key)
    assert doctor(tmp_path, northwind).output == f"{SAYS}{said}\n"


def test_faults_are_listed_by_place_and_the_file_is_left_alone(tmp_path: Path) -> None:
    write_good(tmp_path / "good.xlsx")
    path = tmp_path / "sent.xlsx"
    plant(tmp_path / "good.xlsx", path, PLANTED["a semicolon"])
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    done = doctor(tmp_path, path)
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "sent.xlsx: 1 fault; not issued by Tieout: it has no identity sheet",
        "  Lines!E8 (xl/worksheets/sheet1.xml): ';' separates arguments; separate them with ',', "
        "whatever the language of the program is",
    ]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_a_mapping_workbook_is_recognised(tmp_path: Path) -> None:
    from core.settings import Settings
    from workbooks.mapping_file import write_mapping

    write_mapping(mapping(), Settings(), tmp_path / "mapping.xlsx")
    said = "mapping.xlsx: nothing in it makes Excel offer a repair; a mapping workbook of Tieout\n"
    assert doctor(tmp_path, tmp_path / "mapping.xlsx").output == said


def test_a_damaged_identity_is_said(northwind: Path, tmp_path: Path) -> None:
    path = tmp_path / "changed.xlsx"
    with zipfile.ZipFile(northwind) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"workbook_id", b"workbook_no"))
    done = doctor(tmp_path, path)
    assert "whose it is cannot be said: changed.xlsx has a damaged identity sheet" in done.output


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "there is no such file: check the path"),
        (lambda path: path.mkdir(), "this is a folder: name one of its workbooks"),
        (lambda path: path.write_text("Company,Quantity"), "is not a readable Excel workbook"),
        (lambda path: path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1")), "is encrypted or in the old .xls format"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, make: object, said: str) -> None:
    path = tmp_path / "a.xlsx"
    make(path)  # type: ignore[operator]
    done = doctor(tmp_path, path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_help_says_what_the_exit_status_means(tmp_path: Path) -> None:
    assert "Exit status 0: it is" in doctor(tmp_path, "--help").output
