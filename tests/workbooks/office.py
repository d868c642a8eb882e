"""A real LibreOffice on a profile of its own, started for the tests that need it and stopped by its process id."""

import json
import os
import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("office_script.py")
PYTHON = "/usr/bin/python3"
"""The system's Python: LibreOffice's bridge is installed for that one."""


@dataclass(frozen=True, slots=True)
class Office:
    """A running LibreOffice."""

    pipe: str
    folder: Path

    def run(self, path: Path, *steps: tuple[Any, ...]) -> list[Any]:
        """Opens a workbook, carries out steps like ("type", "Pax8", "L8", "Approve"), and answers what they asked."""
        job = self.folder / f"{uuid.uuid4().hex}.json"
        job.write_text(json.dumps({"open": str(path), "steps": [(step, arguments) for step, *arguments in steps]}))
        done = subprocess.run([PYTHON, str(SCRIPT), self.pipe, str(job)], capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)  # type: ignore[no-any-return]

    def saved(self, path: Path, *steps: tuple[Any, ...], to: str = "returned.xlsx") -> Path:
        """The workbook after the steps, saved by LibreOffice."""
        target = self.folder / f"{uuid.uuid4().hex[:8]}-{to}"
        self.run(path, *steps, ("save", str(target)))
        return target


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
    )
    try:
        yield Office(pipe, folder)
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        try:
            started.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait(20)
