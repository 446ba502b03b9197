"""Signs statements of who acts for tests, as the service `staff` does."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from shared.bus.declarations import Service
from shared.bus.rpc_client import BusCaller, encode
from shared.bus.rpc_wire import IDEMPOTENCY_KEY
from shared.canonical_json import canonical
from shared.clock import Clock
from shared.context import acting_as, current, working_in
from shared.identifiers import new_id
from shared.records import ABSENT
from shared.staff import Role, act_name, acts
from shared.statements import (
    ApprovedBy,
    Statement,
    StatementError,
    StatementSigner,
    call_digest,
    lifetime,
    scope_of,
)
from tests.in_process import invoke

SIGNER = StatementSigner(b"a key of staff for these tests..")


def statement_for(
    service: str,
    method: str,
    fields: Mapping[str, Any],
    *,
    now: datetime | None = None,
    approval: ApprovedBy | None = None,
    **claims: Any,
) -> Statement:
    """A statement that is right for this call, but for the claims that are given otherwise."""
    at = now or Clock().unmoved()
    said: dict[str, Any] = {
        "sub": approval.requested_by if approval else "kari",
        "sid": new_id(),
        "auth_time": int((at - timedelta(minutes=10)).timestamp()),
        "iat": lifetime(at).issued,
        "exp": lifetime(at).expires,
        "aud": service,
        "azp": "desk",
        "act": f"{service}.{method}",
        "digest": call_digest(service, method, fields),
        "role": Role.CASE_HANDLER,
        "grant": new_id(),
        "purpose": "customer_support",
        "jti": approval.id if approval else new_id(),
        "account": UUID(fields["account_id"]) if fields.get("account_id") else ABSENT,
        "approval": approval or ABSENT,
    }
    return Statement(**said | claims)


def approval(requested_by: str = "kari", approved_by: str = "ola") -> ApprovedBy:
    """That another person has approved."""
    return ApprovedBy(id=new_id(), requested_by=requested_by, approved_by=approved_by)


PERSONS: Final = {"requested_by": "staff:kari", "approved_by": "staff:ola"}


@contextmanager
def stated(statement: Statement) -> Iterator[None]:
    """The block is the call that the bus has believed this statement for."""
    with working_in(replace(current(), actor=statement.actor, statement=statement)):
        yield


def for_some(service: str, method: str, *accounts: UUID) -> AbstractContextManager[None]:
    """The block is a call of somebody who reaches these accounts only, and finds out there whose it is."""
    return stated(statement_for(service, method, {}, scope=scope_of(accounts)))


def refused_for(service: str, method: str, account: UUID | str, call: Callable[[], Any]) -> Any:
    """What comes of a call for who reaches this account only, which who reaches another one only does not get."""
    with for_some(service, method, new_id()), pytest.raises(StatementError, match="other_account"):
        call()
    with for_some(service, method, new_id(), UUID(str(account))):
        return call()


def decide(service: Service, method: str, *, rehearsal: bool = False, **fields: Any) -> Any:
    """Make a call that takes two persons, as staff sign it of the actors `requested_by` and `approved_by`."""
    persons = {name: fields.pop(name, actor).removeprefix("staff:") for name, actor in PERSONS.items()}
    said = json.loads(json.dumps(fields, default=str))
    claims = {"rehearsal": True} if rehearsal else {}
    with stated(statement_for(service.name, method, said, approval=approval(**persons), **claims)):
        return invoke(service, method, **fields)


def token(header: Mapping[str, Any], claims: Any, sign: Any) -> str:
    """A compact JWS with any header and any claims; `sign` takes what is signed and returns a signature."""
    signed = f"{encoded(json.dumps(header).encode())}.{encoded(_plain(claims))}"
    return f"{signed}.{encoded(sign(signed.encode()))}"


def encoded(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _plain(claims: Any) -> bytes:
    """The claims as we spell them, or else as they can be spelt."""
    try:
        return canonical(claims)
    except ValueError:
        return json.dumps(claims).encode()


class SigningCaller(BusCaller):
    """Makes calls as the desk does, for one person of staff: an act comes with a statement of who that is.

    Somebody else has approved what takes two.
    """

    def __init__(self, uri: str, signer: StatementSigner = SIGNER, *, person: str = "kari") -> None:
        super().__init__(uri, name="desk", default_seconds=10)
        self._signer = signer
        self._person = person

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        """See `Caller.call`."""
        said = json.loads(encode(fields))
        token = None
        if (known := acts().get(act_name(service, method))) is not None:
            digested = {name: value for name, value in said.items() if name != IDEMPOTENCY_KEY}
            approved = approval(self._person, f"not-{self._person}") if known.act.two_persons else None
            signed = statement_for(
                service, method, digested, approval=approved, sub=self._person, role=known.act.roles[0]
            )
            token = self._signer.sign(signed)
        with acting_as(f"staff:{self._person}", signed_statement=token):
            return super().call(service, method, timeout_seconds=timeout_seconds, **said)
