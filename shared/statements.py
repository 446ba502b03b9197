"""The signed statement of who acts, with which a call of staff comes: how it is written, read and held to its call.

It is a JWS in its compact form, signed by the service `staff` with Ed25519 and believed for a minute. Reading one
trusts nothing of it before its signature, and takes it in one spelling only. Pure.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal, NamedTuple
from uuid import UUID

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.registry import HeaderParameter
from joserfc.util import json_b64encode
from marshmallow.validate import Range, Regexp

from shared import base64url
from shared.actor import STAFF_CODE, staff_actor
from shared.canonical_json import canonical
from shared.errors import Invalid
from shared.events import CODE_PATTERN
from shared.records import ABSENT, Absent, Named, Record
from shared.signing import PublicKey, SigningKey, key_bytes, read_line
from shared.staff import Act, Role, act_name

ISSUER: Final = "staff"
ALGORITHM: Final = "Ed25519"
TYPE: Final = "vilkar-act+jwt"
SKEW: Final = timedelta(seconds=5)
"""So far apart the clocks of two machines may be."""
LONGEST: Final = timedelta(seconds=60)
"""A statement that claims to live longer is none of ours; older than this by the reader's clock none is good."""
LIFE: Final = LONGEST - SKEW
"""So long one is written to live; with the skew that is allowed it is the longest."""
TOKEN_LIMIT: Final = 4096
SCOPE_MOST: Final = 50
"""So many accounts a statement names: with more it would be too long to travel."""
ID_BYTES: Final = 16
ACCOUNT: Final = "account_id"
"""What the field of a call is named that says about which account it is."""
LAST_INSTANT: Final = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())

_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]{1,512}\.[A-Za-z0-9_-]{1,3400}\.[A-Za-z0-9_-]{86}")

PersonCode = Annotated[str, Regexp(rf"{STAFF_CODE}\Z", error="the code of a person of staff")]
Word = Annotated[str, Regexp(rf"{CODE_PATTERN.pattern}\Z", error="a machine code")]
Second = Annotated[int, Range(min=0, max=LAST_INSTANT)]
Scope = Annotated[str, Regexp(r"[A-Za-z0-9_-]{22,1067}\Z", error="ids of accounts in base64url")]
Digest = Annotated[str, Regexp(r"[A-Za-z0-9_-]{43}\Z", error="a SHA-256 in base64url")]


class StatementError(ValueError):
    """A statement is not believed, or not for this call; `reason` is a machine code.

    `person` is the code of whom the statement names, where staff have signed that.
    """

    def __init__(self, reason: str, *, person: str | None = None) -> None:
        super().__init__(f"the statement is not believed: {reason}")
        self.reason = reason
        self.person = person


class ApprovedBy(Record):
    """That another person has approved the act: which approval, who asked for it and who gave it."""

    id: UUID
    requested_by: PersonCode
    approved_by: PersonCode


class Statement(Record):
    """Who acts, by what right, and in which one call; the names on the wire are those of its claims.

    `sub` is the code of the person, `sid` the session, `auth_time` when it was begun with a passkey. `aud` is the
    service that is asked, `azp` the process that asks, `act` the call as `<service>.<method>`, and `hash` the
    digest of all that is said in it. `role`, `grant` and `purpose` say by what right. `jti` names the statement;
    that of an approved act is the approval's own id, so that it is carried out once. `account` is the account that
    the call is about, where it has a field for one: a grant may reach some accounts only, and who reads of people
    of one is told to it. `scope` are the accounts that whoever acts may reach, where that is not all of them and
    the call names something that belongs to one by an id of its own: the service finds out whose it is. `rehearsal`
    says that the act, which takes two persons, is only tried: nothing of it stays.
    """

    iss: Literal["staff"] = ISSUER
    sub: PersonCode
    sid: UUID
    auth_time: Second
    iat: Second
    exp: Second
    aud: Word
    azp: Word
    act: Word
    digest: Annotated[Digest, Named("hash")]
    role: Role
    grant: UUID
    purpose: Word
    jti: UUID
    account: UUID | Absent = ABSENT
    approval: ApprovedBy | Absent = ABSENT
    rehearsal: bool | Absent = ABSENT
    scope: Scope | Absent = ABSENT

    def reaches(self, account_id: UUID) -> bool:
        """Whether whoever acts may reach this account by it."""
        return not self.scope or account_id.bytes in _parts(base64url.decode(self.scope))

    @property
    def actor(self) -> str:
        """The person as an actor."""
        return staff_actor(self.sub)

    @property
    def authenticated_at(self) -> datetime:
        """When the person proved with a passkey who it is."""
        return datetime.fromtimestamp(self.auth_time, UTC)


@dataclass(frozen=True, kw_only=True)
class AskedCall:
    """The call that a statement came with. `fields` are those sent, without the idempotency key.

    `user` is who asks, as the broker vouches for it; `act` what the call is declared to be.
    """

    service: str
    method: str
    fields: Mapping[str, Any] = field(repr=False)
    user: str
    act: Act


def scope_of(accounts: Collection[UUID]) -> str:
    """These accounts as a statement has them."""
    return base64url.encode(b"".join(each.bytes for each in sorted(accounts)))


def _parts(raw: bytes) -> list[bytes]:
    return [raw[at : at + ID_BYTES] for at in range(0, len(raw), ID_BYTES)]


def hex_digest(digest: str) -> str:
    """The digest of a call as an event has it."""
    return base64url.decode(digest).hex()


def call_digest(service: str, method: str, fields: Mapping[str, Any]) -> str:
    """The digest of all that is said in a call: of its fields as JSON, without the idempotency key."""
    document = canonical({"service": service, "method": method, "fields": fields})
    return base64url.encode(hashlib.sha256(document).digest())


class Lifetime(NamedTuple):
    """When a statement is written and until when it is good, in seconds since 1970."""

    issued: int
    expires: int


def lifetime(now: datetime) -> Lifetime:
    """The lifetime of a statement that is written now."""
    issued = int(now.timestamp())
    return Lifetime(issued, issued + int(LIFE.total_seconds()))


class _Registry(jws.JWSRegistry):
    """Of the headers of RFC 7515 those three that ours has; no detached and no unencoded payload."""

    default_header_registry = {  # noqa: RUF012  # as joserfc has it
        name: HeaderParameter(name, "str", required=True) for name in ("alg", "kid", "typ")
    }


_REGISTRY: Final = _Registry(algorithms=[ALGORITHM])


class StatementSigner:
    """Signs statements. The private half stays in the service `staff`."""

    def __init__(self, raw: bytes) -> None:
        """`raw` are 32 random bytes."""
        self.public = SigningKey(raw).public
        self._key = _okp(self.public, raw)

    @classmethod
    def parse(cls, text: str) -> StatementSigner:
        """Read the secret file's text. Raises `SettingError`."""
        return cls(key_bytes(text, "the key that signs statements"))

    def sign(self, statement: Statement) -> str:
        """The statement as it travels. Raises `Invalid` for one that cannot be what it says."""
        return jws.serialize_compact(
            _header(self.public), canonical(statement.to_json()), self._key, registry=_REGISTRY
        )


class StatementReader:
    """Reads statements with the public keys of `staff`: the present one, and earlier ones while they are kept."""

    def __init__(self, keys: Sequence[PublicKey]) -> None:
        self._keys = {key.id: _okp(key) for key in keys}
        self._usual = {_header_of(key): key for key in keys}
        """By the header that `staff` writes, as it travels: with it there is nothing to be understood."""

    @classmethod
    def parse(cls, text: str) -> StatementReader:
        """Read the file with a key a line. Raises `SettingError`."""
        return cls([PublicKey.parse(line) for line in text.split()])

    def read(self, token: str, *, now: datetime) -> Statement:
        """The statement, whose signature and times are right. Raises `StatementError`."""
        if len(token) > TOKEN_LIMIT:
            raise StatementError("too_long")
        statement = _statement_of(self._payload_of(token))
        if (reason := _objection_to_times(statement, now.timestamp())) is not None:
            raise StatementError(reason, person=statement.sub)
        return statement

    def _payload_of(self, token: str) -> bytes:
        if not _COMPACT.fullmatch(token):
            raise StatementError("malformed")
        header, payload, signature = token.split(".")
        if (usual := self._usual.get(header)) is not None:
            body, proof = _decoded(payload), _decoded(signature)
            if not usual.verifies(proof, f"{header}.{payload}".encode("ascii")):
                raise StatementError("bad_signature")
            return body
        return self._payload_of_unusual(token)

    def _payload_of_unusual(self, token: str) -> bytes:
        """Of one with another header: seldom one to be believed, and told what is wrong with it."""
        try:
            signed = jws.extract_compact(token.encode("ascii"), registry=_REGISTRY)
        except (JoseError, TypeError, ValueError, AttributeError, RecursionError):
            raise StatementError("malformed") from None
        header = signed.headers()
        if header.get("alg") != ALGORITHM:
            raise StatementError("wrong_algorithm")
        if header.get("typ") != TYPE or header.keys() != {"alg", "kid", "typ"}:
            raise StatementError("wrong_type")
        key = self._keys.get(kid) if isinstance(kid := header["kid"], str) else None
        if key is None:
            raise StatementError("unknown_key")
        try:
            valid = jws.validate_compact(signed, key, registry=_REGISTRY)
        except (JoseError, ValueError):
            valid = False
        if not valid:
            raise StatementError("bad_signature")
        return signed.payload


def hold_to(statement: Statement, asked: AskedCall) -> None:
    """Raise `StatementError` unless the statement was made for this very call, its caller and its kind."""
    name = act_name(asked.service, asked.method)
    account = str(statement.account) if statement.account else None
    objections = (
        (statement.aud != asked.service, "wrong_audience"),
        (statement.act != name, "wrong_act"),
        (statement.azp != asked.user, "wrong_party"),
        (statement.digest != call_digest(asked.service, asked.method, asked.fields), "wrong_call"),
        (account != asked.fields.get(ACCOUNT), "wrong_account"),
        (statement.rehearsal is True and not asked.act.two_persons, "rehearsal_needless"),
        (bool(statement.scope) and not asked.act.resolves, "scope_needless"),
    )
    reason = next((word for objected, word in objections if objected), None) or _objection_to_approval(
        statement, two_persons=asked.act.two_persons
    )
    if reason is not None:
        raise StatementError(reason, person=statement.sub)


def _objection_to_approval(statement: Statement, *, two_persons: bool) -> str | None:
    approval = statement.approval or None
    if (approval is not None) != two_persons:
        return "approval_missing" if two_persons else "approval_needless"
    if approval is None:
        return None
    if approval.requested_by == approval.approved_by:
        return "approved_by_who_asked"
    persons = (approval.requested_by, approval.approved_by)
    return None if statement.jti == approval.id and statement.sub in persons else "approval_of_others"


def _statement_of(payload: bytes) -> Statement:
    try:
        return Statement.from_json(read_line(payload))
    except (Invalid, ValueError, RecursionError):
        raise StatementError("malformed") from None


def _objection_to_times(statement: Statement, now: float) -> str | None:
    skew, longest = SKEW.total_seconds(), LONGEST.total_seconds()
    if statement.iat > now + skew:
        return "clock_ahead"
    if not 0 < statement.exp - statement.iat <= longest:
        return "lives_too_long"
    return "expired" if now > statement.exp + skew or now > statement.iat + longest else None


def _header(key: PublicKey) -> dict[str, str]:
    return {"alg": ALGORITHM, "kid": key.id, "typ": TYPE}


def _header_of(key: PublicKey) -> str:
    """The header as joserfc writes it."""
    return json_b64encode(_header(key)).decode("ascii")


def _decoded(text: str) -> bytes:
    """The bytes of what stands between dots. Raises `StatementError` for another spelling of the same bytes."""
    try:
        raw = base64url.decode(text)
    except ValueError:
        raise StatementError("malformed") from None
    if base64url.encode(raw) != text:
        raise StatementError("malformed")
    return raw


def _okp(public: PublicKey, private: bytes | None = None) -> OKPKey:
    """The key in the form in which joserfc takes it."""
    numbers = {"x": base64.b64decode(public.text())} | ({"d": private} if private else {})
    urlsafe = {name: base64url.encode(raw) for name, raw in numbers.items()}
    return OKPKey.import_key({"kty": "OKP", "crv": ALGORITHM, **urlsafe})
