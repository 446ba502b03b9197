"""Certificates are checked here with retention's own verifier: the one door it keeps open, pure and without I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.retention.certificates.format import CertificateError
from services.retention.certificates.signing import verify, verify_chain
from shared.signing import PublicKey

__all__ = ["CertificateError", "check_certificate", "check_chain"]


def check_certificate(document: str, keys: Sequence[PublicKey]) -> Mapping[str, Any]:
    """The body of a valid certificate. Raises `CertificateError`."""
    return verify(document, keys).body


def check_chain(stretch: Callable[[int], dict[str, Any]]) -> tuple[int, set[str]]:
    """Verify all certificates, fetched by `stretch(after)`; how many, and the ids of the keys.

    Raises `CertificateError` at the first that is missing, moved or altered.
    """
    documents: list[str] = []
    keys: dict[str, PublicKey] = {}
    after = 0
    while True:
        part = stretch(after)
        keys |= {name: PublicKey.parse(text) for name, text in part["public_keys"].items()}
        if not part["certificates"]:
            return verify_chain(documents, [*keys.values()]), set(keys)
        documents += [link["document"] for link in part["certificates"]]
        after = part["certificates"][-1]["sequence"]
