"""A published client that we did not write works against the ConnectWise simulator, unchanged."""

import os

import pytest

from tests.connectors.api.sandboxes import Sandbox, add_line, connectwise

if os.environ.get("CI") == "true":
    import connectwise as published  # type: ignore[import-untyped]
else:
    published = pytest.importorskip("connectwise", reason="connectpyse-manage is not installed")


def client_of(psa: Sandbox, **changes: str) -> "published.ConnectWiseClient":
    keys = {"client": psa.keys["company"], "username": psa.keys["public_key"], "password": psa.keys["private_key"]} | changes
    return published.ConnectWiseClient(base_url=psa.url, client_id=psa.keys["client_id"], max_retries=1, **keys)


def test_it_reads_and_writes_as_it_does_with_the_real_one() -> None:
    with connectwise() as psa:
        line = add_line(psa.service.model, quantity=25)
        client = client_of(psa)
        assert [company.name for company in client.get_companies()] == ["Acme"]
        (agreement,) = client.get_company_agreements(250)
        assert (agreement.id, agreement.company_id) == (871, 250)
        assert client.get_agreement_count() == 1
        assert [(a.id, a.quantity, a.product_identifier) for a in client.get_agreement_additions(871)] == [(line, 25.0, "BP")]
        made = client.create_agreement_addition(871, 412, 3, effective_date="2026-12-01T00:00:00Z", uom="Each")
        assert (made.quantity, made.unitPrice, made.effective_datetime.isoformat()[:10]) == (3, 22.0, "2026-12-01")
        changed = client.patch("finance/agreements/871/additions", line, [{"op": "replace", "path": "quantity", "value": 28}])
        assert changed["quantity"] == client.get_agreement_addition(871, line).quantity == 28
        assert client.delete("finance/agreements/871/additions", made.id) is True
        assert client.get_agreement_addition(871, made.id) is None


def test_it_reads_every_page() -> None:
    with connectwise() as psa:
        psa.fill(1001)
        assert len(client_of(psa).get_agreement_additions(871)) == 1001


def test_it_understands_how_it_is_refused() -> None:
    with connectwise() as psa:
        with pytest.raises(published.exceptions.ConnectWiseAuthenticationError):
            client_of(psa, password="wrong").get_companies()  # noqa: S106
        with pytest.raises(published.exceptions.ConnectWiseBadRequestError):
            client_of(psa).create_agreement_addition(871, 999, 3)
