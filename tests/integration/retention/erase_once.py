"""A process that carries one erasure from its due date to its certificate, and may be killed on the way.

The account service, the letter and the participants answer from here. What is read comes as JSON on the standard
input; `VILKAR_FAILPOINT` says where the process dies.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from services.account.accounts.calls import Done
from services.account.companies.calls import StandingShown
from services.notification.letter_lifecycle.events import NotificationSent
from services.retention.certificates.archive import CertificateArchive
from services.retention.monitoring.calls import Timeline
from services.retention.service import Retention
from shared import log
from shared.calls import Caller
from shared.clock import FixedClock
from shared.database import Database
from shared.events import Event, Received
from shared.failpoints import Failpoints
from shared.participation.events import ErasureStepCompleted
from shared.privacy import Keyring
from shared.privacy.ledger_writer import LedgerWriter
from shared.signing import SigningKey
from shared.system import PARTICIPANTS
from tests import in_process
from tests.examples import example

DUE = datetime(2027, 2, 28, 0, 0, 1, tzinfo=UTC)
ROUNDS = 20


class Inactive(Caller):
    """The account service: whoever is asked about is inactive, and there is no way back."""

    def __init__(self, since: str) -> None:
        self.since = since

    def call(self, service: str, method: str, **_: Any) -> Any:
        assert service == "account"
        if method in {"begin_erasure", "withdraw_erasure"}:
            return example(Done)
        return example(StandingShown, state="inactive", inactivated_at=self.since)


def service_of(told: dict[str, str], database: Database, keyring: Keyring, clock: FixedClock) -> Retention:
    return Retention(
        database=database,
        clock=clock,
        caller=Inactive(told["since"]),
        keyring=keyring,
        signing_key=SigningKey.parse(told["certificate_key"]),
        ledger=LedgerWriter(Path(told["ledger"]), signing_key=SigningKey.parse(told["ledger_key"])),
        archive=CertificateArchive(Path(told["archive"])),
        failpoints=Failpoints("test", os.environ),
    )


def hear(service: Retention, event: Event, source: str) -> None:
    message = Received(
        id=uuid4(),
        event=event,
        source=source,
        time=service.clock.now(),
        subject=event.subject,
        correlation_id=uuid4(),
    )
    in_process.hear(service, message)


def answer(service: Retention, account_id: UUID, shown: dict[str, Any]) -> None:
    """Do what the others do when they hear of the erasure."""
    if shown["state"] == "announced":
        event = NotificationSent(letter_id=uuid4(), letter="account_erased", account_id=account_id)
        hear(service, event, "notification")
    if shown["state"] == "ordered":
        for name in PARTICIPANTS:
            step = ErasureStepCompleted(
                erasure_id=shown["erasure_id"], participant=name, outcome="done", counts={"rows": 7}, retained=[]
            )
            hear(service, step, name)


def erase(service: Retention, account_id: UUID) -> str:
    for _ in range(ROUNDS):
        in_process.run(service, "plan_run")
        in_process.run(service, "carry_out")
        (shown,) = [asdict(each) for each in in_process.ask(service, Timeline(account_id=account_id)).erasures]
        if shown["state"] == "certified":
            break
        answer(service, account_id, shown)
    return str(shown["state"])


def main() -> None:
    log.configure(service="retention", level="ERROR")
    told = json.load(sys.stdin)
    database = Database(told["dsn"], source="retention", size=3)
    keyring = Keyring(told["keyring_dsn"], kek=None)
    database.open()
    keyring.open()
    try:
        # A lease of somebody who died is waited for by the clock.
        clock = FixedClock(datetime.fromisoformat(told["now"]))
        print(erase(service_of(told, database, keyring, clock), UUID(told["account_id"])))
    finally:
        keyring.close()
        database.close()


if __name__ == "__main__":
    main()
