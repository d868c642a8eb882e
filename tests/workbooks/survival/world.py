"""A small month with a decision of every kind, and what a copy of it says."""

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.frames import frame
from core.records import AgreementLine, Charge, Decision, MappingDecision, Problem
from core.run import Reconciliation
from tests.workbooks import example
from tests.workbooks.book import Book
from tests.workbooks.survival.where import where
from workbooks.compare_issued import against_issued
from workbooks.reader import read_workbook

CUSTOMERS = example.CUSTOMERS[:5]

NEW_BACKUP = "new:782025b6f25f565275d8"
DECIDED: dict[tuple[str, str], dict[str, Any]] = {
    ("Microsoft", "line:3589"): {"Decision": "Approve"},
    ("Microsoft", "line:3591"): {"Decision": "Approve", "Quantity": 14, "Reason": "agreed"},
    ("Microsoft", "line:3593"): {"Decision": "Dismiss", "Reason": "commitment"},
    ("Microsoft", "line:3603"): {"Decision": "Approve", "From": example.NEXT, "Note": "as agreed"},
    ("Microsoft", "line:3609"): {"Decision": "Ask", "Note": "Ben: since when?"},
    ("Pax8", "line:3619"): {"Decision": "End line"},
    ("Pax8", "line:3625"): {"Decision": "Approve", "Quantity": 90.5, "From": example.NEXT, "New price": 3.25, "Reason": "trial"},
    ("Pax8", NEW_BACKUP): {"Decision": "Add line", "Add to agreement": "Backup add-on (child of Managed 365) [902]"},
    ("Unmapped accounts", "account:Microsoft:mi-900:USD"): {"Decision": "Map"},
    ("Unmapped services", "service:Microsoft:VISIO:USD"): {"Decision": "Internal"},
    ("No vendor", "line:4303"): {"Vendor expected": "None expected"},
    ("Cover", "microsoft_2026-11.csv|USD"): {"Invoice total": 14791.97},
}
"""What is typed, by sheet and key, under which header."""


def small() -> Reconciliation:
    """Five customers of the example, three vendors."""
    lines = [line for line in example.lines() if line.customer in CUSTOMERS]
    charges = [
        one for one in example.charges() if not one.account_id[3:].isdigit() or int(one.account_id[3:]) <= 5 or one.row >= 84
    ]
    return example.example(lines=frame(AgreementLine, lines), charges=frame(Charge, charges))


def decide(issued: Path, path: Path) -> Path:
    """A copy with everything that is decided typed in."""
    book, places = Book(issued), where(issued)
    for (tab, key), cells in DECIDED.items():
        for header, value in cells.items():
            book[tab][places[tab].cell(header, key)].value = value
    book.save(path)
    return path


@dataclass(frozen=True, slots=True)
class Said:
    """What a copy says after it was compared with what was issued, without places."""

    decisions: dict[str, Decision | MappingDecision | Decimal]  # by key
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]


def said(path: Path, issued: Reconciliation) -> Said:
    """As the server takes a copy in."""
    made, changed = against_issued(read_workbook(path), issued)
    lines: dict[str, Decision | MappingDecision | Decimal] = {one.key: _plain(one) for one in made.decisions}
    mapped = {key: replace(one, place="") for key, one in zip(made.mapping_keys, made.mapping_decisions, strict=True)}
    totals = {"|".join(whose): typed for whose, typed in made.typed_totals.items()}
    return Said(lines | mapped | totals, made.problems, (*changed, *made.notices))


def _plain(one: Decision) -> Decision:
    """Without its place; an agreement is judged whatever its case."""
    return replace(one, place="", agreement=one.agreement.casefold() if one.agreement else None)
