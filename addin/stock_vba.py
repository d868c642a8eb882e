"""The part of xlwings' VBA that the add-in keeps, made safe.

A stock custom add-in does what the open workbook says: a sheet `<project>.conf` in it, or a file of that name beside it, names the
interpreter; sheets called `*.py` are run; its folder comes first on Python's path; its public functions (RunPython,
RunFrozenPython, SaveConfigToFile) can be called by a formula of any workbook; and its name goes into a shell's command line, where
`^&` in it (Windows) or `$(...)` (Mac) starts a program. So only these procedures are kept, private, and none reads a setting.

Each is compared with what was reviewed (a digest of its text), each change must find its place exactly once: with an xlwings whose
VBA is another one, nothing is built.
"""

import hashlib
import re

from addin.stock_review import CHANGES, REVIEWED, SCRIPT_CHANGES, SCRIPT_REVIEWED
from addin.template import changed

GUARD = "    If Not running Then Exit {kind}\n"
"""The first line of each: nothing starts it but a button."""

HEADER = re.compile(r"'xlwings is distributed under.*?SUCH DAMAGE\.\n", re.S)
PROCEDURE = re.compile(
    r"^(?:Public |Private )?(?P<kind>Function|Sub) (?P<name>\w+)(?P<head>\((?:[^\n]* _\n)*[^\n]*\n)(?P<body>.*?^End (?P=kind))",
    re.M | re.S,
)
UNSAFE = ("GetConfig", "prepare_sys_path", "ActiveWorkbook", "PYTHONPATH", "Conda", "Frozen", "Declare ")
"""What no kept procedure may still name after the changes."""


def safe_procedures(module: str) -> str:
    """xlwings' licence and the kept procedures, private, guarded and changed. TemplateChanged where any is not as reviewed."""
    text = module.replace("\r\n", "\n")
    licence = HEADER.search(text)
    if licence is None:
        raise changed("its VBA no longer carries the licence that goes with it")
    found = {match["name"]: match for match in PROCEDURE.finditer(text)}
    return "\n".join([licence[0], *(_safe(name, found.get(name)) for name in REVIEWED)])


def _safe(name: str, found: re.Match[str] | None) -> str:
    if found is None or _digest(found[0]) != REVIEWED[name]:
        raise changed(f"its VBA procedure {name} is not the one that was reviewed")
    kind, guard = found["kind"], "" if name == "CleanUp" else GUARD.format(kind=found["kind"])
    whole = f"Private {kind} {name}{found['head']}{guard}{found['body']}\n"
    return _changed(name, whole, CHANGES.get(name, ()))


def safe_applescript(script: str) -> str:
    """xlwings' AppleScript, which then runs Python isolated and takes nothing of the workbook."""
    text = script.replace("\r\n", "\n")
    if _digest(text) != SCRIPT_REVIEWED:
        raise changed("its AppleScript is not the one that was reviewed")
    return _changed("VbaHandler", text, SCRIPT_CHANGES)


def _changed(name: str, text: str, changes: tuple[tuple[str, str], ...]) -> str:
    for old, new in changes:
        if text.count(old) != 1:
            raise changed(f"its {name} lacks what has to be made safe in it ({old.strip().splitlines()[0]})")
        text = text.replace(old, new)
    code = "\n".join(line for line in text.lower().splitlines() if not line.lstrip().startswith("'"))
    left = [word for word in UNSAFE if word.lower() in code]
    if left:
        raise changed(f"its {name} would still use {', '.join(left)}")
    return text


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
