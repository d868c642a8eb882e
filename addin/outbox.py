"""The key under which a workbook's decisions are sent: the same decisions again are the same act, even after a crash or on a
workbook that was reopened. Whoever changes their mind and changes it back acts again, under another key."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from addin.machine import Machine
from addin.settings import write_privately

FILE = "sent.json"
MOST = 200
"""Workbooks that are remembered; the oldest is forgotten."""


@dataclass(frozen=True, slots=True)
class Act:
    """Decisions of a workbook as they are sent: under which key."""

    workbook_id: str
    content: str  # hash of the decisions
    key: str


def act_of(machine: Machine, workbook_id: str, decisions: list[dict[str, Any]]) -> Act:
    """These decisions under the key that they were sent under last, or under a new one."""
    content = hashlib.sha256(json.dumps(decisions, sort_keys=True).encode()).hexdigest()
    last = _kept(machine).get(workbook_id)
    return Act(workbook_id, content, last["key"] if last and last["content"] == content else uuid.uuid4().hex)


def remember(machine: Machine, act: Act) -> None:
    """Keeps the key, before anything is sent to be taken under it."""
    sent = _kept(machine)
    sent.pop(act.workbook_id, None)
    sent[act.workbook_id] = {"content": act.content, "key": act.key}
    write_privately(machine.settings_folder / FILE, json.dumps(dict(list(sent.items())[-MOST:])))


def _kept(machine: Machine) -> dict[str, dict[str, str]]:
    """What was sent last of each workbook; nothing where the file is damaged: then the same is sent under a new key, which the
    service takes for a repeat of the same decisions."""
    try:
        found = json.loads((machine.settings_folder / FILE).read_text(encoding="utf-8"))
        return {str(name): {"content": str(one["content"]), "key": str(one["key"])} for name, one in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
