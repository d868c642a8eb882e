"""Which addresses a connection may have. An address is typed by a person, and what stands behind it gets our keys.

It is checked before any request: https, a host of the vendor's, no user in it, and a name that resolves to public addresses
only. It is resolved once; what is connected to later is the address that was checked, whatever the name says by then.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from connectors.errors import FixAddress, TryLater

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Iterable[str]]

TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""Addresses that a gateway turns into the IPv4 address in their last four bytes."""

ALLOWED = re.compile(r"[A-Za-z0-9.:/_\[\]-]+")
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
NUMBER = re.compile(r"\d+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address: where requests go, and the one IP address that they go to."""

    scheme: str
    host: str
    port: int
    path: str
    ip: str

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def resolve_name(host: str, port: int) -> list[str]:
    """Every address of a name, as the system resolves it."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def check_address(
    url: str, hosts: Sequence[str], *, loopback: bool = False, any_host: bool = False, resolve: Resolve = resolve_name
) -> Address:
    """The address, or FixAddress saying what is wrong with it.

    hosts: names, or patterns such as `api-*.example.com`. `any_host` allows every other name too, by https and at public
    addresses only; `loopback` allows this machine, for the sandbox.
    """
    if not ALLOWED.fullmatch(url):
        raise FixAddress("address", "it has characters that no address of an API has, such as a user, a query or a space")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise FixAddress("address", "it is not an address such as https://api.example.com") from None
    own = _literal(host)
    if own is not None and own.is_loopback and loopback:
        return Address(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), parts.path.rstrip("/"), str(own))
    if parts.scheme != "https":
        raise FixAddress("address", "it must start with https://")
    if own is not None or not _is_name(host):
        raise FixAddress("address", "it must name its host, not a number")
    if not any_host and not any(_fits(host, pattern) for pattern in hosts):
        raise FixAddress("address", f"{host} is not a host of this vendor; known: {', '.join(hosts)}")
    if port not in (None, 443):
        raise FixAddress("address", f"port {port} is not one of this vendor's; only 443 is")
    return Address("https", host, 443, parts.path.rstrip("/"), _public(host, resolve))


def _fits(host: str, pattern: str) -> bool:
    return fnmatchcase(host, pattern) and host.count(".") == pattern.count(".")


def _literal(host: str) -> IP | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_name(host: str) -> bool:
    """A name of two labels or more whose last one is no number: 127.1, 0177.0.0.1, 2130706433 and 0x7f.1 are addresses."""
    labels = host.split(".")
    return len(labels) > 1 and all(LABEL.fullmatch(label) for label in labels) and not NUMBER.fullmatch(labels[-1])


def _public(host: str, resolve: Resolve) -> str:
    try:
        found = [ipaddress.ip_address(text.partition("%")[0]) for text in resolve(host, 443)]
    except OSError:
        found = []
    if not found:
        raise TryLater("address", f"{host} cannot be resolved")
    if not all(map(_is_public, found)):
        raise FixAddress("address", f"{host} resolves to an address that is not public")
    return str(found[0])


def _is_public(ip: IP) -> bool:
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in TRANSLATED:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
    return ip.is_global and not ip.is_multicast
