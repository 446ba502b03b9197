"""What a fork server loads before it forks, for each kind of process (`Program.preload` in deploy.native.plan).

Of the libraries whatever a program of the kind imports; of ours only what every program of the kind imports. So a
process knows no more of ours than if it had been started by itself: which events and figures there are is read from
what is loaded, and a service whose sources are broken ends alone, with its error in its own log.
tests/unit/deploy/test_preload.py compares.
"""

from __future__ import annotations

from typing import Final

COOPERATIVE: Final = "cooperative"
"""Processes that wait on green threads: shared.bus.monkey_patch is applied before anything is imported."""
THREADED: Final = "threaded"
"""Processes that wait in threads of the machine, and in which eventlet is never loaded."""

MODULES: Final[dict[str, tuple[str, ...]]] = {
    COOPERATIVE: (
        "shared.bus.service_process",
        "argon2",
        "cryptography.hazmat.primitives.hmac",
        "fido2.webauthn",
        "jinja2",
        "phonenumbers",
        "requests",
        "stdnum.no",
        "stdnum.no.fodselsnummer",
    ),
    THREADED: (
        "shared.clock",
        "shared.config",
        "amqp",
        "apispec.ext.marshmallow",
        "cryptography.hazmat.primitives.asymmetric.ed25519",
        "cryptography.hazmat.primitives.ciphers.aead",
        "cryptography.hazmat.primitives.hmac",
        "fido2.webauthn",
        "flask",
        "holidays",
        "jinja2",
        "joserfc.jws",
        "marshmallow",
        "phonenumbers",
        "prometheus_client",
        "psycopg",
        "psycopg_pool",
        "requests",
        "stdnum.no",
        "uuid_utils",
        "waitress",
        "werkzeug",
    ),
}
