"""Decides the selected lines in the yellow cells: accept, dismiss, ask, clear. Nothing is sent."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from addin.cells import Column, bridged, filled, neighbours, quietly, write_rows
from addin.dialogs import chosen
from addin.excel import Press
from addin.selection import selected
from addin.workbook import Lines, open_workbook
from core.words import ACTIONS, COST_ACTIONS, REASON_OTHER, REASONS
from workbooks.layout import KEY
from workbooks.layout_costs import COSTS
from workbooks.layout_vendor import VENDOR
from workbooks.typed_values import plain, word

ACCEPTING = ("Approve", "Add line", "End line", "Update cost")
DISMISS, ASK = "Dismiss", "Ask"
INPUTS = tuple(dict.fromkeys(column.name for layout in (VENDOR, COSTS) for column in layout.inputs))

Row = Mapping[str, Any]
Entry = Mapping[str, Any]
"""What is written into one row, by the column's name; None empties a cell."""

SEEN = ("state", "to_bill", "measure", "proposed", "proven", "proposed_price", "unit_price", "vendor_cost", *INPUTS)
"""What decides whether a line can be accepted as it stands."""


@dataclass(frozen=True, slots=True)
class Left:
    """A line that is left as it is: the word says why, and is counted."""

    why: str


def accept_selected(press: Press) -> str:
    """Puts the accepting word of each row's state; what needs more than a word, or is decided otherwise, is left and counted."""
    return _decide(press, SEEN, accepted, "accepted")


def dismiss_selected(press: Press) -> str | None:
    """Asks for the reason and dismisses; a note is asked for where the reason wants one."""
    selected(open_workbook(press.book()))  # said before anything is asked
    return _with_reason(press)


def ask(press: Press) -> str | None:
    """Asks for the question and passes the lines on with it."""
    selected(open_workbook(press.book()))
    note = press.dialogs().text("What do you ask, and whom? It goes into the column Note of the selected lines.")
    if not note:
        return None
    return _decide(press, ("state", "decision", "note"), lambda row: _word(ASK, row, {"note": note}), "to be asked about")


def clear(press: Press) -> str:
    """Empties the yellow cells."""
    emptied = dict.fromkeys(INPUTS)

    def empty(row: Row) -> Entry | Left:
        return emptied if any(filled(row[name]) for name in INPUTS) else Left("had nothing in them")

    return _decide(press, INPUTS, empty, "cleared")


def accepted(row: Row) -> Entry | Left:
    """The accepting word of a row, or why it is left."""
    state = plain(row["state"]) if row["state"] is not None else ""
    legal = _legal(state)
    accepting = next((one for one in legal if one in ACCEPTING), None)
    if accepting is None:
        return Left(f"have the state {state}, in which there is nothing to accept" if state else "have no state")
    if filled(row["decision"]) and word(row["decision"]) != word(accepting):
        return Left("are decided otherwise: clear them first")
    missing = _missing(accepting, row)
    return Left(missing) if missing else {"decision": accepting}


def _legal(state: Any) -> Sequence[str]:
    """What may be decided in a state, of lines and of services' costs."""
    if word(state) in _COSTS_TO_DECIDE:
        return COST_ACTIONS
    return next((words for name, words in ACTIONS.items() if word(name) == word(state)), ())


_COSTS_TO_DECIDE = ("differs", "mixed", "other currency")


def _missing(accepting: str, row: Row) -> str:
    """What a row needs beside the word; empty where it needs nothing."""
    if accepting == "Update cost":
        return "" if filled(row["new_cost"]) or filled(row["vendor_cost"]) else "need a New cost"
    if accepting == "Add line" and not filled(row["add_to"]):
        return "need an agreement in Add to agreement"
    if accepting == "End line":
        return "need a reason, because the count proves no end" if _no(row["proven"]) and not filled(row["reason"]) else ""
    if word(row["measure"] or "") == "money":
        priced = filled(row["new_price"]) or (filled(row["proposed_price"]) and not _no(row["proposed"]))
        return "" if priced else "need a New price"
    if accepting == "Approve" and _no(row["proposed"]) and not filled(row["quantity"]):
        return "need a quantity: several lines share the difference"
    if not any(filled(row[name]) for name in ("new_price", "proposed_price", "unit_price")):
        return "need a New price"
    return ""


def _no(value: Any) -> bool:
    return value is not None and word(value) == "no"


def _word(action: str, row: Row, entry: Entry) -> Entry | Left:
    """Any row may be asked about; not every one can be dismissed."""
    legal = _legal(row["state"] or "")
    if action not in legal:
        return Left(f"cannot be decided with {action}")
    if filled(row["decision"]) and word(row["decision"]) != word(action):
        return Left("are decided otherwise: clear them first")
    return {"decision": action, **entry}


def _with_reason(press: Press) -> str | None:
    reason = chosen(press.dialogs(), "Why are the selected lines dismissed? Type the number.", REASONS)
    if reason is None:
        return None
    entry = {"reason": reason}
    if reason == REASON_OTHER:
        note = press.dialogs().text("This reason wants a note:")
        if not note:
            return None
        entry["note"] = note
    return _decide(press, ("state", "decision", "reason", "note"), lambda row: _word(DISMISS, row, entry), "dismissed")


def _decide(press: Press, names: Sequence[str], entry_of: Callable[[Row], Entry | Left], done: str) -> str:
    """Reads what the rows hold in one go, and writes what each is to have."""
    with quietly(press.app()):
        sheet, rows = selected(open_workbook(press.book()))
        lines = replace(sheet, first=rows[0], last=rows[-1])  # no more is read than was selected
        columns = lines.read(KEY, *names)
        rows = [row for row in rows if filled(columns[KEY][row - lines.first])]
        entries: dict[int, Entry] = {}
        left: Counter[str] = Counter()
        for row in rows:
            found = entry_of({name: column[row - lines.first] for name, column in columns.items()})
            if isinstance(found, Left):
                left[found.why] += 1
            else:
                entries[row] = found
        _write(lines, rows, entries, columns)
    return said(len(entries), done, left)


def _write(lines: Lines, rows: Iterable[int], entries: Mapping[int, Entry], columns: Mapping[str, Column]) -> None:
    """Writes what neighbouring columns get in one go; what a row does not get stays as it is."""
    visible = set(rows)  # nothing hidden was selected
    others = visible - entries.keys()
    alike: dict[tuple[str, ...], dict[int, Entry]] = {}
    for row, entry in entries.items():
        alike.setdefault(tuple(entry), {})[row] = entry
    for names, group in alike.items():
        by_place = {lines.places[name]: name for name in names if name in lines.places}
        for places in neighbours(sorted(by_place)):
            written = [by_place[place] for place in places]
            values = {row: [entry[name] for name in written] for row, entry in group.items()}
            known = [columns[name] for name in written if name in columns]
            empty = {row for row in others if all(column[row - lines.first] is None for column in known)}
            write_rows(lines.sheet, places[0], bridged(values, empty if len(known) == len(written) else set()), visible)


def said(number: int, done: str, left: Mapping[str, int]) -> str:
    """How it went, in words."""
    lines = [f"{number:,} {'line' if number == 1 else 'lines'} {done}."]
    lines += [f"{count:,} left: they {why}." for why, count in sorted(left.items(), key=lambda one: -one[1])]
    return "\n".join(lines)
