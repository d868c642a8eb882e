"""The add-in's installation: it needs little, loads little, and says in one sentence how to get the rest."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

import tieout.program
from server.cli import tieout as service
from tieout.program import addin_only

ROOT = Path(__file__).parent.parent.parent
SERVICE_NEEDS = ("alembic", "apiflask", "dbos", "flask", "numpy", "openpyxl", "pandas", "pyarrow", "sqlalchemy", "xlsxwriter")
COMMANDS = ("build", "doctor", "install", "submit", "uninstall")


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Runs code as where only the add-in is installed."""
    hidden = f"import sys; sys.path.append({str(ROOT)!r}); sys.modules.update(dict.fromkeys({SERVICE_NEEDS!r}))\n"
    return subprocess.run([sys.executable, "-I", "-c", hidden + code], capture_output=True, text=True, timeout=60, check=False)


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


@pytest.mark.parametrize("path", sorted((ROOT / "addin").rglob("*.py")), ids=lambda path: path.stem)
def test_of_the_workbook_only_the_layout_and_what_is_typed_are_used_and_of_xlwings_nothing_that_wants_a_key(path: Path) -> None:
    for name in imported(path):
        first = name.partition(".")[0]
        assert first not in ("server", "connectors", "tieout", *SERVICE_NEEDS)
        assert first != "workbooks" or name == "workbooks.typed_values" or name.startswith("workbooks.layout")
        assert not name.startswith("xlwings.")


def test_a_button_loads_neither_the_service_nor_excel_nor_the_network() -> None:
    code = "import addin.entry, addin.commands; print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    loaded = set(python(code).stdout.split()) - set(SERVICE_NEEDS)
    assert "addin" in loaded
    assert not loaded & {"server", "connectors", "xlwings", "httpx", "click", "keyring", "xml", "zipfile", "email"}


def test_the_layout_and_typed_values_need_nothing_else() -> None:
    names = ", ".join(f"workbooks.{name}" for name in ("layout", "layout_vendor", "layout_tables", "typed_values"))
    done = python(f"import {names}; print('server' in sys.modules)")
    assert done.stdout == "False\n", done.stderr


def test_everything_that_the_addin_imports_is_a_base_requirement() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    base = {requirement.partition(">")[0] for requirement in project["dependencies"]}
    used = {name.partition(".")[0] for path in (ROOT / "addin").rglob("*.py") for name in imported(path)}
    foreign = used - sys.stdlib_module_names - {"addin", "core", "workbooks"}
    assert foreign == base


def test_where_the_service_is_missing_it_is_said_how_to_get_it() -> None:
    done = python("from tieout.program import main; main(['reconcile', 'a.csv'])")
    assert done.returncode == 2
    assert (
        "Only the add-in is installed here, without 'reconcile'. To install the service: pip install 'tieout[server]'"
        in done.stderr
    )
    assert "Traceback" not in done.stderr


def test_the_addin_is_there_without_the_service() -> None:
    done = python("from tieout.program import main; main(['addin', '--help'])")
    assert done.returncode == 0, done.stderr
    assert all(f"  {command} " in done.stdout for command in COMMANDS)


def test_a_broken_package_of_ours_is_not_taken_for_a_missing_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "server.cli", None)
    with pytest.raises(ModuleNotFoundError):
        tieout.program.service_is_installed()


def test_with_the_service_both_are_offered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(service, "commands", dict(service.commands))
    with pytest.raises(SystemExit) as ended:
        tieout.program.main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "\n  addin " in said
    assert "\n  reconcile " in said


def test_the_addin_is_built_installed_looked_at_and_removed_from_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in {"HOME": str(tmp_path), "TIEOUT_KEYRING": "off", "XDG_CONFIG_HOME": "", "XDG_STATE_HOME": ""}.items():
        monkeypatch.setenv(variable, value)

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(addin_only, ["addin", *arguments])
        return done.exit_code, done.output

    code, said = run("build", "--out", str(tmp_path / "tieout.xlam"))
    assert (code, "starts" in said) == (0, True)
    code, said = run("install")
    assert (code, said.count("\n"), said.startswith("error: ")) == (1, 1, True)
    code, said = run("doctor")
    assert (code, "its address is not set" in said) == (1, True)
    assert run("uninstall") == (0, "Nothing of the add-in was here.\n")
    code, said = run("help")
    assert (code, "Dry run: show what would be written" in said) == (0, True)
    assert run("nothing")[0] == 2
    code, said = run("build", "--out", str(tmp_path / "gone" / "tieout.xlam"))
    assert (code, "choose another place" in said) == (1, True)
