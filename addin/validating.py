"""Validate and Dry run: what the service says of the open workbook's decisions. Nothing is kept and nothing written to the PSA."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from addin.cells import quietly
from addin.decisions import MOST, Body, Collected, Problem, collect
from addin.errors import NotReady
from addin.excel import Press
from addin.outbox import Act, act_of
from addin.results import mark, told
from addin.service import service_of
from addin.workbook import OpenWorkbook, open_workbook

MOST_CHANGES = 15
"""Changes that fit into a dialog."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The decisions of a workbook, and what the service makes of them."""

    workbook: OpenWorkbook
    collected: Collected
    problems: tuple[Problem, ...]  # of lines
    others: tuple[str, ...]  # of no line
    notices: tuple[str, ...]
    changes: tuple[Body, ...]
    remapped: int = 0  # entries that the mapping gets

    @property
    def usable(self) -> bool:
        return not self.problems and not self.others


def validate(press: Press) -> str:
    """Marks and lists what cannot be used, and says what the rest comes to."""
    found = checked(press)
    said = mark(press, found.workbook, found.problems)
    number = found.collected.number
    if found.usable:
        return f"{counted(number, 'decision')}: all of them can be used.\n{summary(found)}{notices(found)}{said}"
    return f"{wrong(found)}{said}"


def dry_run(press: Press) -> str:
    """Lists what would be written to the PSA, where and from which date."""
    found = checked(press)
    lines = [f"From {one['effective_date']}, {one['customer']}: {one['what']}" for one in found.changes[:MOST_CHANGES]]
    more = len(found.changes) - MOST_CHANGES
    lines += [f"and {more:,} more"] if more > 0 else []
    said = f"\n\n{wrong(found)}" if not found.usable else ""
    return "\n".join(["Nothing was written. Submit would do this:", summary(found), *lines]) + notices(found) + said


def checked(press: Press) -> Checked:
    """What the service says of the decisions as they stand. NotReady where nothing is decided, or too much for one request."""
    return _asked(press, *_decided(press))


def checked_to_send(press: Press) -> tuple[Checked, Act]:
    """The same, checked under the key that they will be sent under: then the service need not be given them again."""
    workbook, collected = _decided(press)
    act = act_of(press.machine, workbook.workbook_id, [*collected.bodies, *collected.rows])
    return _asked(press, workbook, collected, act.key), act


def _decided(press: Press) -> tuple[OpenWorkbook, Collected]:
    with quietly(press.app()):
        workbook = open_workbook(press.book())
        collected = collect(workbook)
    if not collected.number and not collected.problems:
        raise NotReady("Nothing is decided in this workbook yet: choose in the column Decision, or press Accept selected.")
    if collected.number > MOST:
        raise NotReady(f"{collected.number:,} decisions are more than the {MOST:,} taken at once: return the workbook as a file.")
    return workbook, collected


def _asked(press: Press, workbook: OpenWorkbook, collected: Collected, key: str = "") -> Checked:
    if not collected.number:
        return Checked(workbook, collected, tuple(collected.problems), (), (), ())
    with service_of(press) as service:
        return judged(workbook, collected, service.post("/decisions/check", sent(workbook, collected), key, twice=True))


def sent(workbook: OpenWorkbook, collected: Collected) -> Body:
    """The decisions as they are sent, whether to be checked or to be kept."""
    return {"workbook_id": workbook.workbook_id, "decisions": collected.bodies, "rows": collected.rows}


def judged(workbook: OpenWorkbook, collected: Collected, answer: Body) -> Checked:
    """The answer, with the service's places turned into cells."""
    problems, others = list(collected.problems), list[str]()
    for one in answer["problems"]:
        spot = collected.spot_of(one["place"])
        if spot:
            problems.append(Problem(spot, one["message"]))
        else:
            others.append(f"{one['place']}: {one['message']}")
    said = tuple(f"{collected.spot_of(one['place']) or one['place']}: {one['message']}" for one in answer["notices"])
    return Checked(workbook, collected, tuple(problems), tuple(others), said, tuple(answer["changes"]), answer["remapped"])


def wrong(found: Checked) -> str:
    """What cannot be used, in words."""
    number = len({(id(one.spot.lines), one.spot.row) for one in found.problems}) + len(found.others)
    said = [told(found.problems), *found.others]
    return f"{counted(number, 'line')} cannot be used as decided:\n" + "\n".join(line for line in said if line)


def summary(found: Checked) -> str:
    """What the decisions come to, by word and in money."""
    words = Counter(str(body["action"]) for body in found.collected.bodies)
    sheets = Counter(spot.lines.name for spot in found.collected.row_spots)
    decided = ", ".join(
        [
            *(f"{number:,} {word}" for word, number in words.most_common()),
            *(f"{counted(number, 'row')} on {name}" for name, number in sheets.items()),
        ]
    )
    changes = f"{counted(len(found.changes), 'change')} to the PSA" if found.changes else "no change to the PSA"
    mapped = f"\nThe mapping gets {counted(found.remapped, 'new entry', 'new entries')}." if found.remapped else ""
    return f"{decided}: {changes}.{mapped}" + "".join(f"\n{line}" for line in money(found.changes))


def money(changes: Sequence[Body]) -> list[str]:
    """The effect on monthly revenue and on the next invoice, by currency."""
    lines = []
    for currency in dict.fromkeys(str(one["currency"]) for one in changes):
        own = [one for one in changes if one["currency"] == currency]
        before, after, catch_up = (_sum(own, name) for name in ("next_invoice_before", "next_invoice_after", "catch_up"))
        lines.append(
            f"Per month {_sum(own, 'effect'):+,.2f} {currency}; next invoices {before:,.2f} before, {after:,.2f} after"
            + (f", and {catch_up:,.2f} caught up" if catch_up else "")
            + "."
        )
    return lines


def _sum(changes: Sequence[Body], name: str) -> Decimal:
    return sum((Decimal(one[name]) for one in changes), Decimal(0))


def notices(found: Checked) -> str:
    """What is worth saying, as far as it fits."""
    shown = [*found.notices[:5], *([f"and {len(found.notices) - 5:,} more"] if len(found.notices) > 5 else [])]
    return "".join(f"\n{line}" for line in shown)


def counted(number: int, what: str, several: str = "") -> str:
    """1 line, 2 lines."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {several or what + 's'}"
