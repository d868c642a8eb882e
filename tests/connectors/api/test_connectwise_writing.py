"""Writing to ConnectWise: what is looked at, what is asked for, and what goes over the wire."""

import datetime as dt
from collections.abc import Iterator

import pytest

from connectors.connectwise_writing import ConnectWiseWriter
from connectors.engine import Connection
from connectors.errors import FixCredentials, TryLater, WillNotHelp
from connectors.registry import CONNECTORS
from connectors.sandbox.connectwise_server import ConnectWise
from connectors.sandbox.service import NULL, Reply
from connectors.writing import Outcome, Request
from core.frames import records
from core.records import AgreementLine
from tests.connectors.api.sandboxes import D, Sandbox, add_agreement, add_line, add_product, connectwise, writing

ADDITIONS = "/finance/agreements/871/additions"


@pytest.fixture
def psa() -> Iterator[Sandbox]:
    with connectwise() as running:
        yield running


def test_connectwise_can_be_written_to_and_pax8_only_read() -> None:
    assert CONNECTORS["connectwise"].writer is ConnectWiseWriter
    assert CONNECTORS["pax8"].writer is None


def test_an_addition_is_shown_in_plain_form_with_its_version(psa: Sandbox) -> None:
    dates = {"effectiveDate": "2026-02-10T00:00:00Z", "cancelledDate": "2026-12-31T00:00:00Z"}
    line = add_line(psa.service.model, quantity=D("2.50"), lessIncluded=1, unitPrice=D("22.00"), billCustomer="NoCharge", **dates)
    with writing(psa) as writer:
        shown = writer.look(f"{ADDITIONS}/{line}")
        assert shown is not None
        assert shown.values == {
            "product": "BP", "quantity": "2.5", "lessIncluded": "1", "unitPrice": "22", "unitCost": "17.6",
            "billCustomer": "NoCharge", "effectiveDate": "2026-02-10", "cancelledDate": "2026-12-31",
        }  # fmt: skip
        assert shown.id == str(line)
        assert shown.version == psa.service.model.additions[line]["_info"]["lastUpdated"]
        writer.send(writer.request("PATCH", f"{ADDITIONS}/{line}", {"cancelledDate": None}))
        after = writer.look(f"{ADDITIONS}/{line}")
        assert after is not None
        assert after.values["cancelledDate"] is None
        assert after.version > shown.version


def test_the_version_and_values_are_those_that_a_read_gives(psa: Sandbox) -> None:
    add_line(psa.service.model, quantity=D(25))
    (line,) = records(AgreementLine, psa.read().frame)
    with writing(psa) as writer:
        (shown,) = writer.lines(ADDITIONS)
    assert shown.version == line.version
    assert (shown.values["lessIncluded"], line.included) == ("0", 0)
    assert (shown.values["quantity"], shown.values["effectiveDate"]) == ("25", "2026-01-01")


def test_a_product_is_shown_with_its_price_and_cost(psa: Sandbox) -> None:
    with writing(psa) as writer:
        shown = writer.look("/procurement/catalog/412")
        assert shown is not None
        assert shown.values == {"identifier": "BP", "price": "22", "cost": "17.6"}
        sent = writer.send(writer.request("PATCH", "/procurement/catalog/412", {"cost": D("18.123456")}))
        assert sent.outcome is Outcome.ANSWERED
    assert psa.service.model.products[412]["cost"] == D("18.123456")


def test_what_is_gone_is_none_and_a_list_that_is_gone_is_empty(psa: Sandbox) -> None:
    with writing(psa) as writer:
        assert writer.look(f"{ADDITIONS}/99") is None
        assert writer.look("/procurement/catalog/99") is None
        assert writer.lines("/finance/agreements/99/additions") == []
        with pytest.raises(TryLater, match="gone"):
            writer.invoiced_through("99")


@pytest.mark.parametrize("not_found", [False, True])
def test_wrong_keys_never_look_as_if_a_record_were_gone(psa: Sandbox, not_found: bool) -> None:
    psa.service.model.switches.wrong_keys_answer_404 = not_found
    line = add_line(psa.service.model)
    with writing(psa, private_key="wrongKey12") as writer:
        for _ in range(2):
            with pytest.raises(FixCredentials):
                writer.look(f"{ADDITIONS}/{line}")
        with pytest.raises(FixCredentials):
            writer.lines(ADDITIONS)


def test_every_page_of_a_list_is_read_in_the_order_of_ids(psa: Sandbox) -> None:
    psa.fill(1001)
    with writing(psa) as writer:
        found = writer.lines(ADDITIONS)
    assert [int(shown.id) for shown in found] == sorted(psa.service.model.additions)
    assert len(found) == 1001


def test_a_list_that_cannot_be_read_is_named(psa: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    line = add_line(psa.service.model)
    for body in ({"no": "list"}, ["no record"], NULL, [{"id": 1, "product": {"identifier": "BP"}, "effectiveDate": "soon"}]):
        monkeypatch.setattr(ConnectWise, "_page", lambda self, call, found, body=body: Reply(200, body))
        with writing(psa) as writer, pytest.raises(WillNotHelp):
            writer.lines(ADDITIONS)
    monkeypatch.setattr(ConnectWise, "_one", lambda self, call, found, number: Reply(200, []))
    with writing(psa) as writer, pytest.raises(WillNotHelp):
        writer.look(f"{ADDITIONS}/{line}")


def test_pages_that_run_in_a_circle_are_noticed(psa: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    real = ConnectWise._page
    link = {"Link": '<https://x/y?page=1>; rel="next"'}
    monkeypatch.setattr(ConnectWise, "_page", lambda self, call, found: Reply(200, real(self, call, found).body, link))
    add_line(psa.service.model)
    with writing(psa) as writer, pytest.raises(WillNotHelp, match="circle"):
        writer.lines(ADDITIONS)


def test_a_line_is_added_changed_and_deleted_and_each_request_arrives_once(psa: Sandbox) -> None:
    new = {
        "product": "BP", "quantity": D("22.223456"), "unitPrice": D("0.1"), "unitCost": None, "billCustomer": "Billable",
        "effectiveDate": dt.date(2026, 12, 1), "cancelledDate": None,
    }  # fmt: skip
    with writing(psa) as writer:
        assert writer.send(writer.request("POST", ADDITIONS, new)).outcome is Outcome.ANSWERED
        (made,) = writer.lines(ADDITIONS)
        assert {name: made.values[name] for name in ("quantity", "unitPrice", "unitCost", "effectiveDate")} == {
            "quantity": "22.223456", "unitPrice": "0.1", "unitCost": "17.6", "effectiveDate": "2026-12-01",
        }  # fmt: skip
        path = f"{ADDITIONS}/{made.id}"
        changing = writer.request("PATCH", path, {"quantity": "3", "cancelledDate": "2026-12-31"})
        assert writer.send(changing).outcome is Outcome.ANSWERED
        changed = writer.look(path)
        assert changed is not None
        assert (changed.values["quantity"], changed.values["cancelledDate"]) == ("3", "2026-12-31")
        removing = writer.request("DELETE", path, {})
        assert removing.body is None
        assert [writer.send(removing).outcome for _ in range(2)] == [Outcome.ANSWERED, Outcome.GONE]
    assert [psa.arrived(method) for method in ("POST", "PATCH", "DELETE")] == [1, 1, 2]


def test_numbers_that_were_kept_as_texts_go_out_as_numbers(psa: Sandbox) -> None:
    line = add_line(psa.service.model)
    came: list[bytes] = []
    real = psa.service._answer
    psa.service._answer = lambda call: came.append(call.body) or real(call)
    values = {"quantity": "22.223456", "invoiceDescription": "365"}
    kept = [{"op": "replace", "path": name, "value": value} for name, value in values.items()]
    with writing(psa) as writer:
        assert writer.send(Request("PATCH", f"{ADDITIONS}/{line}", kept)).outcome is Outcome.ANSWERED
    assert b'"value":22.223456}' in came[-1]
    assert b'"value":"365"}' in came[-1]
    assert psa.service.model.additions[line]["quantity"] == D("22.223456")


def test_a_product_is_asked_for_once(psa: Sandbox) -> None:
    with writing(psa) as writer:
        for _ in range(3):
            assert writer.request("POST", ADDITIONS, {"product": "BP", "quantity": D(1)}).body["product"] == {"id": 412}
    assert psa.arrived("GET", "/procurement/catalog") == 1


@pytest.mark.parametrize(
    "identifier",
    ["A&B+C", "50% off", "a_b", "19\" rack", '"', "back\\slash", "[x] \"y\"", "it's", "ümläut #1", '" or id>0 or name="', "x?y=z"],
)  # fmt: skip
def test_any_identifier_finds_its_own_product_and_no_other(psa: Sandbox, identifier: str) -> None:
    add_product(psa.service.model, 413, identifier)
    add_product(psa.service.model, 414, identifier + "2")
    add_product(psa.service.model, 415, "Z" + identifier)
    with writing(psa) as writer:
        assert writer.request("POST", ADDITIONS, {"product": identifier}).body["product"] == {"id": 413}


@pytest.mark.parametrize("identifier", ["bp", "B", "", "BP2", 'BP"'])
def test_a_product_that_the_catalogue_lacks_is_a_key_error_with_its_identifier(psa: Sandbox, identifier: str) -> None:
    with writing(psa) as writer, pytest.raises(KeyError) as error:
        writer.request("POST", ADDITIONS, {"product": identifier})
    assert error.value.args == (identifier,)


@pytest.mark.parametrize("arrears", [False, True])
@pytest.mark.parametrize("of_invoicing", [False, True])
def test_invoiced_through_is_what_a_read_says_under_both_meanings_of_both_switches(
    psa: Sandbox, arrears: bool, of_invoicing: bool
) -> None:
    model = psa.service.model
    model.switches.current_period_in_arrears = arrears
    model.switches.next_invoice_date_is_day_of_invoicing = of_invoicing
    october = dt.date(2026, 10, 31)
    add_agreement(model, 872, october, periodType="Current")
    add_agreement(model, 873, october, periodType="Current", cycle=5)
    add_agreement(model, 874, None, periodType="Current")
    values = {
        "current_period_is": "in arrears" if arrears else "in advance",
        "next_invoice_date_is": "day of invoicing" if of_invoicing else "first day not invoiced",
    }
    with writing(psa, **values) as writer:
        found = {number: writer.invoiced_through(number) for number in ("871", "872", "873", "874")}
        model.invoiced_through[871] = dt.date(2026, 12, 31)
        assert writer.invoiced_through("871") == dt.date(2026, 12, 31)
    assert found == {"871": dt.date(2026, 11, 30), "872": october, "873": october, "874": None}


def test_an_agreement_whose_cycle_has_no_months_is_named(psa: Sandbox) -> None:
    add_agreement(psa.service.model, 872, periodType="Current", cycle=4)
    values = {"current_period_is": "in arrears", "next_invoice_date_is": "day of invoicing"}
    with writing(psa, **values) as writer, pytest.raises(WillNotHelp, match="agreement 872: billing cycle 4 is not made of months"):
        writer.invoiced_through("872")


def test_after_the_writer_is_closed_nothing_is_sent(psa: Sandbox) -> None:
    connection: Connection = psa.connect()
    writer = ConnectWiseWriter(connection)
    writer.close()
    with pytest.raises(RuntimeError):
        writer.look("/procurement/catalog/412")
    with pytest.raises(RuntimeError):
        writer.send(Request("PATCH", "/procurement/catalog/412", []))
    assert psa.faults.seen == []
