"""A real LibreOffice on a profile of its own, started once for the tests that need it and stopped by its process id."""

import json
import os
import signal
import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.components import MARK, require

SCRIPT = Path(__file__).with_name("office_script.py")
PYTHON = "/usr/bin/python3"
"""The system's Python: LibreOffice's bridge is installed for that one."""

LONGEST = 240
"""Seconds of one job."""


@dataclass(frozen=True, slots=True)
class Office:
    """A running LibreOffice, and the script that works in it."""

    pipe: str
    folder: Path
    script: "subprocess.Popen[str]"

    def run(self, path: Path, *steps: tuple[Any, ...]) -> list[Any]:
        """Opens a workbook, carries out steps like ("type", "Pax8", "L8", "Approve"), and answers what they asked."""
        job = self.folder / f"{uuid.uuid4().hex}.json"
        job.write_text(json.dumps({"open": str(path), "steps": [(step, arguments) for step, *arguments in steps]}))
        assert self.script.stdin
        assert self.script.stdout
        late = threading.Timer(LONGEST, self.script.kill)
        late.start()
        self.script.stdin.write(f"{job}\n")
        self.script.stdin.flush()
        told = self.script.stdout.readline()
        late.cancel()
        assert told, f"LibreOffice took more than {LONGEST} seconds, or its script has died"
        answer = json.loads(told)
        assert "answers" in answer, answer["error"]
        return answer["answers"]  # type: ignore[no-any-return]

    def saved(self, path: Path, *steps: tuple[Any, ...], to: str = "returned.xlsx") -> Path:
        """The workbook after the steps, saved by LibreOffice."""
        target = self.folder / f"{uuid.uuid4().hex[:8]}-{to}"
        self.run(path, *steps, ("save", str(target)))
        return target


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """LibreOffice, running as long as there are tests."""
    programs = require("libreoffice")
    if subprocess.run([PYTHON, "-c", "import uno"], capture_output=True, check=False).returncode:
        message = f"{MARK}LibreOffice"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    with running(programs, tmp_path_factory.mktemp("office")) as made:
        yield made


@contextmanager
def scripted(pipe: str) -> Iterator["subprocess.Popen[str]"]:
    """The script, which waits for LibreOffice once there is something to do, and ends with its input."""
    with subprocess.Popen([PYTHON, str(SCRIPT), pipe], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as script:
        yield script


@contextmanager
def running(programs: Path, folder: Path) -> Iterator[Office]:
    """LibreOffice for as long as the block runs."""
    pipe = f"tieout{uuid.uuid4().hex[:12]}"
    profile = (folder / "profile").as_uri()
    started = subprocess.Popen(
        [
            str(programs / "soffice"),
            f"-env:UserInstallation={profile}",
            "--headless",
            "--norestore",
            "--nologo",
            f"--accept=pipe,name={pipe};urp;",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "SC_IMPORT_THREADS": "1"},  # more of them wait for each other
    )
    try:
        with scripted(pipe) as script:
            yield Office(pipe, folder, script)
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        try:
            started.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait(20)
