"""The add-in's commands on large workbooks, on a real LibreOffice and with the real service on loopback: make bench.

5,000 selected rows accepted: wanted under 1 s. Validate and submit of 20,000 decided rows: wanted under 5 s end to end. The
workbook of the second holds 20,000 rows that are asked about: they are read, checked, sent, judged and kept, and nothing of them
is for the PSA, whose own pace is not measured here. Machines are noisy: the load is told beside the figures.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from addin.machine import Machine, System, no_registry
from tests.addin.commands.world import Desk, opened, served, signed_in
from tests.addin.engines.excel_like import Engine, activated
from tests.addin.engines.libreoffice_files import LibreOfficeFiles
from tests.addin.engines.openpyxl_files import OpenpyxlFiles
from tests.bench import run_of
from tests.components import COMPONENTS
from tests.measuring import seconds
from tests.server.api.site import Site, make_site
from tests.workbooks.office import running

ACCEPTED, SENT, MONTH = 5_000, 20_000, 22_000
"""Rows accepted, rows sent, and lines of the month, of which not all stand on vendors' sheets."""


def main(names: tuple[str, ...]) -> None:
    if hasattr(os, "sched_setaffinity"):  # Linux
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"load {', '.join(f'{one:.1f}' for one in os.getloadavg())} on {os.cpu_count()} cores, of which one is used")
    print(f"{'step':52}{'rows':>8}{'seconds':>10}")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for name in names:
            app = activated(Engine(name, _files(name, stack, Path(folder))))
            _bench(app, name, Path(folder))
    print(f"load {', '.join(f'{one:.1f}' for one in os.getloadavg())} at the end")


def _files(name: str, stack: ExitStack, folder: Path) -> Any:
    if name == "openpyxl":
        return OpenpyxlFiles()
    programs = COMPONENTS["libreoffice"].find()
    if programs is None:
        raise SystemExit("LibreOffice is missing: make system-packages")
    return LibreOfficeFiles(stack.enter_context(running(programs, folder)).pipe)


def _bench(app: Any, name: str, folder: Path) -> None:
    with make_site(Path(tempfile.mkdtemp(dir=folder))) as site, _desk(app, site, folder) as desk:
        lines = max(desk.lines, key=lambda one: one.size)
        desk.select(lines, f"A{lines.first}:A{min(lines.last, lines.first + ACCEPTED - 1)}")
        rows = min(lines.size, ACCEPTED)
        for button, answers in (("accept_selected", ()), ("clear", ()), ("ask", ("Ben: is this right?",)), ("clear", ())):
            _row(f"{name}: {button} on selected lines", rows, seconds(lambda: desk.press(button, *answers)))  # noqa: B023 - at once
        decided = 0
        for one in desk.lines:
            number = min(one.size, SENT - decided)
            if number:
                desk.select(one, f"A{one.first}:A{one.first + number - 1}")
                desk.press("ask", "Ben: is this right?")
            decided += number
        _row(f"{name}: validate", decided, seconds(lambda: desk.press("validate")))
        _row(f"{name}: submit", decided, seconds(lambda: desk.press("submit", "yes")))
        _row(f"{name}: submit again", decided, seconds(lambda: desk.press("submit", "yes")))


@contextmanager
def _desk(app: Any, site: Site, folder: Path) -> Iterator[Desk]:
    """A made month in the site's store, issued to Anna, and open."""
    store, anna = site.loop.store, site.person("Anna")
    run_id = store.save_run(run_of(MONTH), "bench")
    path = Path(tempfile.mkdtemp(dir=folder)) / "bench.xlsx"
    answer = anna.ask("POST", f"/runs/{run_id}/workbooks", json={}, expect=201)
    path.write_bytes(answer.get_data())
    machine = Machine(System.OTHER, path.parent / "home", {"TIEOUT_KEYRING": "off"}, sys.executable, no_registry)
    with served(site) as address:
        signed_in(machine, address, anna)
        with opened(app, machine, path) as desk:
            yield desk


def _row(step: str, rows: int, took: float) -> None:
    print(f"{step:52}{rows:>8,}{took:>10.2f}", flush=True)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or ("libreoffice",))
