"""The audit service on a real database and a real keyring, with the account service played by a table."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from deploy.native.infrastructure import Infrastructure
from deploy.provision import postgres
from services.account.letters.calls import Recipient
from services.account.login.calls import Authenticated, LoginOrigin
from services.account.login.events import LoginFailed, LoginSucceeded
from services.account.users.events import UserUpdated
from services.audit.checkpoints.file import CheckpointFile
from services.audit.service import Audit
from services.audit.verification.__main__ import verify
from services.audit.verification.values import Report
from shared.actor import Actor
from shared.calls import Call, Caller
from shared.clock import FixedClock
from shared.database import Database
from shared.errors import NotFound, Unauthenticated, Unavailable
from shared.events import Event, Received
from shared.identifiers import new_id
from shared.participation.events import ErasureOrdered
from shared.privacy import BlindIndex, Kek, Keyring, Subject, Vault
from shared.records import Record
from tests.examples import example
from tests.in_process import ask, hear, run
from tests.plugins.infrastructure import DatabaseAccess, KeyringAccess
from tests.unit.audit.audit_samples import SIGNER

R = TypeVar("R", bound=Record)

NOW = datetime(2026, 11, 30, 11, 0, tzinfo=UTC)
KEK = Kek([bytes(range(32))])
INDEX = BlindIndex(bytes(range(1, 33)))
IP = "203.0.113.77"
KARI = Actor.parse("staff:kari")
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Testing"


@dataclass
class Accounts(Caller):
    """Stands in for the account service: where logins came from, and who owns an account."""

    origins: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    owners: dict[str, list[UUID]] = field(default_factory=dict)
    asked: list[list[str]] = field(default_factory=list)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    away: bool = False

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        assert service == "account"
        if self.away:
            raise Unavailable("away")
        if method == "recipients":
            if fields["account_id"] not in self.owners:
                raise NotFound
            owners = self.owners[fields["account_id"]]
            return {"recipients": [example(Recipient, user_id=str(owner), role="owner") for owner in owners]}
        if method == "authenticate":
            if fields["token"] not in self.sessions:
                raise Unauthenticated
            return example(Authenticated, **self.sessions[fields["token"]])
        assert method == "login_origins"
        self.asked.append(fields["attempt_ids"])
        known = [UUID(text) for text in fields["attempt_ids"] if UUID(text) in self.origins]
        return {
            "attempts": [
                example(LoginOrigin, attempt_id=str(attempt), **self.origins[attempt]) for attempt in known
            ]
        }


@dataclass
class Stage:
    """One audit service with everything around it."""

    service: Audit
    clock: FixedClock
    accounts: Accounts
    minting: Keyring
    erasing: Keyring
    file: CheckpointFile
    dsn: str
    owner_dsn: str
    superuser_dsn: str

    def ask(self, call: Call[R]) -> R:
        return ask(self.service, call)

    # ── what happens ──

    def run(self, *names: str) -> None:
        """Do once what the service does on time under these names."""
        for name in names:
            run(self.service, name)

    def hear(self, event: Event, **changes: Any) -> UUID:
        values = {
            "id": new_id(),
            "event": event,
            "source": event.source or "account",
            "time": self.clock.now(),
            "subject": event.subject,
            "correlation_id": new_id(),
        }
        message = Received(**{**values, **changes})
        hear(self.service, message)
        return message.id

    def update_user(self, account: UUID | None = None, user: UUID | None = None) -> tuple[UUID, UUID]:
        account, user = account or uuid4(), user or uuid4()
        self.hear(UserUpdated(account_id=account, user_id=user, fields=["name"]), actor=f"user:{user}")
        return account, user

    def log_in(self, account: UUID, user: UUID, *, ip: str | None = IP) -> UUID:
        attempt = uuid4()
        self.accounts.origins[attempt] = {"ip": ip, "user_agent": BROWSER if ip else None, "address_index": "ab12"}
        self.hear(LoginSucceeded(account_id=account, user_id=user, attempt_id=attempt))
        return attempt

    def session(self, account: UUID, user: UUID, role: str = "user") -> str:
        """The token of an open session, as the account service knows it."""
        token = f"session-of-{user}"
        held = {"account_id": str(account), "user_id": str(user), "actor": f"user:{user}", "role": role}
        self.accounts.sessions[token] = held
        return token

    def fail_to_log_in(self) -> UUID:
        attempt = uuid4()
        self.accounts.origins[attempt] = {"ip": None, "user_agent": None, "address_index": "ab12"}
        self.hear(LoginFailed(account_id=None, user_id=None, attempt_id=attempt, reason="unknown_address"))
        return attempt

    def person(self) -> tuple[UUID, UUID]:
        account, user = uuid4(), uuid4()
        self.minting.mint([Subject.company(account), Subject.person(user, account)], self.clock.now())
        return account, user

    def erase(self, account: UUID, user: UUID | None = None, erasure: UUID | None = None) -> UUID:
        erasure = erasure or uuid4()
        self.erasing.fence(account, user, self.clock.now())
        self.hear(ErasureOrdered(erasure_id=erasure, account_id=account, user_id=user, attempt=1))
        return erasure

    def fill(self, rows: int, *, step: int = 0) -> None:
        """Put rows into the intake quickly."""
        account, user = uuid4(), uuid4()
        columns = "event_id, type, version, source, occurred_at, recorded_at, subject, actor, account_id, user_id, "
        columns += "correlation_id, causation_id, field_names, facts"
        with (
            psycopg.connect(self.dsn) as connection,
            connection.cursor() as cursor,
            cursor.copy(f"COPY intake ({columns}) FROM STDIN") as copy,
        ):
            for number in range(rows):
                facts = f'{{"letter_id":"{new_id()}","number":{number}}}'
                head = (new_id(), "user.updated", 1, "account", NOW, NOW, f"user/{user}", f"user:{user}")
                copy.write_row((*head, account, user, new_id(), None, ["email", "name"], facts))
                if step and number % step == 0:
                    account, user = uuid4(), uuid4()

    def sealed_trail(self, *sizes: int) -> None:
        """A trail with a checkpoint at each of these sizes."""
        at = 0
        for size in sizes:
            self.fill(size - at, step=7)
            self.clock.move(timedelta(seconds=61))
            self.run("sequence")
            at = size

    # ── what is there ──

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.superuser_dsn, row_factory=dict_row) as connection:
            return connection.execute(query, parameters).fetchall()

    def value(self, query: str, *parameters: Any) -> Any:
        (row,) = self.rows(query, *parameters)
        return next(iter(row.values()))

    def tamper(self, *statements: str) -> None:
        """What somebody does who owns the tables and has taken the triggers off."""
        with psycopg.connect(self.owner_dsn) as connection:
            for table in ("trail", "tree_node", "checkpoint"):
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER only_grows")
            for statement in statements:
                assert connection.execute(statement).rowcount != 0
            for table in ("trail", "tree_node", "checkpoint"):
                connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER only_grows")

    def verify(self, **options: Any) -> Report:
        """Verify as somebody outside the system does, with the service's own role."""
        return verify(self.dsn, SIGNER.public.text(), self.file.path, **options)

    def codes(self, **options: Any) -> set[str]:
        return {finding.code for finding in self.verify(**options).findings}


def audit_service(
    *, database: Database, clock: FixedClock, accounts: Accounts, keyring: Keyring, file: Path
) -> Audit:
    return Audit(
        database=database,
        clock=clock,
        caller=accounts,
        vault=Vault(keyring),
        index=INDEX,
        signer=SIGNER,
        public_keys=[SIGNER.public],
        outside=CheckpointFile(file),
    )


@contextmanager
def open_keyrings(access: KeyringAccess) -> Iterator[dict[str, Keyring]]:
    """The keyring as each role that plays a part sees it."""
    made = {role: Keyring(access.dsn(role), kek=KEK) for role in ("account", "retention", "audit")}
    for keyring in made.values():
        keyring.open()
    try:
        yield made
    finally:
        for keyring in made.values():
            keyring.close()


@contextmanager
def staged(
    infrastructure: Infrastructure, keyrings: dict[str, Keyring], folder: Path, *, as_left: Stage | None = None
) -> Iterator[Stage]:
    """A stage with a database of its own, because a trail cannot be emptied; it begins as another one was left."""
    instance = postgres.service_instance(infrastructure.secrets_root)
    templates = {"audit": conninfo_to_dict(as_left.dsn)["dbname"]} if as_left else None
    access = DatabaseAccess(infrastructure, infrastructure.db, instance, "db_password", templates)
    database = Database(access.dsn("audit"), source="audit", size=8)
    database.open()
    clock, accounts, file = FixedClock(NOW), Accounts(), folder / "audit" / "checkpoints.jsonl"
    if as_left:
        clock.at = as_left.clock.at
        shutil.copytree(as_left.file.path.parent, file.parent)
    service = audit_service(database=database, clock=clock, accounts=accounts, keyring=keyrings["audit"], file=file)
    try:
        yield Stage(
            service=service,
            clock=clock,
            accounts=accounts,
            minting=keyrings["account"],
            erasing=keyrings["retention"],
            file=CheckpointFile(file),
            dsn=access.dsn("audit"),
            owner_dsn=access.owner_dsn("audit"),
            superuser_dsn=access.superuser_dsn("audit"),
        )
    finally:
        database.close()
        access.drop()
