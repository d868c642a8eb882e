"""Which addresses get our keys."""

from collections.abc import Callable

import httpx
import pytest

from connectors.addresses import Address, check_address
from connectors.client import Patience, PinnedTransport, ReadClient
from connectors.engine import Connection
from connectors.errors import FixAddress, TryLater
from connectors.registry import CONNECTORS

HOSTS = ("api-*.myconnectwise.net", "api.pax8.com")
PUBLIC = "93.184.215.14"


def resolving(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda host, port: list(addresses)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://api.pax8.com", "https"),
        ("ftp://api.pax8.com", "https"),
        ("api.pax8.com", "https"),
        ("https://user:word@api.pax8.com", "characters"),
        ("https://api.pax8.com@evil.example", "characters"),
        ("https://api.pax8.com\\@evil.example", "characters"),
        ("https://api.pax8.com/?q=1", "characters"),
        ("https://api.pax8.com/#x", "characters"),
        ("https://api.pax8.com\n.evil.example", "characters"),
        ("https:// api.pax8.com", "characters"),
        ("https://аpi.pax8.com", "characters"),
        ("https://api.pax8.com%2eevil.example", "characters"),
        ("https://api.pax8.com.evil.example", "not a host of this vendor"),
        ("https://evil.example", "not a host of this vendor"),
        ("https://api-na.evil.example.myconnectwise.net", "not a host of this vendor"),
        ("https://xapi.pax8.com", "not a host of this vendor"),
        ("https://api.pax8.com:8443", "port"),
        ("https://api.pax8.com:99999", "not an address"),
        ("https://127.0.0.1", "not a number"),
        ("https://2130706433", "not a number"),
        ("https://0177.0.0.1", "not a number"),
        ("https://0x7f.0.0.1", "not a number"),
        ("https://127.1", "not a number"),
        ("https://169.254.169.254", "not a number"),
        ("https://[::1]", "not a number"),
        ("https://[::ffff:127.0.0.1]", "not a number"),
        ("https://[fd00:ec2::254]", "not a number"),
        ("https://[::1", "not an address"),
        ("https://localhost", "not a number"),
        ("https://", "not a number"),
        ("", "characters"),
    ],
)
def test_an_address_that_is_not_the_vendors_is_refused(url: str, why: str) -> None:
    with pytest.raises(FixAddress, match=why):
        check_address(url, HOSTS, resolve=resolving(PUBLIC))


@pytest.mark.parametrize(
    "inside",
    [
        "127.0.0.1", "10.0.0.5", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104
        "::1", "::", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "::ffff:10.0.0.5", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
        "ff02::1",
    ],
)  # fmt: skip
def test_a_name_that_leads_inside_is_refused_even_beside_a_public_address(inside: str) -> None:
    with pytest.raises(FixAddress, match="not public"):
        check_address("https://api.pax8.com", HOSTS, resolve=resolving(PUBLIC, inside))


@pytest.mark.parametrize("public", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_a_vendors_address_is_taken_with_the_one_ip_that_was_checked(public: str) -> None:
    found = check_address("https://API-EU.myconnectwise.net/v4/", HOSTS, resolve=resolving(public))
    assert found == Address("https", "api-eu.myconnectwise.net", 443, "/v4", public)


def test_a_name_that_nobody_knows_is_for_later() -> None:
    with pytest.raises(TryLater, match="cannot be resolved"):
        check_address("https://api.pax8.com", HOSTS, resolve=resolving())


def test_any_host_is_allowed_only_where_it_is_said_and_still_by_https_at_a_public_address() -> None:
    own = "https://psa.example.com"
    assert check_address(own, HOSTS, any_host=True, resolve=resolving(PUBLIC)).host == "psa.example.com"
    with pytest.raises(FixAddress, match="not a host of this vendor"):
        check_address(own, HOSTS, resolve=resolving(PUBLIC))


@pytest.mark.parametrize(
    ("url", "ip", "why"),
    [
        ("http://psa.example.com", PUBLIC, "https"), ("https://10.0.0.5", PUBLIC, "not a number"),
        ("https://127.0.0.1", PUBLIC, "not a number"), ("https://localhost", "127.0.0.1", "not a number"),
        ("https://psa.example.com", "10.0.0.5", "not public"), ("https://psa.example.com", "169.254.169.254", "not public"),
        ("https://psa.example.com", "127.0.0.1", "not public"), ("https://psa.example.com", "::1", "not public"),
        ("https://psa.example.com:8443", PUBLIC, "port"), ("https://user@psa.example.com", PUBLIC, "characters"),
    ],
)  # fmt: skip
def test_any_host_leads_nowhere_inside(url: str, ip: str, why: str) -> None:
    with pytest.raises(FixAddress, match=why):
        check_address(url, HOSTS, any_host=True, resolve=resolving(PUBLIC, ip))


@pytest.mark.parametrize("self_hosted", ["no", "yes"])
def test_a_connection_goes_to_a_host_of_its_own_only_where_the_setting_says_so(self_hosted: str) -> None:
    values = {"address": "https://psa.example.com", "company": "c", "public_key": "p", "private_key": "k", "client_id": "i"}
    made = lambda: Connection(  # noqa: E731
        CONNECTORS["connectwise"], {**values, "self_hosted": self_hosted}, resolve=resolving(PUBLIC)
    )
    if self_hosted == "yes":
        with made() as connection:
            assert connection.address == Address("https", "psa.example.com", 443, "/v4_6_release/apis/3.0", PUBLIC)
    else:
        with pytest.raises(FixAddress, match="not a host of this vendor"):
            made()


@pytest.mark.parametrize("url", ["http://127.0.0.1:8801", "http://[::1]:8801", "https://127.0.0.1"])
def test_this_machine_is_allowed_only_where_it_is_said(url: str) -> None:
    assert check_address(url, HOSTS, loopback=True).host in ("127.0.0.1", "::1")
    with pytest.raises(FixAddress):
        check_address(url, HOSTS)


@pytest.mark.parametrize("url", ["http://10.0.0.5", "http://169.254.169.254", "http://api.pax8.com", "http://0.0.0.0:80"])
def test_allowing_this_machine_allows_nothing_else(url: str) -> None:
    with pytest.raises(FixAddress):
        check_address(url, HOSTS, loopback=True, resolve=resolving("10.0.0.5"))


def test_what_is_connected_to_is_the_checked_ip_under_the_hosts_name(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[httpx.Request] = []

    def handle(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, content=b"[]")

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle)
    answers = iter([[PUBLIC], ["10.0.0.5"]])  # the name leads elsewhere by the second time
    address = check_address("https://api.pax8.com/v1", HOSTS, resolve=lambda host, port: next(answers))
    client = ReadClient(address, httpx.Auth(), {}, Patience())
    client.get("/companies", {"page": "0"}, "")
    client.close()
    (request,) = sent
    assert (request.url.host, request.headers["Host"]) == (PUBLIC, "api.pax8.com")
    assert request.extensions["sni_hostname"] == "api.pax8.com"
    assert request.url.path == "/v1/companies"


def test_a_request_to_any_other_host_never_leaves() -> None:
    address = Address("https", "api.pax8.com", 443, "", PUBLIC)
    with (
        httpx.Client(transport=PinnedTransport(address), trust_env=False) as http,
        pytest.raises(FixAddress, match="would have gone"),
    ):
        http.get("https://evil.example/")
