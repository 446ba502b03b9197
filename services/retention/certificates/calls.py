"""What retention answers about certificates of erasures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from marshmallow.validate import Range

from shared.calls import Call
from shared.errors import NotFound
from shared.records import Record
from shared.staff import WithoutStatement


class CertificateShown(Record):
    """`document` is what was signed, in its one canonical form; `hash` names it in the chain.

    `state` is `issued`, or where the erasure is under way its state, and then there is no document yet.
    `verdict` is what verifying it has just shown: `valid`, `not_valid`, or `not_in_chain` where the certificate
    before it is another one than it names. `public_key`, in PEM, is the key that verifies it, and `key` its id.
    """

    certificate_id: UUID
    state: str
    sequence: int | None = None
    document: str | None = None
    hash: str | None = None
    issued_at: datetime | None = None
    verdict: str | None = None
    key: str | None = None
    public_key: str


class Certificate(
    Call[CertificateShown],
    service="retention",
    refusals=(NotFound,),
    staff=WithoutStatement("whoever knows its number may see it"),
):
    """A certificate by its id, which stands in the last letter; before it is issued, how far its erasure is."""

    certificate_id: UUID


class LinkShown(Record):
    """One certificate of the chain."""

    sequence: int
    document: str


class ChainShown(Record):
    """Certificates, with the public key that the present ones are signed with: by its id (base64), and in PEM."""

    certificates: tuple[LinkShown, ...]
    public_keys: Mapping[str, str]
    public_key: str


class Certificates(
    Call[ChainShown],
    service="retention",
    staff=WithoutStatement("certificates hold no personal data, and everybody may check their chain"),
):
    """A stretch of the chain of certificates, for checking it."""

    after: Annotated[int, Range(min=0)] = 0
    limit: Annotated[int, Range(min=1, max=500)] = 200
