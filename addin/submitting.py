"""Submit: shows what will happen, asks, sends the open workbook's decisions as one act, and writes back what became of them."""

import uuid
from collections.abc import Sequence

from addin.decisions import Body
from addin.errors import NotKnown, NotReady
from addin.excel import Press
from addin.outbox import Act, remember
from addin.receipts import fill_receipts
from addin.results import by_sheet, mark, write_results
from addin.service import Service, service_of
from addin.validating import Checked, checked_to_send, counted, judged, notices, sent, summary, wrong

WRITE = "would be written"
NOT_WRITTEN = {"Dismiss": "dismissed", "Ask": "asked"}
REMEMBERED = "accepted and remembered"


def submit(press: Press) -> str:
    """Sends nothing where a line cannot be used, and nothing without a yes. Pressed twice it is done once."""
    found, act = checked_to_send(press)
    marked = mark(press, found.workbook, found.problems)
    if not found.usable:
        raise NotReady(f"Nothing was sent. {wrong(found)}\nMend these lines or clear them, then press Submit again.{marked}")
    question = f"{summary(found)}{notices(found)}\n\nWhat was submitted before is not sent again. Send it?"
    if not press.dialogs().confirm(question):
        return "Nothing was sent."
    with service_of(press) as service:
        copies = _taken(press, service, found, act)
        return _write(press, service, found, copies)


def _taken(press: Press, service: Service, found: Checked, act: Act) -> list[str]:
    """The service keeps the decisions. NotReady where they came to something else meanwhile; then nothing is written."""
    remember(press.machine, act)
    answer = _kept(service, found, act)
    now = judged(found.workbook, found.collected, answer)
    if not now.usable:
        mark(press, now.workbook, now.problems)
        raise NotReady(f"The decisions were received, and nothing is written to the PSA: since you were asked, {wrong(now)}")
    return list(answer["copies"])


def _kept(service: Service, found: Checked, act: Act) -> Body:
    """What the service says that it has kept: what it checked a moment ago, or what it is sent once more."""
    answer: Body
    try:
        answer = service.post("/decisions/checked", None, act.key)
    except NotKnown:
        answer = service.post("/decisions", sent(found.workbook, found.collected), act.key)
    return answer


def _write(press: Press, service: Service, found: Checked, copies: Sequence[str]) -> str:
    """Looks at the PSA and submits what the look shows."""
    written = _note(press, found)
    if not found.changes:
        return f"{counted(found.collected.number, 'decision')} received. None of them changes the PSA.{_moved(found)}{written}"
    looked = service.post(f"/runs/{found.workbook.run_id}/dry-run", {"copies": list(copies)}, twice=True)
    if stands_against(looked):
        raise NotReady("The decisions were received, and nothing is written to the PSA:\n" + "\n".join(stands_against(looked)))
    if not looked["foreseen"]:
        return f"All of it was submitted before.{fill_receipts(press, service, found.workbook)}"
    if not _agreed(press, looked["foreseen"]):
        return f"The decisions were received. Nothing is written to the PSA.{written}"
    body = {"copies": list(copies), "digest": looked["digest"]}
    kept = service.post(f"/runs/{found.workbook.run_id}/submissions", body, uuid.uuid4().hex)["submission"]
    said = "All of it was submitted before." if kept is None else _sent(kept, len(looked["foreseen"]))
    return f"{said}{_moved(found)}{fill_receipts(press, service, found.workbook)}"


def _moved(found: Checked) -> str:
    """What to do where the run was compared again."""
    return "\nThe run was compared again with the new mapping: press Refresh to see what moved." if found.remapped else ""


def stands_against(looked: Body) -> list[str]:
    """What keeps anything from being written."""
    missing = [f"permission is missing: {name}" for name in looked["missing"]]
    return missing + [f"{one['place']}: {one['message']}" for one in looked["problems"]]


def _agreed(press: Press, foreseen: Sequence[Body]) -> bool:
    """Asks once more where the PSA shows something else than was decided on; those lines are left alone."""
    other = [one for one in foreseen if one["verdict"] != WRITE]
    if not other:
        return True
    listed = [f"{_named(one)}: {one['verdict']} {one['said']}".rstrip() for one in other[:10]]
    number, rest = counted(len(other), "line"), counted(len(foreseen) - len(other), "change")
    head = f"The PSA shows something else for {number}, which will be left alone:"
    question = "\n".join([head, *listed, "", f"Write the other {rest}?"])
    return press.dialogs().confirm(question)


def _named(foreseen: Body) -> str:
    return f"{foreseen['change']['customer']}, {foreseen['change']['service']}"


def _sent(kept: Body, changes: int) -> str:
    if kept["state"] == "waiting":
        return f"{counted(changes, 'change')} submitted. Large ones wait until a second person approves them in the service."
    return f"{counted(changes, 'change')} submitted. Press Status to see what was written."


def _note(press: Press, found: Checked) -> str:
    """Lines that change nothing in the PSA are done when the service has them."""
    pairs = zip(found.collected.spots, found.collected.bodies, strict=True)
    texts = [(spot, NOT_WRITTEN[body["action"]]) for spot, body in pairs if body["action"] in NOT_WRITTEN]
    texts += [(spot, REMEMBERED) for spot in found.collected.row_spots]
    return write_results(press, by_sheet(texts))
