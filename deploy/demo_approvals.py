"""Approvals in a demo: one invented person asks, another approves with a passkey in software.

A demo and a drill do here what people do in a browser. A real person's passkey is in nobody's program.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services.desk.cli.connection import as_invented
from services.desk.client import Desk
from services.desk.demo_log_in import InventedPeople
from shared import config
from shared.calls import Call
from shared.identifiers import new_id
from shared.records import Record
from shared.webauthn import RelyingParty

ASKING, APPROVING = "kari", "ola"


class TwoPersons:
    """Two invented people at one desk. The first does by herself what takes one person."""

    def __init__(self, asking: Desk, approving: Desk) -> None:
        """`asking` and `approving` are the desk of two different people."""
        self.asking = asking
        self._approving = approving

    def carry_out(self, call: Call[Any]) -> Record:
        """Ask for an act, approve it as the other one, and have it carried out: its reply. Raises as `Desk`."""
        asked = self.asking.request(call, approval_id=new_id())
        token = self._approving.caller.token
        self._invented.approve(self._approving.who.name or "", asked.approval_id, asked.version, token=token)
        return self.asking.carry_out(asked)

    @property
    def _invented(self) -> InventedPeople:
        settings = self._approving.settings
        party = RelyingParty.of_url(settings.desk_public_url)
        return InventedPeople(caller=self._approving, party=party, environment=settings.environment)


@contextmanager
def two_invented(settings: config.Settings | None = None) -> Iterator[TwoPersons]:
    """Both, until the end of the block. Raises as `as_invented`."""
    with as_invented(ASKING, settings) as asking, as_invented(APPROVING, settings) as approving:
        yield TwoPersons(asking, approving)
