"""The erasure certificate: what it says, how it is signed and chained, and how anybody can verify it.

A certificate proves an erasure and is kept for years, so nothing in it may point to a person: it holds random ids,
dates, codes and counts, and counts below five are withheld.  Certificates form a chain, each naming the hash of the
one before, and are signed with Ed25519 over their canonical JSON.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.retention.holds_rules import shown_parts
from services.retention.rules import WrongStateError
from services.retention.schemas import (
    HELD,
    RETAINABLE,
    UNDER_FIVE,
    Certificate,
    Count,
    Erasure,
    Retained,
    State,
    StoreErased,
    Trigger,
)
from shared import calendar
from shared.errors import Permanent
from shared.terms.erasure import LIFE_CYCLE_BY_LAW, LOST_FOR_EVER
from shared.terms.parameters import in_force
from shared.terms.registry import enforces

GENESIS: Final = "0" * 64
"""What the first certificate of a chain names as the one before."""

FORMAT: Final = "vilkar-erasure-certificate/1"

SMALLEST_COUNT: Final = 5
"""Smaller counts are withheld."""

ROLES: Final = ("controller", "processor")
"""For the customer relationship the vendor is controller, for what customers entered it is processor."""

METHODS: Final = MappingProxyType({"audit": "subjects_unlinked", "billing-sync": "contact_data_minimised"})
"""How a store was cleared where it was not by deleting rows."""

RECIPIENTS: Final = MappingProxyType({"billing-sync": "tripletex", "notification": "mailgun"})
"""Which participant clears the data that an outside recipient was given (GDPR article 19)."""

BASES: Final = MappingProxyType(
    {"tripletex_bookkeeping": "bokforingsloven_13", "agreement_acceptance": "bokforingsloven_13"}
)

_OPTIONAL: Final = frozenset({"completes", "review_on"})
"""Fields that stand only where there is something to say."""

_ENVELOPE: Final = frozenset({"certificate", "format", "key", "signature"})
_TEXT: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_VERSION: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){1,2}((a|b|rc|\.dev|\.post)[0-9]{1,3})?")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_LONG_NUMBER: Final = re.compile(r"[0-9]{5}")


class CertificateError(Permanent):
    """The certificate is not valid: it was altered, is not ours, or holds what a certificate may not hold."""


# ── what it says ──────────────────────────────────────────────────────────────────────────────────────────


@enforces(LOST_FOR_EVER, LIFE_CYCLE_BY_LAW)
def certificate_of(
    erasure: Erasure, *, reference: UUID, sequence: int, previous: str, software_version: str
) -> Certificate:
    """Return the certificate of an erasure whose keys are destroyed.

    `reference` is random and given to the customer; `previous` is the hash of the certificate with the sequence
    before, or `GENESIS`.  Raises `WrongStateError` before everything is done.
    """
    certificate_id, executed_at = erasure.certificate_id, erasure.destroyed_at
    if erasure.state is not State.DESTROYED or erasure.unconfirmed or not certificate_id or not executed_at:
        raise WrongStateError(
            "there is no certificate before every participant has confirmed and the keys are gone"
        )
    retained = _retained(erasure)
    return Certificate(
        certificate_id=certificate_id,
        reference=reference,
        sequence=sequence,
        previous=previous,
        kind="account" if erasure.scope.is_account else "user",
        trigger=erasure.trigger.value,
        trigger_date=erasure.started_on,
        due_on=erasure.due_on,
        executed_at=executed_at,
        complete=not retained,
        roles=ROLES,
        stores=_stores(erasure),
        keys_destroyed=bucketed(len(erasure.key_fingerprints)),
        key_destruction_id=key_destruction_id(erasure.key_fingerprints),
        backups_expire_on=_backups_expire_on(erasure, executed_at),
        retained=retained,
        recipients={RECIPIENTS[name]: "done" for name in erasure.participants if name in RECIPIENTS},
        software_version=software_version,
        completes=erasure.completes,
    )


def bucketed(count: int) -> Count:
    """Return a count as a certificate may state it."""
    return count if count >= SMALLEST_COUNT else UNDER_FIVE


def key_destruction_id(fingerprints: Iterable[str]) -> str:
    """Return the digest over the fingerprints of destroyed keys; the order does not matter."""
    return hashlib.sha256("\n".join(sorted(fingerprints)).encode()).hexdigest()


def retained_until(category: str, trigger_date: date) -> date:
    """Return the last date on which a category may be kept: so many months after the end of the financial year."""
    months = in_force(RETAINABLE[category], trigger_date).default
    return calendar.add_months(date(trigger_date.year, 12, 31), months)


def _retained(erasure: Erasure) -> tuple[Retained, ...]:
    """What stays by law, with its last date, and what is held, with the day on which a person looks at it again."""
    said = {each for answer in erasure.answers.values() for each in answer.retained}
    by_law = [
        Retained(category=each, basis=BASES[each], until=retained_until(each, erasure.ended_on))
        for each in sorted(said - HELD)
    ]
    held = [Retained(until=None, **part) for part in shown_parts(erasure.held or ())] if said & HELD else []
    return (*by_law, *held)


def _stores(erasure: Erasure) -> tuple[StoreErased, ...]:
    return tuple(
        StoreErased(
            store=name,
            method=METHODS.get(name, "rows_deleted"),
            counts={kind: bucketed(count) for kind, count in sorted(erasure.answers[name].counts.items())},
        )
        for name in sorted(erasure.participants)
    )


def _backups_expire_on(erasure: Erasure, executed_at: datetime) -> date:
    """The date the letter named, unless the erasure took so long that it must be later."""
    executed_on = calendar.oslo_date(executed_at)
    days = in_force("backup.max_age", erasure.started_on).default
    latest = date.fromordinal(executed_on.toordinal() + days)
    return max(latest, erasure.backups_expire_on or latest)


# ── how it is written ─────────────────────────────────────────────────────────────────────────────────────


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return JSON of which there is only one form: sorted keys, no blanks, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def body_of(certificate: Certificate) -> dict[str, Any]:
    """Return the certificate as plain JSON values; raise `CertificateError` for a value that might be personal."""
    body: dict[str, Any] = _plain(certificate)
    check_body(body)
    return body


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return calendar.in_utc(value).isoformat(timespec="seconds")
    if isinstance(value, (UUID, date)):
        return str(value)
    if is_dataclass(value):
        told = {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
        return {name: each for name, each in told.items() if each is not None or name not in _OPTIONAL}
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value


@enforces(LOST_FOR_EVER)
def check_body(body: Mapping[str, Any]) -> None:
    """Refuse a body with a field that is not allowed, or a value that could hold personal data.

    Every value is a random id, a digest, a date, a small set of codes, or a count; an address, a telephone or an
    organisation number fits none of these.
    """
    if body.keys() - _OPTIONAL != _FIELDS.keys() - _OPTIONAL:
        raise CertificateError(f"fields differ: {sorted(body.keys() ^ _FIELDS.keys())}")
    wrong = sorted(name for name, fits in _FIELDS.items() if name in body and not fits(body[name]))
    if wrong:
        raise CertificateError(f"values that a certificate may not hold: {wrong}")


def _is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).astimezone(UTC).isoformat() == value
    except ValueError:
        return False


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and bool(_TEXT.fullmatch(value)) and not _LONG_NUMBER.search(value)


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and bool(_HASH.fullmatch(value))


def _is_count(value: Any) -> bool:
    return value == UNDER_FIVE or (type(value) is int and value >= SMALLEST_COUNT)


def _is_store(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"store", "method", "counts"}
        and _is_code(value["store"])
        and _is_code(value["method"])
        and isinstance(value["counts"], dict)
        and all(_is_code(kind) and _is_count(count) for kind, count in value["counts"].items())
    )


def _is_retained(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() - _OPTIONAL == {"category", "basis", "until"}
        and ("review_on" not in value or _is_date(value["review_on"]))
        and _is_code(value["category"])
        and _is_code(value["basis"])
        and (value["until"] is None or _is_date(value["until"]))
    )


_FIELDS: Final[Mapping[str, Callable[[Any], bool]]] = MappingProxyType(
    {
        "certificate_id": _is_id,
        "reference": _is_id,
        "sequence": lambda value: type(value) is int and value >= 1,
        "previous": _is_hash,
        "kind": lambda value: value in ("account", "user"),
        "trigger": lambda value: isinstance(value, str) and value in set(Trigger),
        "trigger_date": _is_date,
        "due_on": _is_date,
        "executed_at": _is_instant,
        "complete": lambda value: type(value) is bool,
        "roles": lambda value: isinstance(value, list) and all(map(_is_code, value)),
        "stores": lambda value: isinstance(value, list) and all(map(_is_store, value)),
        "keys_destroyed": _is_count,
        "key_destruction_id": _is_hash,
        "backups_expire_on": _is_date,
        "retained": lambda value: isinstance(value, list) and all(map(_is_retained, value)),
        "recipients": lambda value: isinstance(value, dict) and all(map(_is_code, (*value, *value.values()))),
        "software_version": lambda value: isinstance(value, str) and bool(_VERSION.fullmatch(value)),
        "completes": _is_id,
    }
)
"""Every field a certificate has, and what its value must look like."""


# ── how it is signed and verified ─────────────────────────────────────────────────────────────────────────


class SigningKey:
    """The key that signs certificates."""

    def __init__(self, private: bytes) -> None:
        """`private` is the 32 raw bytes of an Ed25519 private key."""
        self._private = Ed25519PrivateKey.from_private_bytes(private)
        self.public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = key_id(self.public)

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read the key from a secret file: base64 of the raw bytes."""
        return cls(base64.b64decode(text, validate=True))

    def sign(self, certificate: Certificate) -> str:
        """Return the signed document, in canonical JSON."""
        body = body_of(certificate)
        signature = self._private.sign(_signed_bytes(body))
        document = {
            "certificate": body,
            "format": FORMAT,
            "key": self.id,
            "signature": _text_of(signature),
        }
        return canonical(document).decode("ascii")


def key_id(public: bytes) -> str:
    """Return the short name of a public key."""
    return hashlib.sha256(public).hexdigest()[:16]


def document_hash(document: str) -> str:
    """Return the hash by which the next certificate names this one."""
    return hashlib.sha256(document.encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Verified:
    """A certificate that was verified: its body, and its hash for the next in the chain."""

    body: Mapping[str, Any]
    hash: str


@enforces(LOST_FOR_EVER)
def verify(document: str, public_keys: Mapping[str, bytes]) -> Verified:
    """Verify one signed certificate; `public_keys` holds the raw public keys by key id.

    Raises `CertificateError` when a single character is not as it was signed, when the key is not known, or when
    the body holds what no certificate may hold.
    """
    parsed = _parse(document)
    public = public_keys.get(str(parsed["key"]))
    if public is None:
        raise CertificateError("signed with a key that is not known")
    body = parsed["certificate"]
    try:
        signature = base64.b64decode(parsed["signature"], validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _signed_bytes(body))
    except (InvalidSignature, ValueError) as error:
        raise CertificateError("the signature does not belong to this certificate") from error
    if _text_of(signature) != parsed["signature"]:  # base64 leaves bits over that could be set unnoticed
        raise CertificateError("the signature is not written in its one form")
    check_body(body)
    return Verified(MappingProxyType(body), document_hash(document))


@enforces(LOST_FOR_EVER)
def verify_chain(documents: Iterable[str], public_keys: Mapping[str, bytes]) -> int:
    """Verify certificates from the first on, in order; return how many there are.

    Raises `CertificateError` naming the first place where one is missing, moved or altered.
    """
    count, previous = 0, GENESIS
    for count, document in enumerate(documents, start=1):
        verified = verify(document, public_keys)
        if (verified.body["sequence"], verified.body["previous"]) != (count, previous):
            raise CertificateError(f"the chain is broken before certificate {count}")
        previous = verified.hash
    return count


def _text_of(signature: bytes) -> str:
    return base64.b64encode(signature).decode("ascii")


def _signed_bytes(body: Mapping[str, Any]) -> bytes:
    return FORMAT.encode("ascii") + b"\n" + canonical(body)


def _parse(document: str) -> dict[str, Any]:
    try:
        parsed: Any = json.loads(document)
        exact = document.isascii() and canonical(parsed) == document.encode("ascii")
    except (ValueError, TypeError) as error:
        raise CertificateError("not a certificate") from error
    if not (exact and isinstance(parsed, dict) and parsed.keys() == _ENVELOPE and parsed["format"] == FORMAT):
        raise CertificateError("not a certificate in its one canonical form")
    if not (isinstance(parsed["certificate"], dict) and isinstance(parsed["signature"], str)):
        raise CertificateError("a certificate without a body or a signature")
    return parsed
