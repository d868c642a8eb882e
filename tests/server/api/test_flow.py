"""The whole way over HTTP: connected, read, compared, issued, decided, submitted, approved, written, told, taken back."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from server.api.registry import WORKBOOK
from server.store.tokens import Scope
from tests.connectors.api.sandboxes import add_line
from tests.server.api.site import LINE, Person, Site, places
from tests.workbooks.editing import fill_in
from workbooks.layout_vendor import VENDOR


def copy_of(site: Site, person: Person, run_id: str, tmp_path: Any, decision: str = "Approve", **body: Any) -> bytes:
    """The run's workbook with one word typed into every row of a vendor's sheet."""
    answer = person.ask("POST", f"/runs/{run_id}/workbooks", json=body, expect=201)
    assert answer.mimetype == WORKBOOK
    issued, copy = tmp_path / "issued.xlsx", tmp_path / "copy.xlsx"
    issued.write_bytes(answer.get_data())
    assert fill_in(issued, copy, lambda sheet, _: {"decision": decision} if sheet is VENDOR else None) == 1
    return bytes(copy.read_bytes())


def sent(data: bytes, *names: str) -> dict[str, Any]:
    return {"data": {"copies": [(io.BytesIO(data), name) for name in names]}, "content_type": "multipart/form-data"}


def test_a_connection_is_added_tried_read_and_compared(site: Site, anna: Person) -> None:
    psa = site.loop.psa
    anna.ask("DELETE", "/connections/psa", expect=204)
    body = {"name": "cw", "connector": "connectwise", "settings": {"address": psa.url, **psa.keys}, "per_minute": 6000}
    added = anna.post("/connections", body, 201)
    assert (added["by"], added["role"], added["secrets"]["private_key"]) == ("Anna", "PSA", "the store, encrypted")
    assert "private_key" not in added["settings"]
    assert anna.post("/connections", body, 409)["type"] == "urn:tieout:problem:exists"
    assert any("agreement" in line for line in anna.post("/connections/cw/try")["lines"])
    add_line(psa.service.model, id=LINE, quantity=25)
    job = anna.post("/connections/cw/reads", {"full": True}, 202)["job_id"]
    assert anna.get(f"/jobs/{job}")["state"] == "done"
    (read,) = anna.get("/connections/cw/reads")["reads"]
    assert (read["state"], read["by"], anna.get(f"/reads/{read['id']}")["source"]["rows"]) == ("good", "Anna", 1)
    answer = anna.ask("POST", "/runs", json={"period": "2026-11", "recipient": "Ben"}, expect=201)
    run_id = answer.headers["Tieout-Run"]
    shown = anna.get(f"/runs/{run_id}")
    assert (shown["id"], shown["created_by"], shown["today"], shown["completeness"]["unexplained"]) == (
        run_id,
        "Anna",
        "2026-11-26",
        0,
    )
    assert [w["recipient"] for w in shown["workbooks"]] == ["Ben"]
    assert [r["id"] for r in anna.get("/runs", period="2026-11")["runs"]] == [run_id]
    assert anna.get("/runs", period="2026-10")["runs"] == []


def test_a_connection_that_is_paused_or_read_already_is_not_read(site: Site, anna: Person) -> None:
    anna.post("/connections/psa/pause", {"why": "maintenance"})
    assert "maintenance" in anna.post("/connections/psa/reads", {}, 422)["problems"][0]["message"]
    assert anna.post("/connections/psa/resume")["paused_why"] is None
    running = site.loop.store.begin_read("psa", "full", "ben")  # type: ignore[arg-type]
    assert anna.post("/connections/psa/reads", {}, 409)["type"] == "urn:tieout:problem:busy"
    assert anna.post(f"/reads/{running.id}/cancel")["state"] == "failed"
    assert anna.post(f"/reads/{running.id}/accept", expect=409)["type"] == "urn:tieout:problem:not-held"


def test_a_copy_is_checked_without_being_kept_then_taken_once(site: Site, anna: Person, tmp_path: Any) -> None:
    run_id = site.run()
    data = copy_of(site, anna, run_id, tmp_path, recipient="Ben")
    lines = len(anna.get("/activity", limit=1000)["lines"])
    checked = anna.post("/copies/check", **sent(data, "november.xlsx"))
    assert (checked["run_id"], checked["counts"], checked["problems"]) == (run_id, {"accepted": 1}, [])
    (change,) = checked["changes"]
    assert (change["old_quantity"], change["new_quantity"], change["next_invoice_after"]) == ("25.0000", "28.0000", "616.00")
    assert len(anna.get("/activity", limit=1000)["lines"]) == lines
    assert site.loop.store.decisions_of_run(run_id) == []
    taken = anna.post("/copies", **sent(data, "../../november.xlsx"))
    assert {name: taken[name] for name in checked} == checked
    (copy,) = site.loop.store.copies(anna.get(f"/runs/{run_id}")["workbooks"][0]["id"])
    assert (copy.file_name, copy.by, [copy.id]) == ("november.xlsx", "Anna", taken["copies"])
    (kept,) = site.loop.store.decisions_of_run(run_id)
    assert (kept.by, kept.place.partition(",")[0]) == ("Ben", "november.xlsx")
    again = anna.post("/copies", **sent(data, "other.xlsx", "november.xlsx"))
    assert again["copies"] == taken["copies"]
    assert len(site.loop.store.decisions_of_run(run_id)) == 1


def test_a_file_that_is_no_workbook_is_refused_under_its_label(site: Site, anna: Person) -> None:
    refused = anna.post("/copies", expect=422, **sent(b"PK no zip", "../etc/passwd", "passwd"))
    assert refused["type"] == "urn:tieout:problem:refused"
    assert set(places(refused)) == {"1: passwd", "2: passwd"}
    assert "tmp" not in str(refused)


def test_decisions_as_json_are_a_copy_like_any_other(site: Site, anna: Person) -> None:
    run_id = site.run()
    body = {
        "workbook_id": site.issued(anna, run_id, recipient="Ben"),
        "decisions": [site.decision(run_id, quantity="27.5", reason="agreed")],
    }
    assert anna.post("/decisions/check", body)["counts"] == {"accepted": 1}
    assert site.loop.store.decisions_of_run(run_id) == []
    key = {"Idempotency-Key": "the-add-in-1"}
    taken = anna.post("/decisions", body, headers=key)
    assert anna.post("/decisions", body, headers=key)["copies"] == taken["copies"]
    (kept,) = site.loop.store.decisions_of_run(run_id)
    assert (kept.by, str(kept.quantity), kept.reason) == ("Anna", "27.5000", "agreed")
    other = {**body, "decisions": [site.decision(run_id, "Dismiss", reason="commitment")]}
    assert site.person("Ben", Scope.DECIDE).post("/decisions", other)["counts"] == {"conflict": 1}


STEPS = [
    {"quantity": "28", "effective_date": "2027-01-01", "note": "as agreed"},
    {"quantity": "26", "effective_date": "2026-12-01"},
]


def test_dated_steps_are_one_decision_and_other_steps_another(site: Site, anna: Person) -> None:
    run_id = site.run()
    body = {"workbook_id": site.issued(anna, run_id, recipient="Ben"), "decisions": [site.decision(run_id, steps=STEPS)]}
    found = anna.post("/decisions", body, headers={"Idempotency-Key": "the-add-in-1"})
    assert found["counts"] == {"accepted": 1}
    (change,) = found["changes"]
    assert [(s["quantity"], s["effective_date"], s["note"]) for s in change["steps"]] == [
        ("26", "2026-12-01", None), ("28", "2027-01-01", "as agreed"),
    ]  # fmt: skip
    assert anna.post("/decisions", body, headers={"Idempotency-Key": "the-add-in-1"})["copies"] == found["copies"]
    (kept,) = site.loop.store.decisions_of_run(run_id)
    assert [(str(s.quantity), str(s.effective_date)) for s in kept.steps] == [("28", "2027-01-01"), ("26", "2026-12-01")]
    other = {**body, "decisions": [site.decision(run_id, steps=[*STEPS[1:], {**STEPS[0], "effective_date": "2027-02-01"}])]}
    assert site.person("Ben", Scope.DECIDE).post("/decisions", other)["counts"] == {"conflict": 1}
    (foreseen,) = anna.post(f"/runs/{run_id}/dry-run", {})["foreseen"]
    assert foreseen["said"] == (
        "add a line of 28 BP at 22 from 2027-01-01; then on line 3589 change quantity 25 to 26 and cancelled date to 2026-12-31"
    )


@pytest.mark.parametrize(
    ("step", "counts", "place"),
    [
        ({"effective_date": "2026-12-01"}, {"refused": 1}, "decision 1, step 3"),
        ({"quantity": "0", "effective_date": "2027-02-01"}, {"refused": 1}, "decision 1, step 3"),
        ({"quantity": "29", "effective_date": "2027-01-15"}, {"refused": 1}, "decision 1"),
    ],
)
def test_a_step_that_cannot_be_used_is_named(
    site: Site, anna: Person, step: dict[str, str], counts: dict[str, int], place: str
) -> None:
    run_id = site.run()
    body = {
        "workbook_id": site.issued(anna, run_id),
        "decisions": [site.decision(run_id, steps=[*STEPS, {"quantity": "28"} | step])],
    }
    found = anna.post("/decisions/check", body)
    assert found["counts"] == counts
    assert [p["place"].partition(", ")[2] for p in found["problems"]] == [place]


@pytest.mark.parametrize("step", [{"quantity": 28, "effective_date": "2026-12-01"}, {"quantity": "28"}, {**STEPS[0], "from": "x"}])
def test_a_step_of_another_shape_is_refused(site: Site, anna: Person, step: dict[str, Any]) -> None:
    run_id = site.run()
    anna.post(
        "/decisions/check",
        {"workbook_id": site.issued(anna, run_id), "decisions": [site.decision(run_id, steps=[step])]},
        expect=422,
    )


def test_whoever_changed_their_mind_can_change_it_back(site: Site, anna: Person) -> None:
    run_id = site.run()
    workbook = site.issued(anna, run_id)
    for action, typed in (("Approve", {}), ("Dismiss", {"reason": "commitment"}), ("Approve", {})):
        decision = site.decision(run_id, action, **typed)
        assert anna.post("/decisions", {"workbook_id": workbook, "decisions": [decision]})["counts"] == {"accepted": 1}
        assert [str(kept.action) for kept in site.loop.store.decisions(run_id)] == [action]


def test_a_slice_takes_no_decision_on_rows_that_it_does_not_hold(site: Site, anna: Person) -> None:
    run_id = site.run()
    workbook = site.issued(anna, run_id, customers=["Acme"])
    odd = {"workbook_id": workbook, "decisions": [{**site.decision(run_id), "key": "line:9999"}]}
    found = anna.post("/decisions", odd)
    assert found["counts"] == {}
    assert "not issued with this workbook" in found["problems"][0]["message"]
    assert anna.post(f"/runs/{run_id}/workbooks", {"customers": ["Acne"]}, 422)["problems"][0]["message"].endswith("'Acme'?")


def test_what_the_dry_run_shows_is_written_and_told_by_its_receipt(site: Site, anna: Person) -> None:
    run_id = site.decided(anna)
    looked = anna.post(f"/runs/{run_id}/dry-run", {})
    assert [(f["verdict"], f["writes"][0]["path"]) for f in looked["foreseen"]] == [
        ("would be written", f"/finance/agreements/871/additions/{LINE}")
    ]
    (money,) = looked["money"]
    assert (money["effect"], money["next_invoice_before"], money["next_invoice_after"]) == ("66.00", "550.00", "616.00")
    assert site.loop.requests() == []
    kept = site.submitted(anna, run_id)["submission"]
    assert (kept["by"], kept["state"], kept["counts"]) == ("Anna", "finished", {"done": 1})
    assert site.loop.model.additions[LINE]["quantity"] == 28
    (receipt,) = anna.get(f"/submissions/{kept['id']}/receipts")["receipts"]
    (write,) = receipt["writes"]
    assert (receipt["outcome"], write["before"], write["seen"]["quantity"]) == ("done", {"quantity": "25"}, "28")
    assert [s["id"] for s in anna.get("/submissions", run=run_id)["submissions"]] == [kept["id"]]


def test_the_same_key_is_the_same_submission_and_never_another_one(site: Site, anna: Person) -> None:
    site.jobs.sends = False
    first = site.decided(anna)
    kept = site.submitted(anna, first)["submission"]
    again = site.submitted(anna, first)
    assert (again["submission"]["id"], len(site.loop.store.writes.submissions())) == (kept["id"], 1)
    second = site.decided(anna, 30)
    refused = site.submitted(anna, second, expect=409)
    assert (refused["type"], kept["id"] in refused["detail"]) == ("urn:tieout:problem:key-reused", True)
    assert site.submitted(site.person("Ben"), first, expect=409)["type"] == "urn:tieout:problem:key-reused"


def test_another_digest_than_the_dry_run_s_is_refused(site: Site, anna: Person) -> None:
    run_id = site.decided(anna)
    refused = site.submitted(anna, run_id, expect=422, digest="0" * 64)
    assert "than the dry run showed" in refused["problems"][0]["message"]
    assert site.loop.store.writes.submissions() == []


def test_a_large_change_waits_for_another_person_whatever_token_the_first_one_has(site: Site, anna: Person) -> None:
    kept = site.submitted(anna, site.decided(anna, 60))["submission"]
    assert (kept["state"], kept["large"]) == ("waiting", True)
    refused = site.person("Anna", Scope.APPROVE).post(f"/submissions/{kept['id']}/approve", expect=422)
    assert "somebody else's approval" in refused["problems"][0]["message"]
    assert site.loop.requests() == []
    approved = site.person("Ben", Scope.APPROVE).post(f"/submissions/{kept['id']}/approve")
    assert (approved["approved_by"], approved["state"]) == ("Ben", "finished")
    assert site.loop.model.additions[LINE]["quantity"] == 60


def test_a_submission_is_paused_resumed_and_cancelled(site: Site, anna: Person) -> None:
    site.jobs.sends = False
    kept = site.submitted(anna, site.decided(anna))["submission"]["id"]
    assert anna.post(f"/submissions/{kept}/pause")["state"] == "paused"
    assert anna.post(f"/submissions/{kept}/resume")["state"] == "running"
    cancelled = anna.post(f"/submissions/{kept}/cancel")
    assert (cancelled["not_sent"], cancelled["submission"]["state"]) == (1, "cancelled")
    assert cancelled["submission"]["counts"] == {"cancelled": 1}
    assert site.jobs.woken == [kept, kept, kept]


def test_an_undo_is_a_submission_of_its_own_and_what_was_invoiced_is_a_credit(site: Site, anna: Person) -> None:
    kept = site.submitted(anna, site.decided(anna))["submission"]["id"]
    undone = anna.post(f"/submissions/{kept}/undo", {})
    assert (undone["submission"]["undoes"], undone["submission"]["counts"], undone["credits"]) == (kept, {"done": 1}, [])
    assert site.loop.model.additions[LINE]["quantity"] == 25
    (number,) = [r["change"]["id"] for r in anna.get(f"/submissions/{kept}/receipts")["receipts"]]
    (back,) = anna.get(f"/submissions/{undone['submission']['id']}/receipts")["receipts"]
    assert (back["change"]["undoes"], back["change"]["by"]) == (number, "Anna")
    assert "taken back already" in anna.post(f"/submissions/{kept}/undo", {"changes": [number]}, 422)["problems"][0]["message"]


def test_what_was_invoiced_since_is_credited_by_hand(site: Site, anna: Person) -> None:
    kept = site.submitted(anna, site.decided(anna))["submission"]["id"]
    site.loop.next_invoice()
    undone = anna.post(f"/submissions/{kept}/undo", {})
    assert undone["submission"] is None
    assert [credit["amount"] for credit in undone["credits"]] == ["66.00"]


def test_the_mapping_is_changed_entry_by_entry_and_keeps_its_history(site: Site, anna: Person) -> None:
    account = {"vendor": "Pax8", "account_id": "c-1", "account": "Acme", "kind": "mapped", "customer_id": "250", "share": "1"}
    first = anna.post("/mapping", {"accounts": [account], "none_expected": ["BACKUP"]})["version"]
    assert anna.post("/mapping", {"accounts": [account]})["version"] == first
    found = anna.get("/mapping")
    assert (found["version"], found["none_expected"], found["accounts"][0]["share"]) == (first, ["BACKUP"], "1")
    ended = anna.post("/mapping", {"removed": [{"subject": "account", "identity": ["Pax8", "c-1"]}]})["version"]
    assert (ended, anna.get("/mapping")["accounts"]) == (first + 1, [])
    newest = anna.get("/mapping/history", limit=1)["entries"][0]
    assert (newest["by"], newest["content"], newest["identity"]) == ("Anna", None, ["Pax8", "c-1"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"share": "0.5"}, "add up to 0.5"),
        ({"customer_id": None}, "to whom is it mapped"),
        ({"kind": "free"}, "mapped, internal or excluded"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(anna: Person, wrong: dict[str, Any], said: str) -> None:
    account = {"vendor": "Pax8", "account_id": "c-1", "account": "Acme", "kind": "mapped", "customer_id": "250"}
    assert said in str(anna.post("/mapping", {"accounts": [account | wrong]}, 422)["problems"])


def test_rows_and_the_log_come_in_pages(site: Site, anna: Person) -> None:
    run_id = site.run()
    (row,) = anna.get(f"/runs/{run_id}/rows", state="Reconcile")["rows"]
    assert (row["psa_quantity"], row["vendor_quantity"], row["customer"]) == ("25.0000", "28.0000", "Acme")
    assert anna.get(f"/runs/{run_id}/rows", customer="Nobody") == {"rows": [], "total": 0}
    lines = anna.get("/activity", limit=1000)["lines"]
    paged, before = [], None
    while page := anna.get("/activity", limit=2, **({"before": before} if before else {}))["lines"]:
        paged += page
        before = page[-1]["id"]
    assert paged == lines
    assert {line["run"] for line in anna.get(f"/runs/{run_id}/log")["lines"]} == {run_id}


def test_a_vendor_s_cost_is_looked_at_and_written(site: Site, anna: Person) -> None:
    run_id = site.run()
    cost = {"service_id": "BP", "cost": "18.10"}
    looked = anna.post(f"/runs/{run_id}/costs/dry-run", cost)
    assert looked["foreseen"][0]["change"]["action"] == "Cost"
    sent_ = {**cost, "digest": looked["digest"]}
    kept = anna.post(f"/runs/{run_id}/costs", sent_, headers={"Idempotency-Key": "cost-0001"})["submission"]
    assert set(kept["counts"]) == {"done"}
    assert str(site.loop.model.products[412]["cost"]) == "18.10"
    listed = {one["service"]["service_id"]: one["row"] for one in anna.get(f"/runs/{run_id}/costs")["costs"]}
    assert listed
    assert all(row["key"] == f"cost:{number}" and row["fingerprint"] for number, row in listed.items())


def test_a_workbook_may_have_one_sheet_for_all_vendors_and_be_protected(site: Site, anna: Person) -> None:
    run_id = site.run()
    for body, tab in (({}, "Microsoft"), ({"layout": "vendor"}, "Microsoft"), ({"layout": "client", "protect": True}, "Lines")):
        answer = anna.ask("POST", f"/runs/{run_id}/workbooks", json=body, expect=201)
        book = load_workbook(io.BytesIO(answer.get_data()))
        assert tab in book.sheetnames
        assert bool(book[tab].protection.sheet) == bool(body.get("protect"))
    anna.ask("POST", f"/runs/{run_id}/workbooks", json={"layout": "sideways"}, expect=422)
