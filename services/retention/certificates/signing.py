"""How a certificate is signed and chained, and how anybody can verify it.

Certificates form a chain, each naming the hash of the one before, and are signed with Ed25519 over their canonical
JSON.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from services.retention.certificates.format import FIELDS, FORMAT, CertificateError, body_of, check_body
from services.retention.certificates.values import Certificate
from shared.canonical_json import canonical
from shared.signing import PublicKey, SigningKey, signature_of, signature_text, statement
from shared.terms.clauses.erasure import LOST_FOR_EVER
from shared.terms.rule_registry import enforces

GENESIS: Final = "0" * 64
"""What the first certificate of a chain names as the one before."""

_ENVELOPE: Final = frozenset({"certificate", "format", "key", "signature"})


def sign(certificate: Certificate, key: SigningKey) -> str:
    """Return the signed document, in canonical JSON."""
    body = body_of(certificate)
    document = {
        "certificate": body,
        "format": FORMAT,
        "key": key.public.id,
        "signature": signature_text(key.sign(statement(FORMAT, body))),
    }
    return canonical(document).decode("ascii")


def document_hash(document: str) -> str:
    """Return the hash by which the next certificate names this one."""
    return hashlib.sha256(document.encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Verified:
    """A certificate that was verified: its body, and its hash for the next in the chain."""

    body: Mapping[str, Any]
    hash: str


@enforces(LOST_FOR_EVER)
def verify(document: str, keys: Sequence[PublicKey]) -> Verified:
    """Verify one signed certificate of any format.

    Raises `CertificateError` when a single character is not as it was signed, when the key is not known, or when
    the body holds what no certificate may hold.
    """
    parsed = _parse(document)
    key = next((each for each in keys if each.id == parsed["key"]), None)
    if key is None:
        raise CertificateError("signed with a key that is not known")
    body, form = parsed["certificate"], parsed["format"]
    try:
        signature = signature_of(parsed["signature"])
    except ValueError:
        raise CertificateError("the signature is not written in its one form") from None
    if not key.verifies(signature, statement(form, body)):
        raise CertificateError("the signature does not belong to this certificate")
    check_body(body, form)
    return Verified(MappingProxyType(body), document_hash(document))


def verdict_on(document: str, keys: Sequence[PublicKey], *, previous: str | None) -> str:
    """Return `valid`, `not_valid`, or `not_in_chain` where the certificate before it is another than the one named.

    `previous` is the hash of that one, None where there is none before.
    """
    try:
        verified = verify(document, keys)
    except CertificateError:
        return "not_valid"
    return "valid" if verified.body["previous"] == (previous or GENESIS) else "not_in_chain"


@enforces(LOST_FOR_EVER)
def verify_chain(documents: Iterable[str], keys: Sequence[PublicKey]) -> int:
    """Verify certificates from the first on, in order; return how many there are.

    Raises `CertificateError` naming the first place where one is missing, moved or altered.
    """
    count, previous = 0, GENESIS
    for count, document in enumerate(documents, start=1):
        verified = verify(document, keys)
        if (verified.body["sequence"], verified.body["previous"]) != (count, previous):
            raise CertificateError(f"the chain is broken before certificate {count}")
        previous = verified.hash
    return count


def _parse(document: str) -> dict[str, Any]:
    try:
        parsed: Any = json.loads(document)
        exact = document.isascii() and canonical(parsed) == document.encode("ascii")
    except (ValueError, TypeError, RecursionError) as error:
        raise CertificateError("not a certificate") from error
    if not (exact and isinstance(parsed, dict) and parsed.keys() == _ENVELOPE and str(parsed["format"]) in FIELDS):
        raise CertificateError("not a certificate in its one canonical form")
    if not (isinstance(parsed["certificate"], dict) and isinstance(parsed["signature"], str)):
        raise CertificateError("a certificate without a body or a signature")
    return parsed
