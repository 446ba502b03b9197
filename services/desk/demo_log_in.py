"""Log-in as one of the invented staff of a demo, with a passkey in software; production has none of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.staff.device_log_in.calls import (
    BeginDeviceLogIn,
    DecideDeviceLogIn,
    DeviceLogInPolled,
    PollDeviceLogIn,
)
from services.staff.sessions.calls import BeginLogIn, LoggedIn, LogIn, LogOut
from shared.calls import Caller
from shared.demo_staff import CODES, authenticator_of
from shared.errors import NotFound
from shared.webauthn import RelyingParty

SECONDS: Final = 10.0
FIRST_KEY: Final = 0


@dataclass(frozen=True, kw_only=True)
class InventedPeople:
    """What somebody does who logs in as one of them, in a browser or for a command line."""

    caller: Caller
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
        key = authenticator_of(code, FIRST_KEY, self.party, environment=self.environment)
        signed = key.get(begun.options.to_json(), self.party)
        return self.caller.ask(
            LogIn.from_json({"ceremony_id": str(begun.ceremony_id), "assertion": _assertion(signed)}),
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


def _assertion(signed: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": signed["id"], "response": signed["response"]}
