"""The two judges of every workbook that we write: our own checker, and Microsoft's Open XML SDK.

assert_valid is cheap (a tenth of a second for a thousand rows), so any test that writes a workbook can end with it. The SDK takes a
second or two for the smallest file, so it looks at small workbooks with every feature.
"""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbooks.checker import check_workbook

PROGRAM = "ooxml-validator"


def assert_valid(path: Path) -> None:
    """Excel would open the file as it is; else every fault is told."""
    assert not (faults := check_workbook(path)), f"{path.name}:\n" + "\n".join(map(str, faults))


@dataclass(frozen=True, slots=True)
class Sdk:
    """Microsoft's validator, as tests.components finds it."""

    folder: Path

    def errors(self, path: Path) -> list[dict[str, Any]]:
        """What the SDK says of one file."""
        quick = {**os.environ, "DOTNET_TieredPGO": "0"}  # it compiles its code once, and not a second time for a longer life
        done = subprocess.run([self.folder / PROGRAM, path], capture_output=True, text=True, timeout=120, check=False, env=quick)
        said = json.loads(done.stdout)
        assert said["ok"] == (not said["errors"]), said
        return list(said["errors"])

    def assert_valid(self, path: Path) -> None:
        """The SDK finds nothing in the file."""
        errors = self.errors(path)
        assert not errors, f"{path.name}:\n" + json.dumps(errors[:20], indent=1)
