"""The key under which a workbook's decisions are sent: the same decisions again are the same act, even after a crash or on a
workbook that was reopened. Whoever changes their mind and changes it back acts again, under another key."""

import hashlib
import json
import uuid
from typing import Any

from addin.machine import Machine
from addin.settings import write_privately

FILE = "sent.json"
MOST = 200
"""Workbooks that are remembered; the oldest is forgotten."""


def key_for(machine: Machine, workbook_id: str, decisions: list[dict[str, Any]]) -> str:
    """The key of these decisions, which is kept before anything is sent."""
    sent = _kept(machine)
    content = hashlib.sha256(json.dumps(decisions, sort_keys=True).encode()).hexdigest()
    last = sent.pop(workbook_id, None)
    key = last["key"] if last and last["content"] == content else uuid.uuid4().hex
    sent[workbook_id] = {"content": content, "key": key}
    newest = dict(list(sent.items())[-MOST:])
    write_privately(machine.settings_folder / FILE, json.dumps(newest))
    return key


def _kept(machine: Machine) -> dict[str, dict[str, str]]:
    """What was sent last of each workbook; nothing where the file is damaged: then the same is sent under a new key, which the
    service takes for a repeat of the same decisions."""
    try:
        found = json.loads((machine.settings_folder / FILE).read_text(encoding="utf-8"))
        return {str(name): {"content": str(one["content"]), "key": str(one["key"])} for name, one in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
