"""What the documents show works as it stands there."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from addin.cli import addin
from connectors.files import load_profiles, read_usage
from core.frames import records
from core.records import Charge
from core.settings import Settings
from server.cli import tieout

ROOT = Path(__file__).parent.parent
LAYOUTS = (ROOT / "docs" / "file-layouts.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_layout_of_the_documents_reads_the_file_of_the_documents(tmp_path: Path) -> None:
    file = tmp_path / "backups.csv"
    file.write_text(re.search(r"```\n(Northwind.*?)```", LAYOUTS, re.S)[1], encoding="utf-8")  # type: ignore[index]
    (tmp_path / "northwind.toml").write_text(re.search(r"```toml\n(.*?)```", LAYOUTS, re.S)[1], encoding="utf-8")  # type: ignore[index]
    found = read_usage(file, Settings(), profiles=load_profiles(tmp_path))
    charges = records(Charge, found.frame)
    assert [(c.vendor, c.account, c.quantity, str(c.amount)) for c in charges] == [
        ("Northwind", "Acme Dental", 25, "40.00"),
        ("Northwind", "Birch Legal", 12, "19.20"),
    ]


COMMANDS = sorted(set(re.findall(r"tieout ([a-z]+)", README)) - {"check", "demo"})


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_the_readme_names_is_there(command: str) -> None:
    program = addin if command == "addin" else tieout
    assert CliRunner().invoke(program, ["--help"] if command == "addin" else [command, "--help"]).exit_code == 0


@pytest.mark.parametrize("path", re.findall(r"\]\(((?!http)[^)]+)\)", README))
def test_every_file_that_the_readme_shows_is_there(path: str) -> None:
    assert (ROOT / path).exists()


ADDIN = (ROOT / "docs" / "addin-install.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", sorted(set(re.findall(r"tieout addin ([a-z]+)", ADDIN))))
def test_every_command_of_the_addin_that_its_page_names_is_there(command: str) -> None:
    assert CliRunner().invoke(addin, [command, "--help"]).exit_code == 0
