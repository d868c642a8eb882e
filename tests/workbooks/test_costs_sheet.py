"""Costs, Clients and Evidence in a workbook: what they show, and what of it is read back."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.records import Action
from core.run import Reconciliation
from tests.workbooks.book import Book
from tests.workbooks.editing import type_into, typed
from tests.workbooks.places import cell, rows_of
from workbooks.compare_issued import changed_cells
from workbooks.layout_costs import COSTS
from workbooks.layout_lookups import CLIENTS, EVIDENCE
from workbooks.layout_vendor import VENDOR
from workbooks.reader import read_workbook
from workbooks.rows import blocks

EDR = "cost:HUN"


def block(reconciliation: Reconciliation, name: str) -> Any:
    return next(b for b in blocks(reconciliation) if b.sheet.name == name)


def test_the_costs_to_decide_come_first_with_what_each_vendor_charges(reconciliation: Reconciliation) -> None:
    first, second, *rest = block(reconciliation, "Costs").rows
    assert (first["service"], first["state"], first["vendor_cost"], first["to_decide"]) == (
        "Managed EDR (Huntress)", "Differs", Decimal("3.10"), "Yes",
    )  # fmt: skip
    assert (second["state"], second["vendor_cost"]) == ("Mixed", None)
    assert second["vendor_costs"] == "Microsoft 31.20 USD (188 units); Microsoft 37.44 USD (3 units)"
    assert {row["state"] for row in rest} == {"Same"}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"decision": " update COST "}, (Action.UPDATE_COST, None, False)),
        ({"decision": "Update cost", "new_cost": "3.05", "reason": "rebate"}, (Action.UPDATE_COST, Decimal("3.05"), False)),
        ({"decision": "Update cost", "own_too": "yes"}, (Action.UPDATE_COST, None, True)),
        ({"decision": "Update cost", "own_too": "No"}, (Action.UPDATE_COST, None, False)),
        ({"decision": "Dismiss", "reason": "commitment"}, (Action.DISMISS, None, False)),
        ({"decision": "Ask", "note": "Ben: since when?"}, (Action.ASK, None, False)),
    ],
)
def test_a_decision_on_a_cost_is_read(issued: Path, tmp_path: Path, cells: dict[str, Any], said: tuple[Any, ...]) -> None:
    returned = typed(issued, tmp_path / "c.xlsx", "Costs", EDR, cells, COSTS)
    (found,) = returned.decisions
    assert (found.action, found.new_price, found.own_too) == said
    assert (found.key, bool(found.fingerprint), found.by) == (EDR, True, "anna@northwind.example")
    assert (returned.problems, returned.mapping_decisions) == ((), ())


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ({"decision": "Approve"}, "decision", "'Approve' is not a choice; choose Update cost or Dismiss or Ask, or leave it empty"),
        ({"new_cost": 3}, "new_cost", "New cost is typed, but nothing is decided"),
        ({"own_too": "Yes"}, "own_too", "Own costs too is typed, but nothing is decided"),
        ({"decision": "Update cost", "own_too": "perhaps"}, "own_too", "'perhaps' is neither Yes nor No"),
        ({"decision": "Update cost", "new_cost": -3}, "new_cost", "New cost: -3 is below zero"),
        ({"decision": "Update cost", "new_cost": "three"}, "new_cost", "New cost"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_cell(
    issued: Path, tmp_path: Path, cells: dict[str, Any], column: str, said: str
) -> None:
    returned = typed(issued, tmp_path / "c.xlsx", "Costs", EDR, cells, COSTS)
    (problem,) = returned.problems
    assert problem.place == f"c.xlsx, Costs!{cell(column, rows_of(issued, 'Costs')[EDR], COSTS)}"
    assert problem.message.startswith(said)
    assert returned.decisions == ()


def test_a_changed_cost_is_reported_and_clients_and_evidence_are_not_read(
    issued: Path, tmp_path: Path, reconciliation: Reconciliation
) -> None:
    client, seat = next(iter(rows_of(issued, "Clients").values())), next(iter(rows_of(issued, "Evidence").values()))

    cells = {
        "Costs": {cell("catalogue_cost", rows_of(issued, "Costs")[EDR], COSTS): 3.1},
        "Clients": {cell("money", client, CLIENTS): 0},
        "Evidence": {cell("counted", seat, EVIDENCE): 99},
    }
    type_into(issued, tmp_path / "c.xlsx", cells)
    said = [problem.message for problem in changed_cells(read_workbook(tmp_path / "c.xlsx"), reconciliation)]
    assert said == ["Catalogue cost was issued as 2.95 and reads 3.1 now: not used"]


def test_evidence_stands_by_ref_and_adds_up_to_the_vendors_counts(reconciliation: Reconciliation) -> None:
    made = blocks(reconciliation)
    lines = {row["key"]: row for b in made if b.sheet is VENDOR for row in b.rows}
    evidence = block(reconciliation, "Evidence").rows
    assert [row["ref"] for row in evidence] == sorted(row["ref"] for row in evidence)
    counted: dict[Any, Decimal] = defaultdict(Decimal)
    for row in evidence:
        assert row["ref"] == lines[row["line_key"]]["ref"]
        assert row["customer"] == lines[row["line_key"]]["customer"]
        counted[row["line_key"]] += row["counted"] or 0
    plain = [r for r in lines.values() if r["vendor_quantity"] is not None and r["service"] != "Microsoft 365 Business Premium"]
    assert [(r["key"], counted[r["key"]]) for r in plain] == [(r["key"], r["vendor_quantity"]) for r in plain]


def test_the_clients_stand_worst_first(reconciliation: Reconciliation) -> None:
    money = [row["money"] for row in block(reconciliation, "Clients").rows]
    assert money == sorted(money, reverse=True)
    assert len(money) == 18 - 1  # the one with an ended agreement only is not compared


def test_the_printed_columns_fit_a_landscape_page_and_the_decision_the_first_screen(issued: Path) -> None:
    for sheet in (COSTS, CLIENTS, EVIDENCE):
        assert sum(c.width for c in sheet.columns if c.prints) <= 170
    names = [c.name for c in COSTS.columns]
    assert sum(c.width for c in COSTS.columns[: names.index("decision") + 1]) <= 155
    tabs = Book(issued).sheetnames
    assert tabs.index("Not compared") < tabs.index("Costs") < tabs.index("Unmapped accounts") < tabs.index("Clients")
    assert tabs.index("Clients") < tabs.index("Evidence") < tabs.index("Checks")


def test_what_has_no_rows_is_left_out(reconciliation: Reconciliation) -> None:
    bare = replace(reconciliation, inputs=replace(reconciliation.inputs, services=()))
    assert "Costs" not in [b.sheet.name for b in blocks(bare)]
