"""What the invented staff of a demo do with their passkeys, which are in software; production has none of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from services.staff.approvals.calls import ApprovalOptions, Approve
from services.staff.authentication.calls import RequestOptions
from services.staff.device_log_in.calls import (
    BeginDeviceLogIn,
    DecideDeviceLogIn,
    DeviceLogInPolled,
    PollDeviceLogIn,
)
from services.staff.sessions.calls import BeginLogIn, LoggedIn, LogIn, LogOut
from shared.calls import Call
from shared.demo_staff import CODES, KEYS, authenticator_of
from shared.errors import Forbidden, NotFound
from shared.records import Record
from shared.software_authenticator import NoSuchKey
from shared.webauthn import RelyingParty

R = TypeVar("R", bound=Record)

SECONDS: Final = 10.0


class Asks(Protocol):
    """What reaches the service staff: a caller of the desk's process, or a desk that is elsewhere."""

    def ask(self, call: Call[R], *, timeout_seconds: float) -> R:
        """The reply. Raises what the call is refused with."""


@dataclass(frozen=True, kw_only=True)
class InventedPeople:
    """What somebody does who is one of them, in a browser or for a command line."""

    caller: Asks
    party: RelyingParty
    environment: str

    @property
    def codes(self) -> tuple[str, ...]:
        """Whom one may be."""
        return CODES

    def log_in(self, code: str) -> LoggedIn:
        """A session of a browser. Raises `NotFound` for nobody of them, else as `LogIn`."""
        if code not in CODES:
            raise NotFound("No invented person is called so.")
        begun = self.caller.ask(BeginLogIn(), timeout_seconds=SECONDS)
        assertion = self._signed(code, begun.options)
        return self.caller.ask(
            LogIn.from_json({"ceremony_id": str(begun.ceremony_id), "assertion": assertion}),
            timeout_seconds=SECONDS,
        )

    def let_in(self, code: str) -> DeviceLogInPolled:
        """A session of a command line, which they approve themselves. Raises as `log_in`."""
        in_browser = self.log_in(code)
        begun = self.caller.ask(BeginDeviceLogIn(), timeout_seconds=SECONDS)
        approval = DecideDeviceLogIn(token=in_browser.token, user_code=begun.user_code, approve=True)
        self.caller.ask(approval, timeout_seconds=SECONDS)
        polled = self.caller.ask(PollDeviceLogIn(device_token=begun.device_token), timeout_seconds=SECONDS)
        self.caller.ask(LogOut(token=in_browser.token), timeout_seconds=SECONDS)
        return polled

    def approve(self, code: str, approval_id: UUID, version: int, *, token: str) -> None:
        """Approve a request that takes two persons, in the session of this `token`.

        Raises `NotFound` for nobody of them, else as `ApprovalOptions` and `Approve`: that it is their session, and
        that they may approve this, is for the service staff to say, as with everybody.
        """
        if code not in CODES:
            raise NotFound("No invented person is called so.")
        seen = ApprovalOptions(token=token, approval_id=approval_id, version=version)
        options = self.caller.ask(seen, timeout_seconds=SECONDS).options
        signed = Approve.from_json({**seen.to_json(), "assertion": self._signed(code, options)})
        self.caller.ask(signed, timeout_seconds=SECONDS)

    def _signed(self, code: str, options: RequestOptions) -> dict[str, Any]:
        """Raises `Forbidden` where all of their keys were revoked."""
        for number in range(KEYS):
            key = authenticator_of(code, number, self.party, environment=self.environment)
            try:
                signed = key.get(options.to_json(), self.party)
            except NoSuchKey:
                continue
            return {"id": signed["id"], "response": signed["response"]}
        raise Forbidden("All keys of this person were revoked.", details={"reason": "revoked_key"})
