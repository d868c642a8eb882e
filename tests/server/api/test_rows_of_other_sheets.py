"""What is typed on the sheets beside those of lines, sent as JSON: it does what the file would do."""

from decimal import Decimal
from typing import Any

import pytest

from core.frames import values
from tests.connectors.api.sandboxes import add_line
from tests.server.api.site import LINE, Person, Site, places
from tests.server.write_back.loop import charge

TOTAL = {"table": "InvoiceTotals", "key": "microsoft.csv|USD", "cells": {"typed": " 38.5"}}


@pytest.fixture
def run_id(site: Site) -> str:
    """A line and its vendor's count, and another account that nobody knows yet."""
    add_line(site.loop.model, id=LINE, quantity=25, unitPrice=Decimal("22.00"))
    unknown = charge(3, "9.00", "sub-9", account_id="t-beta", account="Beta Ltd")
    return site.loop.run([charge(28, "28.00"), unknown])


@pytest.fixture
def workbook(site: Site, anna: Person, run_id: str) -> str:
    return site.issued(anna, run_id)


def account(site: Site, run_id: str, **cells: str) -> dict[str, Any]:
    (key,) = values(site.loop.store.result(run_id, "unmapped_accounts")["key"])
    return {"table": "UnmappedAccounts", "key": key, "cells": cells}


def test_an_account_is_mapped_and_a_total_is_kept(site: Site, anna: Person, run_id: str, workbook: str) -> None:
    body = {"workbook_id": workbook, "rows": [account(site, run_id, decision="internal "), TOTAL]}
    checked = anna.post("/decisions/check", body)
    assert (checked["problems"], checked["remapped"], checked["counts"]) == ([], 1, {})
    assert [(one["source"], one["typed"]) for one in checked["totals"]] == [("microsoft.csv", "38.50")]
    assert [a.account_id for a in site.loop.store.mapping().accounts] == ["t-acme"]
    taken = anna.post("/decisions", body, headers={"Idempotency-Key": "key-0001"})
    assert {name: taken[name] for name in checked if name != "revision"} == {n: v for n, v in checked.items() if n != "revision"}
    (_, beta) = sorted(site.loop.store.mapping().accounts, key=lambda a: a.account_id)
    assert (beta.account_id, str(beta.kind)) == ("t-beta", "internal")
    assert len(site.loop.store.revisions(run_id)) == 2
    again = anna.post("/decisions", body, headers={"Idempotency-Key": "key-0001"})
    assert (again["remapped"], again["copies"]) == (0, taken["copies"])
    assert len(site.loop.store.revisions(run_id)) == 2


def test_rows_and_decisions_go_together(site: Site, anna: Person, run_id: str, workbook: str) -> None:
    (row,) = site.loop.rows()
    decision = {"key": row.key, "fingerprint": row.fingerprint, "action": "Approve"}
    rows = [account(site, run_id, decision="Map", target="Acme")]
    taken = anna.post("/decisions/check", {"workbook_id": workbook, "decisions": [decision], "rows": rows})
    assert (taken["remapped"], taken["counts"]) == (1, {"suspended": 1})  # three more seats count for the line now


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"target": "Acme"}, "Target is typed, but nothing is decided"),
        ({"decision": "Maybe"}, "'Maybe' is not a choice"),
        ({"decision": "Exclude", "reason": "a test"}, "Exclude wants a reason, an owner and a review date"),
        ({"decision": "Map", "target": "Nobody"}, "Nobody"),
        ({"decision": "Exclude", "reason": "a", "owner": "b", "review": "soon"}, "soon"),
    ],
)
def test_what_cannot_be_used_is_a_problem_of_its_row(
    site: Site, anna: Person, run_id: str, workbook: str, cells: dict[str, str], said: str
) -> None:
    answer = anna.post("/decisions/check", {"workbook_id": workbook, "rows": [TOTAL, account(site, run_id, **cells)]})
    (problem,) = answer["problems"]
    assert problem["place"] == f"decisions of Anna on workbook {workbook}, row 2"
    assert said in problem["message"]
    assert answer["remapped"] == 0


def test_a_row_that_was_not_issued_is_not_used(anna: Person, workbook: str) -> None:
    rows = [{"table": "UnmappedServices", "key": "Microsoft|x", "cells": {"decision": "Free"}}]
    (problem,) = anna.post("/decisions/check", {"workbook_id": workbook, "rows": rows})["problems"]
    assert "was not issued with this workbook" in problem["message"]


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([], "decisions"),
        ([TOTAL, TOTAL], "decision on microsoft.csv|USD"),
        ([TOTAL | {"cells": {"typed": "1", "colour": "red"}}], "row 1"),
    ],
)
def test_what_is_no_row_of_a_table_is_refused(anna: Person, workbook: str, rows: list[Any], place: str) -> None:
    assert places(anna.post("/decisions/check", {"workbook_id": workbook, "rows": rows}, expect=422)) == [place]


def test_a_table_that_nobody_types_into_is_refused(anna: Person, workbook: str) -> None:
    rows = [TOTAL | {"table": "Evidence"}]
    assert "rows" in str(anna.post("/decisions/check", {"workbook_id": workbook, "rows": rows}, expect=422))
