"""The example of a proxy that speaks TLS before both hosts: each name leads to its own, with what the client is."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.native import programs
from shared.clock import Clock
from shared.http import server
from tests.desk_stage import Services, app_of
from tests.integration.desk.conftest import stop
from tests.integration.running import free_port

pytestmark = [pytest.mark.integration, pytest.mark.clause("STAFF-1")]

EXAMPLE = Path(__file__).resolve().parents[3] / "deploy/haproxy/tls.cfg"
STAFF, CUSTOMERS = "desk.test", "app.test"


@dataclass
class Front:
    """The proxy: where it is, whom it believes itself to be, and what the customers' side was sent."""

    port: int
    plain_port: int
    trusted: Path
    sent: list[dict[str, str]] = field(default_factory=list)

    def get(self, name: str, path: str = "/", **headers: str) -> tuple[http.client.HTTPResponse, str]:
        """A request by TLS to this host name, as a browser makes it; the certificate is checked."""
        context = ssl.create_default_context(cafile=self.trusted)
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain:
            server_name = name if name in {STAFF, CUSTOMERS} else STAFF
            connection = http.client.HTTPSConnection(name, self.port, timeout=10)
            connection.sock = context.wrap_socket(plain, server_hostname=server_name)
            connection.request("GET", path, headers={"Host": f"{name}:{self.port}", **headers})
            answer = connection.getresponse()
            said = answer.read().decode()
            connection.close()
            return answer, said


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    program = programs.haproxy()
    if program is None:
        pytest.skip("no HAProxy: apt-get install haproxy")
    folder = tmp_path_factory.mktemp("tls")
    (folder / "certificates").mkdir()
    certificate, key = made_out_to(STAFF, CUSTOMERS)
    (folder / "certificates" / "both.pem").write_bytes(certificate + key)
    (folder / "trusted.pem").write_bytes(certificate)
    ports = {name: free_port() for name in ("TLS_PORT", "TLS_PLAIN_PORT", "GATEWAY_PORT", "DESK_PORT")}
    made = Front(ports["TLS_PORT"], ports["TLS_PLAIN_PORT"], folder / "trusted.pem")

    def customers(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        made.sent.append({name: value for name, value in environ.items() if name.startswith("HTTP_")})
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"customers"]

    desk = app_of(folder, Services(), public_url=f"https://{STAFF}:{ports['TLS_PORT']}")
    listening = [
        server.listen(application, host="127.0.0.1", port=ports[name], threads=2)
        for application, name in ((desk, "DESK_PORT"), (customers, "GATEWAY_PORT"))
    ]
    threads = [threading.Thread(target=each.run) for each in listening]
    for each in threads:
        each.start()
    settings = {
        "VILKAR_TLS_CERTIFICATES": str(folder / "certificates"),
        "VILKAR_TLS_CUSTOMERS": CUSTOMERS,
        "VILKAR_TLS_STAFF": STAFF,
        **{f"VILKAR_{name}": str(port) for name, port in ports.items()},
    }
    with subprocess.Popen([program, "-db", "-f", EXAMPLE], env={"PATH": os.environ["PATH"], **settings}) as proxy:
        try:
            _wait(made.port)
            yield made
        finally:
            proxy.terminate()
            proxy.wait(timeout=30)
            for each, thread in zip(listening, threads, strict=True):
                stop(each, thread)


def made_out_to(*names: str) -> tuple[bytes, bytes]:
    """A certificate for these names that signs itself, and its key, in PEM."""
    key, now = ec.generate_private_key(ec.SECP256R1()), Clock().now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(list(map(x509.DNSName, names))), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.public_bytes(serialization.Encoding.PEM), key.private_bytes(*plain)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def test_each_name_leads_to_its_own_host_and_no_other_name_to_any(front) -> None:
    answer, page = front.get(STAFF, "/log-in")
    assert (answer.status, "adgangsnøkkel" in page or "passkey" in page) == (200, True)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert all("Secure" in each for each in answer.headers.get_all("Set-Cookie") or ())
    assert front.get(CUSTOMERS)[1] == "customers"
    assert front.get("other.test")[0].status == 421


def test_the_client_is_whom_the_proxy_saw_and_the_host_is_what_was_asked_for(front) -> None:
    forged = {"X-Forwarded-For": "192.0.2.7", "Forwarded": "for=192.0.2.7"}
    front.get(CUSTOMERS, **forged)
    sent = front.sent[-1]
    assert (sent["HTTP_X_FORWARDED_FOR"], "HTTP_FORWARDED" in sent) == ("127.0.0.1", False)
    assert sent["HTTP_HOST"] == f"{CUSTOMERS}:{front.port}"


def test_whoever_comes_without_tls_is_sent_there(front) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", front.plain_port, timeout=10)
    connection.request("GET", "/log-in", headers={"Host": STAFF})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{STAFF}/log-in")
    connection.close()
