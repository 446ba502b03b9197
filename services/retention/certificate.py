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
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.retention.rules import WrongStateError
from services.retention.values import (
    HELD,
    RETAINABLE,
    UNDER_FIVE,
    Certificate,
    Count,
    Erasure,
    HeldBack,
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

FORMAT: Final = "vilkar-erasure-certificate/2"
"""What is issued. It tells apart what was erased, what the law keeps, and what is held back."""

FIRST_FORMAT: Final = "vilkar-erasure-certificate/1"
"""What was issued before, and still verifies: one list of what stays, and no date for the copies of keys."""

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
    held_back = _held_back(erasure)
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
        outcome="erased_except_held" if held_back else "erased",
        roles=ROLES,
        erased=_stores(erasure),
        keys_destroyed=bucketed(len(erasure.key_fingerprints)),
        key_destruction_id=key_destruction_id(erasure.key_fingerprints),
        backups_expire_on=expire_on("backup.max_age", executed_at),
        key_copies_expire_on=expire_on("backup.keyring_max_age", executed_at),
        kept_by_law=_kept_by_law(erasure),
        held_back=held_back,
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


def _said(erasure: Erasure) -> set[str]:
    return {each for answer in erasure.answers.values() for each in answer.retained}


def _kept_by_law(erasure: Erasure) -> tuple[Retained, ...]:
    """What the law wants kept, where and why, each with its last date."""
    return tuple(
        Retained(category=each, basis=BASES[each], until=retained_until(each, erasure.ended_on))
        for each in sorted(_said(erasure) - HELD)
    )


def _held_back(erasure: Erasure) -> tuple[HeldBack, ...]:
    """What is held for a dispute or by a restriction, and when a person looks at it again.

    Nothing where no participant had anything of it.  Whose it is stays untold: that of some persons, or of the
    account as a whole.
    """
    if not _said(erasure) & HELD:
        return ()
    parts = {
        HeldBack(
            category=part.category,
            of="persons" if part.user_id else "account",
            basis=part.basis,
            review_on=part.review_on,
        )
        for part in erasure.held or ()
    }
    return tuple(sorted(parts, key=lambda each: (each.category, each.of, each.basis, str(each.review_on))))


def _stores(erasure: Erasure) -> tuple[StoreErased, ...]:
    return tuple(
        StoreErased(
            store=name,
            method=METHODS.get(name, "rows_deleted"),
            counts={kind: bucketed(count) for kind, count in sorted(erasure.answers[name].counts.items())},
        )
        for name in sorted(erasure.participants)
    )


@enforces(LOST_FOR_EVER)
def expire_on(window: str, executed_at: datetime) -> date:
    """The day on which the last copy made before the erasure is gone: so many days after the day of the erasure.

    `window` is the parameter that says how old such a copy may become.
    """
    executed_on = calendar.oslo_date(executed_at)
    return executed_on + timedelta(days=in_force(window, executed_on).default)


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
def check_body(body: Mapping[str, Any], form: str = FORMAT) -> None:
    """Refuse a body with a field that its format does not allow, or a value that could hold personal data.

    Every value is a random id, a digest, a date, a small set of codes, or a count; an address, a telephone or an
    organisation number fits none of these.
    """
    allowed = _FIELDS[form]
    if body.keys() - _OPTIONAL != allowed.keys() - _OPTIONAL:
        raise CertificateError(f"fields differ: {sorted(body.keys() ^ allowed.keys())}")
    wrong = sorted(name for name, fits in allowed.items() if name in body and not fits(body[name]))
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
    except (ValueError, OverflowError):
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


def _is_kept_by_law(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"category", "basis", "until"}
        and _is_code(value["category"])
        and _is_code(value["basis"])
        and _is_date(value["until"])
    )


def _is_held_back(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() - _OPTIONAL == {"category", "of", "basis"}
        and ("review_on" not in value or _is_date(value["review_on"]))
        and value["of"] in ("account", "persons")
        and _is_code(value["category"])
        and _is_code(value["basis"])
    )


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


Fields = Mapping[str, Callable[[Any], bool]]

_IN_BOTH: Final[Fields] = MappingProxyType(
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
        "roles": _list_of(_is_code),
        "keys_destroyed": _is_count,
        "key_destruction_id": _is_hash,
        "backups_expire_on": _is_date,
        "recipients": lambda value: isinstance(value, dict) and all(map(_is_code, (*value, *value.values()))),
        "software_version": lambda value: isinstance(value, str) and bool(_VERSION.fullmatch(value)),
        "completes": _is_id,
    }
)

_FIELDS: Final[Mapping[str, Fields]] = MappingProxyType(
    {
        FIRST_FORMAT: MappingProxyType(
            {
                **_IN_BOTH,
                "complete": lambda value: type(value) is bool,
                "stores": _list_of(_is_store),
                "retained": _list_of(_is_retained),
            }
        ),
        FORMAT: MappingProxyType(
            {
                **_IN_BOTH,
                "outcome": lambda value: value in ("erased", "erased_except_held"),
                "erased": _list_of(_is_store),
                "key_copies_expire_on": _is_date,
                "kept_by_law": _list_of(_is_kept_by_law),
                "held_back": _list_of(_is_held_back),
            }
        ),
    }
)
"""Every field that a certificate of each format has, and what its value must look like."""


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
        signature = self._private.sign(signed_bytes(body, FORMAT))
        document = {
            "certificate": body,
            "format": FORMAT,
            "key": self.id,
            "signature": _text_of(signature),
        }
        return canonical(document).decode("ascii")


def as_pem(public: bytes) -> str:
    """Return a raw public key as other programs read it."""
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


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
    """Verify one signed certificate of any format; `public_keys` holds the raw public keys by key id.

    Raises `CertificateError` when a single character is not as it was signed, when the key is not known, or when
    the body holds what no certificate may hold.
    """
    parsed = _parse(document)
    public = public_keys.get(str(parsed["key"]))
    if public is None:
        raise CertificateError("signed with a key that is not known")
    body, form = parsed["certificate"], parsed["format"]
    try:
        signature = base64.b64decode(parsed["signature"], validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed_bytes(body, form))
    except (InvalidSignature, ValueError) as error:
        raise CertificateError("the signature does not belong to this certificate") from error
    if _text_of(signature) != parsed["signature"]:  # base64 leaves bits over that could be set unnoticed
        raise CertificateError("the signature is not written in its one form")
    check_body(body, form)
    return Verified(MappingProxyType(body), document_hash(document))


def verdict_on(document: str, public_keys: Mapping[str, bytes], *, previous: str | None) -> str:
    """Return `valid`, `not_valid`, or `not_in_chain` where the certificate before it is another than the one named.

    `previous` is the hash of that one, None where there is none before.
    """
    try:
        verified = verify(document, public_keys)
    except CertificateError:
        return "not_valid"
    return "valid" if verified.body["previous"] == (previous or GENESIS) else "not_in_chain"


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


def signed_bytes(body: Mapping[str, Any], form: str) -> bytes:
    """Return the bytes that the signature is over: a line with the format, and the body in its one form."""
    return form.encode("ascii") + b"\n" + canonical(body)


def _parse(document: str) -> dict[str, Any]:
    try:
        parsed: Any = json.loads(document)
        exact = document.isascii() and canonical(parsed) == document.encode("ascii")
    except (ValueError, TypeError, RecursionError) as error:
        raise CertificateError("not a certificate") from error
    if not (exact and isinstance(parsed, dict) and parsed.keys() == _ENVELOPE and str(parsed["format"]) in _FIELDS):
        raise CertificateError("not a certificate in its one canonical form")
    if not (isinstance(parsed["certificate"], dict) and isinstance(parsed["signature"], str)):
        raise CertificateError("a certificate without a body or a signature")
    return parsed
