"""What was checked a moment ago is taken without being sent or judged again, as long as it is still the same."""

import datetime as dt
from typing import Any

import pytest

from server import checked
from server.checked import HELD_FOR
from server.returning import judge_copies
from server.store.engine import Engines
from tests.server.api.site import Person, Site

KEY = {"Idempotency-Key": "the-add-in-1"}
OTHER = {"Idempotency-Key": "the-add-in-2"}


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many decisions were judged, each time."""
    numbers: list[int] = []

    def counting(*given: Any, **options: Any) -> Any:
        numbers.append(len(given[1][0].returned.decisions))
        return judge_copies(*given, **options)

    monkeypatch.setattr(checked, "judge_copies", counting)
    return numbers


@pytest.fixture
def body(site: Site, anna: Person) -> dict[str, Any]:
    """An approval of the only row."""
    run_id = site.run()
    return {"workbook_id": site.issued(anna, run_id), "decisions": [site.decision(run_id)]}


def kept(site: Site) -> list[tuple[str, str, str]]:
    found = site.loop.store.decisions_of_run(site.loop.runs[-1])
    return [(str(one.action), str(one.status), str(one.by)) for one in found]


def test_what_was_checked_is_taken_as_it_was_judged(site: Site, anna: Person, body: dict[str, Any], judged: list[int]) -> None:
    said = anna.post("/decisions/check", body, headers=KEY)
    assert (kept(site), judged) == ([], [1])
    taken = anna.post("/decisions/checked", headers=KEY)
    assert {name: taken[name] for name in said} == said
    assert (kept(site), judged) == ([("Approve", "accepted", "Anna")], [1])


def test_judging_writes_nothing(site: Site, anna: Person, body: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def judging(*given: Any, **options: Any) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Engines, "writing", lambda _: pytest.fail("something was written"))
            return judge_copies(*given, **options)

    monkeypatch.setattr(checked, "judge_copies", judging)
    assert anna.post("/decisions/check", body, headers=KEY)["counts"] == {"accepted": 1}


def test_it_is_the_copy_that_sending_it_makes(site: Site, anna: Person, body: dict[str, Any]) -> None:
    anna.post("/decisions/check", body, headers=KEY)
    taken = anna.post("/decisions/checked", headers=KEY)
    anna.post("/decisions/checked", expect=404, headers=KEY)
    assert anna.post("/decisions", body, headers=KEY)["copies"] == taken["copies"]
    assert len(kept(site)) == 1
    assert anna.post("/decisions", body, headers=OTHER)["copies"] != taken["copies"]


def test_what_changed_meanwhile_is_judged_again(site: Site, anna: Person, body: dict[str, Any], judged: list[int]) -> None:
    assert anna.post("/decisions/check", body, headers=KEY)["counts"] == {"accepted": 1}
    dismissed = body | {"decisions": [site.decision(site.loop.runs[-1], "Dismiss", reason="commitment")]}
    site.person("Ben").post("/decisions", dismissed)
    assert anna.post("/decisions/checked", headers=KEY)["counts"] == {"conflict": 1}
    assert (kept(site)[1], judged) == (("Approve", "conflict", "Anna"), [1, 1])


def test_whether_others_are_replaced_counts_when_it_is_taken(site: Site, anna: Person, body: dict[str, Any]) -> None:
    dismissed = body | {"decisions": [site.decision(site.loop.runs[-1], "Dismiss", reason="commitment")]}
    site.person("Ben").post("/decisions", dismissed)
    assert anna.post("/decisions/check", body, headers=KEY)["counts"] == {"conflict": 1}
    taken = anna.post("/decisions/checked", headers=KEY, query_string={"replacing": "true"})
    assert taken["counts"] == {"accepted": 1}


def test_it_is_held_for_its_person_its_key_and_its_time(site: Site, anna: Person, body: dict[str, Any]) -> None:
    anna.post("/decisions/check", body, headers=KEY)
    assert "send the decisions themselves" in anna.post("/decisions/checked", expect=404, headers=OTHER)["detail"]
    assert site.person("Ben").post("/decisions/checked", expect=404, headers=KEY)["type"] == "urn:tieout:problem:unknown"
    site.loop.time.now += HELD_FOR + dt.timedelta(seconds=1)
    anna.post("/decisions/checked", expect=404, headers=KEY)
    assert kept(site) == []


def test_without_a_key_nothing_is_held(site: Site, anna: Person, body: dict[str, Any]) -> None:
    anna.ask("POST", "/decisions/check", json=body, expect=200)
    assert anna.ask("POST", "/decisions/checked").status_code == 422
    assert site.loop.house.checks._held == {}


def test_the_oldest_goes_where_too_much_is_held(
    site: Site, anna: Person, body: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checked, "MOST_HELD", 1)
    anna.post("/decisions/check", body, headers=KEY)
    anna.post("/decisions/check", body, headers=OTHER)
    anna.post("/decisions/checked", expect=404, headers=KEY)
    anna.post("/decisions/checked", headers=OTHER)
    assert len(kept(site)) == 1
