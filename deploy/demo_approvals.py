"""Approvals in a demo: one invented person asks, another approves with a passkey in software.

A demo and a drill do here what people do in a browser. A real person's passkey is in nobody's program.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from services.desk.cli.connection import as_invented
from services.desk.client import Desk
from services.staff.approvals.calls import ApprovalOptions, Approve
from shared import config
from shared.calls import Call
from shared.demo_staff import authenticator_of
from shared.identifiers import new_id
from shared.records import Record
from shared.software_authenticator import SoftwareAuthenticator
from shared.webauthn import RelyingParty

ASKING, APPROVING = "kari", "ola"
FIRST_KEY: Final = 0


class TwoPersons:
    """Two invented people at one desk. The first does by herself what takes one person."""

    def __init__(self, asking: Desk, approving: Desk) -> None:
        """`asking` and `approving` are the desk of two different people."""
        self.asking = asking
        self._approving = approving

    def carry_out(self, call: Call[Any]) -> Record:
        """Ask for an act, approve it as the other one, and have it carried out: its reply. Raises as `Desk`."""
        approval_id = new_id()
        asked = self.asking.request(call, approval_id=approval_id)
        token, version = self._approving.caller.token, asked.version
        seen = ApprovalOptions(token=token, approval_id=approval_id, version=version)
        signed = self._key().get(self._approving.ask(seen).options.to_json(), self._party)
        assertion = {"id": signed["id"], "response": signed["response"]}
        self._approving.ask(Approve.from_json({**seen.to_json(), "assertion": assertion}))
        return self.asking.carry_out(asked)

    @property
    def _party(self) -> RelyingParty:
        return RelyingParty.of_url(self._approving.settings.desk_public_url)

    def _key(self) -> SoftwareAuthenticator:
        code = self._approving.who.name or ""
        return authenticator_of(code, FIRST_KEY, self._party, environment=self._approving.settings.environment)


@contextmanager
def two_invented(settings: config.Settings | None = None) -> Iterator[TwoPersons]:
    """Both, until the end of the block. Raises as `as_invented`."""
    with as_invented(ASKING, settings) as asking, as_invented(APPROVING, settings) as approving:
        yield TwoPersons(asking, approving)
