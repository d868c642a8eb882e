"""The commands as a person types them: connect, sync, issue, submit, status, approve, undo, cost; right, and wrong."""

import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connectors.sandbox.api_world import api_mapping
from connectors.sandbox.connectwise_model import Model
from connectors.sandbox.connectwise_server import ConnectWise, Keys
from connectors.sandbox.make import make_world
from connectors.sandbox.programs import settings_of
from connectors.sandbox.world import World
from connectors.sandbox.world_files import write_world
from server.cli import tieout
from server.jobs.slots import take_slot
from server.store import open_store
from tests.connectors.api.sandboxes import Address, restored
from tests.connectors.api.sandboxes import kept as contents
from tests.workbooks.editing import fill_in
from workbooks.layout import Sheet
from workbooks.layout_vendor import VENDOR
from workbooks.mapping_file import write_mapping
from workbooks.reader import read_workbook

KEYS = Keys(public_key="plantedPublicKey77", private_key="plantedPrivateKey77")
NOVEMBERS = "november.xlsx"
NOVEMBER = ("--period", "2026-11", "--today", "2026-11-26")
Entry = Callable[[Sheet, Mapping[str, Any]], dict[str, Any] | None]


@dataclass
class Desk:
    """A person at a terminal beside a PSA."""

    psa: ConnectWise
    url: str
    world: World
    folder: Path

    @property
    def location(self) -> str:
        return str(self.folder / "store" / "tieout.sqlite")

    @property
    def model(self) -> Model:
        return self.psa.model

    def type(self, *words: object, typed: str | None = None) -> Result:
        return CliRunner().invoke(tieout, [*map(str, words), "--store", self.location], input=typed, catch_exceptions=False)

    def good(self, *words: object, typed: str | None = None) -> str:
        done = self.type(*words, typed=typed)
        assert done.exit_code == 0, done.output
        return done.stdout

    def connect(self) -> str:
        given = [word for name, value in settings_of(self.psa).items() for word in ("--set", f"{name}={value}")]
        return self.good("connect", "connectwise", "--name", "psa", "--set", f"address={self.url}", *given)

    def issue(self, name: str = NOVEMBERS, *more: object) -> Path:
        """A workbook over what was synced and the files of the vendors."""
        _, usage = write_world(self.world, self.folder / "files")
        mapping = self.folder / "files" / "mapping.xlsx"
        write_mapping(api_mapping(self.model, self.world), self.world.settings, mapping)
        files = [word for path in usage for word in ("--usage", path)]
        self.good("issue", "--out", self.folder / name, *NOVEMBER, *files, "--mapping", mapping, *more)
        return self.folder / name

    def returned(self, issued: Path, decide: Entry) -> Path:
        copy = issued.with_name(f"back-{len(list(self.folder.glob('back*')))}.xlsx")
        assert fill_in(issued, copy, decide)
        return copy

    def changing(self) -> list[str]:
        return [method for method, _ in self.psa.faults.seen if method != "GET"]

    def submission(self) -> str:
        with open_store(self.location) as store:
            return store.writes.submissions()[0].id


@pytest.fixture(scope="module")
def address() -> Iterator[Address]:
    """Where every PSA of these tests answers, so that a store that is kept knows the next one."""
    with Address().open() as opened:
        yield opened


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: Address) -> Desk:
    monkeypatch.setenv("TIEOUT_LOOPBACK", "yes")
    monkeypatch.setenv("TIEOUT_USER", "anna")
    psa, world = ConnectWise(keys=KEYS), make_world(20)
    psa.load_world(world)
    address.app = psa.app
    return Desk(psa, address.url, world, tmp_path)


def only(customer: str, **typed: Any) -> Entry:
    """One decision for each row of a customer."""

    def entry(sheet: Sheet, cells: Mapping[str, Any]) -> dict[str, Any] | None:
        return typed if sheet is VENDOR and cells["customer"] == customer else None

    return entry


ALDER, FOXGLOVE = only("Alder & Finch Atelier", decision="Approve"), only("Foxglove Patisserie", decision="End line")
LINE, ENDED = 3001, 3011


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    """What the first who wants a workbook leaves of its folder and its PSA, for the others to go on from."""
    return {}


@pytest.fixture
def issued(desk: Desk, address: Address, kept: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    if kept:
        shutil.copytree(kept["folder"], desk.folder, dirs_exist_ok=True)
        desk.psa = ConnectWise(restored(kept["psa"], desk.model.clock), keys=KEYS)
        address.app = desk.psa.app
        return desk.folder / NOVEMBERS
    desk.connect()
    desk.good("sync")
    path = desk.issue()
    kept["psa"] = contents(desk.model)
    kept["folder"] = shutil.copytree(desk.folder, tmp_path_factory.mktemp("kept") / "desk")
    return path


def test_from_connect_to_a_receipt_and_back(desk: Desk) -> None:
    assert "additions: " in desk.connect()
    assert "psa: good" in desk.good("sync", "psa")
    copy = desk.returned(desk.issue(), ALDER)
    before = desk.model.additions[LINE]["quantity"]
    dry = desk.good("submit", copy, "--dry-run")
    assert "1 would be written" in dry
    assert "550.00 to 616.00 USD" in dry
    assert desk.changing() == []
    done = desk.good("submit", copy, "--yes")
    assert "the PSA shows quantity 28" in done
    assert (before, desk.model.additions[LINE]["quantity"]) == (25, 28)
    assert "nothing is to be written" in desk.good("submit", copy, "--yes")
    assert desk.changing() == ["PATCH"]
    assert "1 done" in desk.good("status")
    assert "the PSA shows quantity 25" in desk.good("undo", desk.submission(), "--yes")
    assert desk.model.additions[LINE]["quantity"] == 25
    assert "every line is as it was written" in desk.good("log", "--verify")


def shown(path: Path) -> list[str]:
    """What stands under Result."""
    cells = read_workbook(path).cells.values()
    return [str(c.values["result"]) for c in cells if c.values.get("result")]


def test_receipts_come_back_in_the_senders_own_file(desk: Desk, issued: Path) -> None:
    copy = desk.returned(issued, ALDER)
    results = copy.with_name(f"{copy.stem} (results).xlsx")
    assert f"results: {results} (1 row)" in desk.good("submit", copy, "--dry-run", "--annotate")
    assert shown(results) == ["accepted, to do: on line 3001 change quantity 25 to 28, from 1 Dec 2026"]
    desk.type("submit", copy, "--annotate", typed="n\n")
    assert [path.name for path in desk.folder.glob("*(results*")] == [results.name]
    said = desk.good("submit", copy, "--yes", "--annotate")
    assert f"{copy.stem} (results 2).xlsx (1 row)" in said
    (done,) = shown(copy.with_name(f"{copy.stem} (results 2).xlsx"))
    assert re.fullmatch(r"done \d+ [A-Z][a-z]{2} \d{4}: the PSA shows quantity 28", done)
    before = copy.read_bytes()
    desk.good("status", desk.submission(), "--annotate", copy, "--out", desk.folder / "told.xlsx")
    assert (shown(desk.folder / "told.xlsx"), copy.read_bytes()) == ([done], before)
    desk.good("status", desk.submission(), "--annotate", copy, "--out", copy)
    assert (shown(copy), copy.read_bytes() == before) == ([done], False)
    assert "nothing is to be written" in desk.good("submit", copy, "--yes")


def test_what_was_refused_or_stopped_is_told_in_the_file_too(desk: Desk, issued: Path) -> None:
    copy = desk.returned(issued, only("Alder & Finch Atelier", decision="Approve", quantity="many"))
    refused = desk.type("submit", copy, "--yes", "--annotate")
    assert (refused.exit_code, desk.changing()) == (1, [])
    (said,) = shown(copy.with_name(f"{copy.stem} (results).xlsx"))
    assert re.fullmatch(r"problem in [A-Z]+\d+: Quantity: 'many' is not a number; type it as 1234.5", said)


def test_results_are_not_put_into_a_copy_of_another_run_or_nowhere(desk: Desk, issued: Path) -> None:
    copy = desk.returned(issued, ALDER)
    desk.good("submit", copy, "--yes")
    other = desk.issue("other.xlsx")
    assert "it is of run" in desk.type("status", desk.submission(), "--annotate", other).stderr
    assert desk.type("status", "--annotate", copy).exit_code == 2
    assert desk.type("status", desk.submission(), "--out", "x.xlsx").exit_code == 2
    assert "must end in .xlsx" in desk.type("status", desk.submission(), "--annotate", copy, "--out", "x.csv").stderr


def test_without_yes_a_person_is_asked_and_may_say_no(desk: Desk, issued: Path) -> None:
    copy = desk.returned(issued, ALDER)
    said = desk.type("submit", copy, typed="n\n")
    assert (said.exit_code, desk.changing()) == (1, [])
    assert "Write 1 change to psa?" in said.output
    assert "the PSA shows quantity 28" in desk.good("submit", copy, typed="y\n")


def test_a_large_change_waits_for_somebody_elses_token(desk: Desk, issued: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.good("submit", desk.returned(issued, FOXGLOVE), "--yes")
    assert desk.changing() == []
    assert "waiting" in desk.good("status")
    own = desk.good("token", "create", "anna", "--scope", "approve").strip()
    reading = desk.good("token", "create", "ben", "--scope", "read").strip()
    approving = desk.good("token", "create", "ben", "--scope", "approve").strip()
    for token, why in ((own, "somebody else's approval"), (reading, "may not approve"), ("nonsense", "may not approve")):
        monkeypatch.setenv("TIEOUT_TOKEN", token)
        refused = desk.type("approve", desk.submission())
        assert (refused.exit_code, why in refused.stderr, desk.changing()) == (1, True, [])
    monkeypatch.setenv("TIEOUT_TOKEN", approving)
    assert "is approved by ben" in desk.good("approve", desk.submission())
    assert desk.model.additions[ENDED]["cancelledDate"] == "2026-11-30T00:00:00Z"
    assert own not in desk.good("token", "list")


def test_paused_and_cancelled_nothing_is_sent(desk: Desk, issued: Path) -> None:
    desk.good("submit", desk.returned(issued, FOXGLOVE), "--yes")
    assert "paused" in desk.good("pause", desk.submission())
    assert "waiting" in desk.good("resume", desk.submission())
    assert "cancelled" in desk.good("cancel", desk.submission())
    assert desk.changing() == []


def test_a_conflict_is_told_with_both_numbers_and_ends_with_status_1(desk: Desk, issued: Path) -> None:
    copy = desk.returned(issued, ALDER)
    desk.model.patch_addition(desk.model.additions[LINE], [{"op": "replace", "path": "quantity", "value": 26}])
    told = desk.type("submit", copy, "--yes")
    assert told.exit_code == 1
    assert "CONFLICT" in told.stdout
    assert "decided on quantity 25, the PSA shows quantity 26" in told.stdout
    assert desk.model.additions[LINE]["quantity"] == 26
    assert "submitted before" in desk.good("submit", copy, "--yes")


def test_a_cost_goes_to_the_catalogue_and_to_every_line_that_carries_it(desk: Desk, issued: Path) -> None:
    product = next(p for p in desk.model.products.values() if p["identifier"] == "M365-BP")
    mine = [a for a in desk.model.additions.values() if a["product"]["id"] == product["id"] and a["unitCost"] == product["cost"]]
    assert mine
    assert "M365-BP" in desk.good("costs")
    assert "18.2" in desk.good("cost", "M365-BP", "18.20", "--dry-run")
    assert desk.changing() == []
    done = desk.good("cost", "M365-BP", "18.20", "--yes")
    assert product["cost"] == Decimal("18.2")
    written = [a for a in mine if a["unitCost"] == product["cost"]]
    assert len(written) == len(desk.changing()) - 1 > 0
    assert done.count("  done ") == len(desk.changing())
    assert "sync and issue a new run" in desk.type("cost", "M365-BP", "19", "--yes").stderr


def test_a_slice_holds_one_customers_rows(desk: Desk, issued: Path) -> None:
    run = desk.good("runs").splitlines()[1].split()[0]
    desk.good("issue", run, "--out", desk.folder / "slice.xlsx", "--customer", "alder & finch atelier")
    copy = desk.returned(desk.folder / "slice.xlsx", ALDER)
    assert "1 would be written" in desk.good("submit", copy, "--dry-run")
    refused = desk.type("issue", run, "--out", desk.folder / "s.xlsx", "--customer", "Alder and Finch")
    assert (refused.exit_code, "Alder & Finch Atelier" in refused.stderr) == (1, True)


WRONG: list[tuple[list[object], str]] = [
    (["sync"], "connections: there is none yet"),
    (["sync", "nope"], "connections: there is none yet"),
    (["issue", "--out", "x.xlsx"], "there is none to a PSA"),
    (["submit", "no.xlsx"], "no.xlsx: there is no such file"),
    (["status", "nope"], "There is no submission 'nope'"),
    (["undo", "nope", "--yes"], "There is no submission 'nope'"),
    (["cost", "BP", "1"], "runs: there is none yet"),
    (["connections", "--try", "nope"], "There is no connection 'nope'"),
    (["token", "revoke", "nope"], "nope"),
    (["serve", "--host", "0.0.0.0"], "other machines could reach it"),  # noqa: S104 -- it is refused
    (["connect", "pax8", "--set", "client_id=a", "--set", "client_secret=b", "--set", "colour=red"], "there is no such setting"),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else "")
def test_what_is_wrong_is_told_in_a_sentence(desk: Desk, words: list[object], said: str) -> None:
    done = desk.type(*words)
    assert done.exit_code == 1
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_a_port_that_is_taken_is_told(desk: Desk) -> None:
    taken = desk.type("serve", "--no-worker", "--port", desk.url.rpartition(":")[2])
    assert (taken.exit_code, "nothing can be served there" in taken.stderr) == (1, True)


def test_a_second_worker_of_the_same_name_is_refused(desk: Desk) -> None:
    desk.good("status")
    slot = take_slot(desk.location, "0")
    try:
        refused = desk.type("worker")
    finally:
        slot.leave()
    assert (refused.exit_code, "another process runs the jobs of this store" in refused.stderr) == (1, True)


def test_planted_secrets_are_in_no_file_and_no_output(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Store, workbooks, logs, errors: but for the encrypted rows nothing holds a key, nor what is made of the keys."""
    said = desk.connect() + desk.good("sync") + desk.good("connections") + desk.good("log", "--limit", "500")
    copy = desk.returned(desk.issue(), ALDER)
    said += desk.type("submit", copy, "--yes").output
    desk.psa.keys = Keys(public_key="other", private_key="other")
    for command in (["sync"], ["connections", "--try", "psa"], ["submit", copy, "--again"], ["connections"]):
        said += desk.type(*command).output
    planted = [KEYS.public_key, KEYS.private_key]
    held = {path: _content(path) for path in desk.folder.rglob("*") if path.is_file() and path.name != "secrets.key"}
    assert any(path.suffix == ".sqlite" for path in held)
    for secret in planted:
        assert secret not in said
        assert [str(path) for path, content in held.items() if secret.encode() in content] == []
    assert json.dumps(planted) not in said


def _content(path: Path) -> bytes:
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as book:
        return b"".join(book.read(name) for name in book.namelist())
