"""Everything that can be given wrongly: one clear sentence with its place, exit status 1 (2 for usage), and nothing saved."""

import os
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from connectors.sandbox.world import TODAY
from server import cli
from server.cli import group
from server.store import Store
from tests.server.month import ALDER, APPROVE, Made, Month, problems, tieout_on
from tests.workbooks.book import Book

HEADER = "Company,Agreement,Product ID,Quantity,Unit Price,Billing Cycle\n"
Given = Callable[[Month], list[object]]


def _file(month: Month, name: str, text: str = "") -> Path:
    path = month.out / name
    path.write_text(text)
    return path


def _first_lines(month: Month, path: Path, count: int) -> Path:
    return _file(month, path.name, "".join(path.read_text().splitlines(keepends=True)[:count]))


def _pax8(month: Month) -> Path:
    return next(p for p in month.made.usage if p.name.startswith("pax8"))


def _renamed(month: Month, path: Path) -> Path:
    (month.out / "same.csv").write_bytes(path.read_bytes())
    return month.out / "same.csv"


def _copy_named_like(month: Month, path: Path) -> Path:
    (month.out / "other").mkdir()
    return _file(month, f"other/{path.name}", (month.made.usage[0]).read_text())


WRONG_FILES: list[tuple[Given, str]] = [
    (lambda m: ["nowhere.csv", _pax8(m)], "nowhere.csv: there is no such file"),
    (lambda m: [m.out, _pax8(m)], "this is a folder"),
    (lambda m: [_pax8(m), m.made.usage[0]], "row 1: these headers were found"),
    (lambda m: [m.made.agreements, m.made.agreements], "agreements.csv: is given twice: name the PSA's export once"),
    (lambda m: [m.made.agreements, _pax8(m), _pax8(m)], "pax8-invoice-2026-11.csv: is given twice"),
    (lambda m: [m.made.agreements, _pax8(m), _renamed(m, _pax8(m))], "same.csv: is the same file as pax8-invoice-2026-11.csv"),
    (lambda m: [m.made.agreements, _pax8(m), _copy_named_like(m, _pax8(m))], "two files have this name: rename one"),
    (lambda m: [_file(m, "psa.csv", HEADER), _pax8(m)], "psa.csv, row 1: there are headers and no rows"),
    (lambda m: [m.made.agreements, _first_lines(m, _pax8(m), 1)], "row 1: there are headers and no rows"),
    (lambda m: [m.made.agreements, _file(m, "empty.csv")], "empty.csv: the file is empty"),
    (lambda m: [m.made.agreements, _file(m, "odd.csv", "a,b\n1,2\n")], "odd.csv, row 1: no known layout has these headers: a, b"),
    (lambda m: [m.made.agreements, _pax8(m), "--period", "2025-03"], "none of the 16 rows speaks of 2025-03: check --period"),
    (lambda m: [m.made.agreements, _pax8(m), "--mapping", m.out / "no.xlsx"], "no.xlsx: there is no such file"),
    (lambda m: [m.made.agreements, _pax8(m), "--mapping", m.out], "this is a folder: name the mapping workbook in it"),
    (lambda m: [m.made.agreements, _pax8(m), "--mapping", m.made.usage[0]], "dropsuite-2026-11.csv: is no mapping workbook"),
    (lambda m: [m.made.agreements, _pax8(m), "--catalogue", m.made.usage[1]], "the nearest, PSA catalogue export, also needs"),
    (lambda m: [m.made.agreements, _pax8(m), "--profiles", m.out / "none"], "there is no such folder of import profiles"),
    (lambda m: [m.made.agreements, _pax8(m), "--out", m.out / "o.csv"], "the workbook's name must end in .xlsx"),
    (lambda m: [m.made.agreements, _pax8(m), "--out", m.out / "a=b.xlsx"], "a file name with =, | or ;"),
    (lambda m: [m.made.agreements, _pax8(m), "--out", m.out / "none" / "o.xlsx"], "there is no such folder: make it"),
    (lambda m: [m.made.agreements, _pax8(m), "--out", "/proc/o.xlsx"], "/proc: the folder cannot be written to"),
    (lambda m: [m.made.agreements, _pax8(m), "--mapping", m.made.mapping, "--out", m.made.mapping], "would be lost"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "said"), WRONG_FILES, ids=[said[:50] for _, said in WRONG_FILES])
def test_reconcile_refuses_what_is_wrong_and_saves_nothing(month: Month, given: Given, said: str) -> None:
    arguments = given(month)
    if "--out" not in arguments:
        arguments += ["--out", month.out / "o.xlsx"]
    done = month.tieout("reconcile", *arguments, "--today", TODAY)
    assert done.exit_code == 1
    assert all(line.startswith("error: ") for line in done.stderr.splitlines() if not line.startswith("["))
    assert [line for line in problems(done) if said in line]
    assert not (month.out / "o.xlsx").exists()
    with month.store() as store:
        assert ([r.id for r in store.runs()], store.mapping_version()) == ([month.made.run], 1)


def _edited(month: Month, key: str, value: str) -> Path:
    """A copy whose hidden identity somebody edited."""
    book = Book(month.made.copy("alder", {ALDER: APPROVE}))
    book["_tieout"].cell(book["_tieout"].where(key).row, 2).value = value
    book.save(month.out / "edited.xlsx")
    return month.out / "edited.xlsx"


def _second_run(month: Month) -> Path:
    files = [month.made.agreements, *month.made.usage]
    month.tieout("reconcile", *files, "--out", month.out / "second.xlsx", "--today", TODAY)
    return month.out / "second.xlsx"


def _alder(month: Month) -> Path:
    return month.made.copy("alder", {ALDER: APPROVE})


WRONG_COPIES: list[tuple[Given, str]] = [
    (lambda m: [m.out / "nowhere.xlsx"], "nowhere.xlsx: there is no such file"),
    (lambda m: [m.out], "this is a folder: name the workbooks in it"),
    (lambda m: [m.made.agreements], "agreements.csv: is not a readable Excel workbook"),
    (lambda m: [m.made.mapping], "mapping.xlsx: has no identity sheet"),
    (lambda m: [_edited(m, "recipient", "bert")], "edited.xlsx: its identity was changed"),
    (lambda m: [_edited(m, "workbook_id", "zzzz")], "edited.xlsx: this store did not issue it"),
    (lambda m: [_edited(m, "schema_version", "99")], "edited.xlsx: was issued by a newer version of Tieout"),
    (lambda m: [_edited(m, "period", "soon")], "edited.xlsx: has a damaged identity sheet"),
    (lambda m: [_alder(m), _second_run(m)], "the copies are of different runs (alder.xlsx of 2026-11-1, second.xlsx of 2026-11-2)"),
    (lambda m: [_alder(m), "--out", m.out / "list.txt"], "the change list's name must end in .csv or .xlsx"),
    (lambda m: [_alder(m), "--out", _alder(m)], "this file is read by the same command and would be lost"),
    (lambda m: [_alder(m), "--out", m.out / "no" / "list.csv"], "there is no such folder"),
]


@pytest.mark.parametrize(("given", "said"), WRONG_COPIES, ids=[said[:50] for _, said in WRONG_COPIES])
def test_changes_refuses_what_is_wrong_and_keeps_nothing(month: Month, given: Given, said: str) -> None:
    arguments = given(month)
    if "--out" not in arguments:
        arguments += ["--out", month.out / "list.csv"]
    done = month.tieout("changes", *arguments)
    assert (done.exit_code, [line for line in problems(done) if said in line] != []) == (1, True), done.output
    assert not (month.out / "list.csv").exists()
    with month.store() as store:
        assert store.decisions_of_run(month.made.run) == []
        assert [w for w in store.workbooks(month.made.run) if store.copies(w.id)] == []


def test_a_workbook_of_another_store_is_refused_and_the_other_key_is_named(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = month.made.copy("alder", {ALDER: APPROVE})
    other = tieout_on(str(month.out / "other.sqlite"), "changes", copy, "--out", month.out / "list.csv")
    assert "this store did not issue it: use the store that did, or read it with --unverified" in problems(other)[0]
    monkeypatch.setenv("TIEOUT_KEY", "another key")
    rekeyed = month.tieout("changes", copy, "--out", month.out / "list.csv")
    assert "it was signed with another key: put signing.key back beside the store, or set TIEOUT_KEY" in problems(rekeyed)[0]


ELSEWHERE: list[tuple[list[object], int, str]] = [
    (["show", "2026-11-9"], 1, "There is no run '2026-11-9'; known runs: 2026-11-1"),
    (["issue", "x", "--out", "o.xlsx"], 1, "There is no run 'x'"),
    (["mapping", "--run", "x", "--out", "m.xlsx"], 1, "There is no run 'x'"),
    (["mapping", "--out", "m.csv"], 1, "the mapping workbook's name must end in .xlsx"),
    (["mapping", "--out", "/proc/m.xlsx"], 1, "/proc: the folder cannot be written to"),
    (["log", "--run", "x"], 1, "There is no run 'x'"),
    (["log", "--limit", "0"], 2, "0 is not in the range x>=1"),
    (["reconcile", "a.csv", "b.csv", "--out", "o.xlsx", "--period", "2026-13"], 2, "is not a period; write it as YYYY-MM"),
    (["reconcile", "a.csv", "b.csv", "--out", "o.xlsx", "--today", "1.2.2026"], 2, "is not a date; write it as YYYY-MM-DD"),
    (["reconcile", "a.csv", "--out", "o.xlsx"], 2, "Missing argument 'USAGE...'"),
    (["changes", "--out", "o.csv"], 2, "Missing argument 'COPIES...'"),
]


@pytest.mark.parametrize(("arguments", "status", "said"), ELSEWHERE, ids=[" ".join(map(str, a))[:40] for a, _, _ in ELSEWHERE])
def test_other_commands_refuse_in_a_sentence(
    month: Month, monkeypatch: pytest.MonkeyPatch, arguments: list[object], status: int, said: str
) -> None:
    monkeypatch.chdir(month.out)
    done = month.tieout(*arguments)
    assert (done.exit_code, said in done.stderr) == (status, True), done.output


def _bad_store(kind: str, folder: Path) -> str:
    if kind == "text":
        (folder / "text").write_text("hello, this is no database, only a text that somebody put there")
    return {"text": str(folder / "text"), "folder": str(folder), "proc": "/proc/no/t.sqlite"}.get(kind, kind)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("text", "file is not a database"),
        ("folder", "unable to open database file"),
        ("proc", "its folder cannot be made"),
        ("mysql://localhost/x", "the store is a SQLite file or a PostgreSQL database"),
        ("postgresql://nobody:hidden@127.0.0.1:1/x", "connection refused"),
    ],
)
def test_a_store_that_cannot_be_used_is_told_with_its_place(tmp_path: Path, kind: str, said: str) -> None:
    done = tieout_on(_bad_store(kind, tmp_path), "runs")
    assert (done.exit_code, said.casefold() in done.stderr.casefold()) == (1, True)
    assert "hidden" not in done.output


def test_a_damaged_store_is_told(on_sqlite: tuple[Made, str], month: Month) -> None:
    with Path(month.location).open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(40 * 4096))
    done = month.tieout("show", month.made.run)
    assert (done.exit_code, "put back a backup" in done.stderr) == (1, True)


def test_a_workbook_that_cannot_be_put_in_place_leaves_the_run_and_says_how_to_go_on(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    out = month.out / "o.xlsx"
    out.write_text("an older workbook")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", held)
        done = month.tieout("reconcile", month.made.agreements, *month.made.usage, "--out", out, "--today", TODAY)
    assert done.exit_code == 1
    assert "close it where it is open" in problems(done)[0]
    assert "the run 2026-11-2 is kept; write its workbook with: tieout issue 2026-11-2 --out FILE.xlsx" in problems(done)[0]
    assert (out.read_text(), sorted(p.name for p in month.out.iterdir())) == ("an older workbook", ["o.xlsx", "store"])
    assert month.tieout("issue", "2026-11-2", "--out", out).exit_code == 0


def test_an_interruption_is_one_line(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "runs", stop)
    done = month.tieout("runs")
    assert (done.exit_code, "stopped; whatever was saved is whole" in done.stderr) == (130, True)


def test_what_nobody_expected_is_told_with_the_file_of_its_details(
    month: Month, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("a wheel came off")

    monkeypatch.setattr(Store, "runs", break_down)
    with pytest.raises(RuntimeError):  # tests see the traceback
        month.tieout("runs")
    monkeypatch.setattr("tempfile.tempdir", str(month.out))
    with pytest.raises(SystemExit) as ended:
        cli.main(["runs", "--store", month.location])
    said = capsys.readouterr().err
    assert ended.value.code == 70
    assert "RuntimeError: a wheel came off" in said
    assert "What was sent to the PSA by then stands in tieout status" in said
    (details,) = month.out.glob("tieout-error-*.txt")
    assert str(details) in said
    assert "Traceback" in details.read_text()
    assert "Traceback" not in said


def test_the_work_goes_on_where_nobody_reads_its_output_any_more(month: Month) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as closed, pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.stdout", closed)
        group.say("one")
        group.say("two")


@pytest.mark.parametrize("name", sorted(cli.tieout.commands))
def test_each_command_explains_itself(name: str) -> None:
    command = cli.tieout.commands[name]
    assert command.help
    assert all(p.help for p in command.params if isinstance(p, click.Option) and p.name != "customers"), name
    assert CliRunner().invoke(cli.tieout, [name, "--help"]).exit_code == 0


def test_an_empty_store_says_how_to_start(tmp_path: Path) -> None:
    for command in ("runs", "log"):
        done = tieout_on(str(tmp_path / "new" / "tieout.sqlite"), command)
        assert (done.exit_code, "start with  tieout reconcile" in done.stdout) == (0, True)
    assert "the store has no runs yet" in tieout_on(str(tmp_path / "new" / "tieout.sqlite"), "show", "1").stderr


@pytest.mark.parametrize("command", ["world", "demo"])
def test_a_folder_with_other_files_is_left_alone(tmp_path: Path, command: str) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "precious.csv").write_text("keep me")
    done = tieout_on("unused", command, "--out", tmp_path)
    assert (done.exit_code, "files that were not made here" in done.stderr) == (1, True)
    assert (tmp_path / "files" / "precious.csv").read_text() == "keep me"
