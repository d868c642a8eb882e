"""Returned copies back over HTTP with their results, in every state that a change goes through."""

import io
import zipfile
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from server.api.registry import WORKBOOK
from server.store.tokens import Scope
from server.store.write_records import WriteState
from tests.server.api.site import LINE, Person, Site, places
from tests.server.api.test_flow import copy_of, sent
from workbooks.as_shown import RESULT
from workbooks.layout_vendor import holds_lines
from workbooks.reader import read_workbook


def annotated(person: Person, data: bytes, expect: int = 200) -> Any:
    form = {"copy": (io.BytesIO(data), "../november.xlsx")}
    return person.ask("POST", "/copies/annotate", data=form, content_type="multipart/form-data", expect=expect)


def result(person: Person, data: bytes, tmp_path: Path) -> str:
    """What stands under Result in the only line."""
    answer = annotated(person, data)
    assert (answer.mimetype, answer.headers["Tieout-Results"]) == (WORKBOOK, "in place")
    (tmp_path / "answer.xlsx").write_bytes(answer.get_data())
    (cells,) = (c for c in read_workbook(tmp_path / "answer.xlsx").cells.values() if holds_lines(c.sheet))
    return str(cells.values[RESULT])


def taken(site: Site, anna: Person, tmp_path: Path, quantity: int = 28) -> tuple[str, bytes]:
    """A run, and its copy with the only row approved, which has been taken."""
    run_id = site.run(quantity)
    data = copy_of(site, anna, run_id, tmp_path, recipient="Ben")
    anna.post("/copies", **sent(data, "november.xlsx"))
    return run_id, data


def test_from_not_taken_to_a_receipt_and_back(site: Site, anna: Person, tmp_path: Path) -> None:
    run_id = site.run()
    data = copy_of(site, anna, run_id, tmp_path, recipient="Ben")
    assert result(anna, data, tmp_path).startswith("not taken")
    anna.post("/copies", **sent(data, "november.xlsx"))
    assert result(anna, data, tmp_path) == f"accepted, to do: on line {LINE} change quantity 25 to 28, from 1 Dec 2026"
    submission = site.submitted(anna, run_id)["submission"]
    assert result(anna, data, tmp_path) == "done 26 Nov 2026: the PSA shows quantity 28"
    anna.post(f"/submissions/{submission['id']}/undo", {})
    assert result(anna, data, tmp_path) == "done 26 Nov 2026, and taken back 26 Nov 2026: the PSA shows quantity 28"


def test_it_never_says_done_before_there_is_a_receipt(site: Site, anna: Person, tmp_path: Path) -> None:
    run_id, data = taken(site, anna, tmp_path)
    site.jobs.sends = False
    submission = site.submitted(anna, run_id)["submission"]["id"]
    assert result(anna, data, tmp_path) == f"to send: on line {LINE} change quantity 25 to 28, from 1 Dec 2026"
    anna.post(f"/submissions/{submission}/pause")
    assert result(anna, data, tmp_path).startswith("paused: ")
    anna.post(f"/submissions/{submission}/cancel")
    assert result(anna, data, tmp_path).startswith("cancelled: ")


def test_a_large_change_waits_for_a_second_person(site: Site, anna: Person, tmp_path: Path) -> None:
    run_id, data = taken(site, anna, tmp_path, 60)
    submission = site.submitted(anna, run_id)["submission"]["id"]
    assert result(anna, data, tmp_path).startswith(f"waits for a second person: on line {LINE} change quantity 25 to 60")
    site.person("Ben").post(f"/submissions/{submission}/approve")
    assert result(anna, data, tmp_path) == "done 26 Nov 2026: the PSA shows quantity 60"


def test_a_conflict_names_both_values(site: Site, anna: Person, tmp_path: Path) -> None:
    run_id, data = taken(site, anna, tmp_path)
    model = site.loop.model
    site.jobs.sends = False
    submission = site.submitted(anna, run_id)["submission"]["id"]
    model.patch_addition(model.additions[LINE], [{"op": "replace", "path": "quantity", "value": 26}])
    site.jobs.sends = True
    site.jobs.wake(submission)
    assert site.loop.store.writes.of_submission(submission)[0].state is WriteState.CONFLICT
    assert result(anna, data, tmp_path) == "conflict: decided on quantity 25, the PSA shows quantity 26; left alone"


def test_nothing_is_kept_and_reading_is_enough(site: Site, anna: Person, tmp_path: Path) -> None:
    _, data = taken(site, anna, tmp_path)
    reader, other = site.person("Ben", Scope.READ), site.person("Zoë", Scope.SYNC)
    lines = len(anna.get("/activity", limit=1000)["lines"])
    assert result(reader, data, tmp_path).startswith("accepted")
    assert len(anna.get("/activity", limit=1000)["lines"]) == lines
    annotated(other, data, 403)


def test_where_it_cannot_be_done_in_place_the_answer_says_so(site: Site, anna: Person, tmp_path: Path) -> None:
    run_id = site.run()
    data = copy_of(site, anna, run_id, tmp_path, recipient="Ben")
    signed = io.BytesIO(data)
    with zipfile.ZipFile(signed, "a") as archive:
        archive.writestr("_xmlsignatures/sig1.xml", "<Signature/>")
    answer = annotated(anna, signed.getvalue())
    assert answer.headers["Tieout-Results"] == "apart"
    page = load_workbook(io.BytesIO(answer.get_data()))["Results"]
    assert "it is signed" in page["A1"].value
    assert page["E4"].value.startswith("not taken")
    assert page["F4"].value.startswith("november.xlsx, ")


def test_what_is_no_copy_of_ours_is_refused(site: Site, anna: Person) -> None:
    assert places(annotated(anna, b"PK no zip", 422).get_json()) == ["november.xlsx"]
