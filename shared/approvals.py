"""Approvals by two persons: the frozen request, what a passkey signs of it, and the file that proves it. Pure.

Whoever approves signs with a passkey. The challenge is the SHA-256 of the request in canonical JSON, which holds a
nonce: it is signed for just this request, and for no other. So an approval is verified without us and years later,
with nothing but the file and the public key of the ledger, in which the passkey's enrolment stands.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from marshmallow.validate import Length, Range, Regexp

from shared import webauthn
from shared.errors import Invalid
from shared.privacy.ledger_lines import ORIGIN, Entry
from shared.records import Named, Record
from shared.signing import PublicKey, is_signed, read_line, statement
from shared.statements import SKEW, PersonCode, Word, call_digest
from shared.webauthn import NotProven, RelyingParty

REQUEST_FORM: Final = "vilkar-approval-request/1"
FILE_FORMAT: Final = "vilkar-approval/1"
ENROLLED: Final = "passkey.enrolled"
"""The kind of the ledger's line that says whose a passkey is."""
NONCE_BYTES: Final = 32
FILE_LIMIT_BYTES: Final = 256 * 1024

_ENCODED: Final = r"[A-Za-z0-9_-]"
Encoded = Annotated[str, Regexp(rf"{_ENCODED}{{1,4096}}\Z", error="bytes in base64url")]
Nonce = Annotated[str, Regexp(rf"{_ENCODED}{{43}}\Z", error="32 bytes in base64url")]


class ApprovalError(ValueError):
    """The file proves no approval; `reason` is a machine code."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"not an approval: {reason}")
        self.reason = reason


class FrozenRequest(Record):
    """What is asked for: an act with all that is said in it, and who asks. Editing it makes another one.

    `act` is `<service>.<method>`, `asked` the fields of the call. `edited_by` is who changed it last, or who asked
    for it, `subject` the person of staff whom it concerns. `version` counts from 1.
    """

    form: Literal["vilkar-approval-request/1"] = REQUEST_FORM
    id: UUID
    act: Word
    asked: Annotated[Mapping[str, Any], Named("fields")]
    requested_by: PersonCode
    edited_by: PersonCode
    subject: PersonCode | None
    version: Annotated[int, Range(min=1)]
    nonce: Nonce
    requested_at: datetime
    expires_at: datetime

    @property
    def digest(self) -> str:
        """The digest of the call that is asked for, as a statement of who acts has it."""
        service, _, method = self.act.partition(".")
        return call_digest(service, method, self.asked)

    @property
    def involved(self) -> frozenset[str]:
        """Who cannot approve it: who asked, who changed it last, and whom it concerns."""
        return frozenset({self.requested_by, self.edited_by, *([self.subject] if self.subject else [])})


def challenge_of(request: Mapping[str, Any]) -> bytes:
    """What a passkey signs of a request, which is given as JSON values."""
    return hashlib.sha256(statement(REQUEST_FORM, request)).digest()


class Signed(Record):
    """What an authenticator and its browser made of the challenge, and the key (COSE) that verifies it."""

    public_key: Encoded
    client_data: Annotated[Encoded, Named("clientDataJSON")]
    authenticator_data: Annotated[Encoded, Named("authenticatorData")]
    signature: Encoded

    def check(self, site: RelyingParty, challenge: bytes) -> None:
        """Raise `NotProven` unless the key signed this challenge at this site, by somebody whom it verified."""
        webauthn.proof(
            site,
            challenge=challenge,
            public_key=webauthn.decode(self.public_key),
            client_data=webauthn.decode(self.client_data),
            authenticator_data=webauthn.decode(self.authenticator_data),
            signature=webauthn.decode(self.signature),
        )


class Site(Record):
    """Where the passkey is valid."""

    id: Annotated[str, Regexp(r"[a-z0-9.-]{1,253}\Z", error="a host name")]
    origin: Annotated[str, Regexp(r"https?://[a-z0-9.:\[\]-]{1,260}\Z", error="an origin")]


class ApprovalFile(Record):
    """All that proves an approval. `enrolment` is the line of the ledger in which the approver enrolled the key."""

    format: Literal["vilkar-approval/1"] = FILE_FORMAT
    request: FrozenRequest
    approved_by: PersonCode
    approved_at: datetime
    site: Site
    signed: Signed
    enrolment: Annotated[str, Length(min=1, max=4096)]


class VerifiedApproval(Record):
    """What a file proves: that `approved_by` signed this request at this site, with a key enrolled at that instant.

    When it was approved is our word: nobody else signed an instant.
    """

    request: FrozenRequest
    approved_by: str
    approved_at: datetime
    enrolled_at: datetime
    origin: str


def verify_file(document: bytes, keys: Sequence[PublicKey]) -> VerifiedApproval:
    """What the file proves; `keys` are those of the ledger. Raises `ApprovalError`."""
    if len(document) > FILE_LIMIT_BYTES:
        raise ApprovalError("too_long")
    try:
        raw = json.loads(document)
        file = ApprovalFile.from_json(raw)
        challenge = challenge_of(raw["request"])
    except (Invalid, KeyError, TypeError, ValueError, RecursionError):
        raise ApprovalError("malformed") from None
    return verify(file, challenge, keys)


def verify(file: ApprovalFile, challenge: bytes, keys: Sequence[PublicKey]) -> VerifiedApproval:
    """The same of a file that was read; `challenge` is that of its request. Raises `ApprovalError`."""
    try:
        site = RelyingParty(id=file.site.id, origin=file.site.origin)
        line = file.enrolment.encode("ascii")
    except ValueError:
        raise ApprovalError("malformed") from None
    _check_persons(file)
    enrolled = read_enrolment(line, keys)
    if enrolled.text("staff_code") != file.approved_by:
        raise ApprovalError("key_of_another")
    try:
        file.signed.check(site, challenge)
        key = webauthn.key_digest(webauthn.decode(file.signed.public_key))
    except NotProven as error:
        raise ApprovalError(error.reason) from None
    if enrolled.text("key") != key:
        raise ApprovalError("key_not_enrolled")
    if enrolled.at > file.approved_at + SKEW:
        raise ApprovalError("key_enrolled_later")
    return VerifiedApproval(
        request=file.request,
        approved_by=file.approved_by,
        approved_at=file.approved_at,
        enrolled_at=enrolled.at,
        origin=file.site.origin,
    )


def read_enrolment(line: bytes, keys: Iterable[PublicKey]) -> Entry:
    """The line of the ledger that says whose a passkey is. Raises `ApprovalError`."""
    try:
        raw = read_line(line)
        signed = is_signed(ORIGIN, raw, list(keys))
        entry = Entry.of(raw, line)
        is_enrolment = entry.kind == ENROLLED and entry.text("staff_code") and entry.text("key")
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError):
        raise ApprovalError("enrolment_malformed") from None
    if not signed:
        raise ApprovalError("enrolment_not_signed")
    if not is_enrolment:
        raise ApprovalError("enrolment_malformed")
    return entry


def _check_persons(file: ApprovalFile) -> None:
    if file.approved_by in file.request.involved:
        raise ApprovalError("one_person")
    if not file.request.requested_at <= file.approved_at <= file.request.expires_at:
        raise ApprovalError("not_in_time")
