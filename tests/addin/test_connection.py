"""The way to a service whose certificate nobody vouches for: tried over a real connection on this machine."""

import datetime as dt
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from addin.connection import new_client
from addin.doctor import Verdict
from addin.doctor.service import check_service
from addin.settings import set_service
from addin.tokens import save_token
from tests.addin.conftest import Made


class Service(BaseHTTPRequestHandler):
    """Would take the token of whoever trusts it."""

    asked: list[str] = []  # noqa: RUF012 - the class is the server's only memory

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


def certificate(path: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - dt.timedelta(days=1), now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path / "service.pem"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_is_named_as_what_it_is_and_never_sees_the_token(machine: Made, address: str) -> None:
    set_service(machine(), address)
    save_token(machine(), address, "tieout_1", None)
    [finding] = check_service(machine(), None, dt.datetime.now(dt.UTC), new_client)
    assert (finding.verdict, finding.seen.startswith(f"{address} shows a certificate")) == (Verdict.WRONG, True)
    assert "administrator" in finding.mend
    assert Service.asked == []


def test_a_redirect_is_not_followed() -> None:
    with new_client() as client:
        assert not client.follow_redirects
