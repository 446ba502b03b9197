"""Asking for a copy of what is held, seeing how far it is, and fetching it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from marshmallow.validate import OneOf, Range

from services.account.accounts.calls import INTO_ACCOUNT, ForAccount
from services.account.authentication.calls import HASHING_SECONDS, Credentials
from services.account.exports.values import ExportState
from services.account.fields.kinds import Token
from shared.calls import Call
from shared.errors import Conflict, Forbidden, Locked, NotFound, TooMany, Unauthenticated
from shared.participation.export_values import ExportKind
from shared.records import Record

WHOSE = ("own", "company")


class ContributorShown(Record):
    """How far one part is: how many rows are there, and whether all of it is."""

    name: str
    done: bool
    rows: int
    tries: Annotated[int, "How often it was tried in vain since something came last."]


class ExportShown(Record):
    """A copy: it is complete when its state is `ready`, and nothing of it can be fetched in any other state."""

    export_id: UUID
    kind: str
    whose: str
    state: Annotated[str, OneOf(tuple(ExportState))]
    asked_at: datetime
    ready_at: datetime | None
    available_until: Annotated[datetime | None, "From then on it is gone; null while it is being made."]
    withdrawn_because: Annotated[
        str | None,
        "Why it is opened no more: somebody in it was `restricted`, `held` or `erased` since. It is made anew.",
    ]
    handed_over_at: Annotated[
        datetime | None,
        "Since when a person sees to it, as it could not be made in time. It is among your requests then, with the "
        "day by which it is answered, and is tried on.",
    ]
    bytes: Annotated[int | None, "Size of the file."]
    sha256: Annotated[str | None, "SHA-256 of the file."]
    parts: tuple[ContributorShown, ...]


class ExportsShown(Record):
    """The newest first; what is gone is not among them."""

    exports: tuple[ExportShown, ...]


class ExportWished(Record):
    """What somebody wants a copy of, and what for."""

    kind: Annotated[
        str,
        OneOf(tuple(ExportKind)),
        "`access`: all that is held, with what the law wants told beside it. `portability`: what you provided, and "
        "what was observed of you, to be taken elsewhere.",
    ] = ExportKind.ACCESS.value
    whose: Annotated[
        str,
        OneOf(WHOSE),
        "`own`: what is held on you. `company`: what is held on the company, for an owner; it leaves out what is "
        "its employees' alone, such as their log-ins.",
    ] = "own"


class RequestExport(
    ExportWished,
    ForAccount,
    Call[ExportShown],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict),
):
    """A user asks for a copy. Asked for again within a day it is the same one.

    It is made whatever is held, restricted or under notice, and changes nothing of the account. `Conflict` for the
    company's once it is bankrupt.
    """


class RequestExportWithPassword(
    ExportWished,
    Credentials,
    Call[ExportShown],
    service="account",
    refusals=(Unauthenticated, Forbidden, Locked, TooMany, Conflict),
    seconds=HASHING_SECONDS,
):
    """The same for who cannot log in: company or user are inactive, or the vendor has closed the company.

    Asked again it says how far it is; a copy that is ready is named for as long as it can be fetched.
    """

    anew: Annotated[bool, "Have another one made, although one is there that is older than a day."] = False


class Exports(ForAccount, Call[ExportsShown], service="account", refusals=INTO_ACCOUNT):
    """The copies that a user may fetch, and how far those are that are being made."""


class ExportOpened(Record):
    """The file may be read for a quarter of an hour, in so many pieces."""

    token: str
    chunks: int
    bytes: int
    sha256: str


class OpenExport(
    Credentials,
    Call[ExportOpened],
    service="account",
    refusals=(Unauthenticated, Forbidden, Locked, TooMany, NotFound, Conflict),
    seconds=HASHING_SECONDS,
):
    """Whoever asked for a copy proves the password anew and may read it.

    `Conflict` while it is not ready, once it was withdrawn, and for a bankrupt company's.
    """

    export_id: UUID


class ExportPiece(Record):
    """A piece of the file, in base64."""

    data: str


class ReadExport(Call[ExportPiece], service="account", refusals=(NotFound,)):
    """One piece of a file that was opened; `NotFound` once the token or the copy is over."""

    export_id: UUID
    token: Token
    position: Annotated[int, Range(min=0)]


class ExportKey(Record):
    """A public key, Ed25519, that copies are or were signed with."""

    key_id: Annotated[str, "The beginning of its SHA-256."]
    public_key: Annotated[str, "The 32 bytes of the key in base64."]
    used_since: Annotated[datetime | None, "When the first copy was signed with it; null for one that signed none."]


class ExportKeysShown(Record):
    """The present key first; then those before it, for what they signed."""

    keys: tuple[ExportKey, ...]


class ExportKeys(Call[ExportKeysShown], service="account"):
    """The keys by which anybody can tell that a copy was made here, and that nothing in it was changed."""
