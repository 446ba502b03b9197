"""The account service on a real database and keyring, called the way the bus calls it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg

from services.account.authentication.credentials import Authentication
from services.account.authentication.password_hashing import PasswordHashing
from services.account.field_encryption.sealing import Sealing
from services.account.login.feature import Login
from services.account.register.business_register import BusinessRegister
from services.account.register.feature import Register
from services.account.service import AccountService
from shared.clock import Clock, FixedClock
from shared.database import Database
from shared.events import Received
from shared.hold_scope import NOTHING_HELD, Held
from shared.identifiers import new_id
from shared.participation.events import ErasureOrdered
from shared.privacy import BlindIndex, Kek, Keyring, Vault
from shared.privacy.restore_gate import Replayer
from tests.forms import PASSWORD, confirmation_call, proved, sign_up_call
from tests.in_process import feature, hear, invoke, run
from tests.plugins.exporting import EXPORTING

START = datetime(2026, 11, 22, 9, tzinfo=UTC)
KEK_BYTES, INDEX_BYTES = os.urandom(32), os.urandom(32)
KEK = Kek([KEK_BYTES])
INDEX = BlindIndex(INDEX_BYTES)


def account_service(
    database: Database, keyring: Keyring, clock: Clock, index: BlindIndex = INDEX
) -> AccountService:
    """The service with passwords that are digested cheaply, and no business register to ask."""
    sealing = Sealing(Vault(keyring), index)
    sealing.prepare(clock.now())
    return AccountService(
        database=database,
        clock=clock,
        sealing=sealing,
        hashing=PasswordHashing(memory_kib=64, passes=1),
        register=BusinessRegister("http://127.0.0.1:9"),
        exporting=EXPORTING,
    )


@dataclass
class Member:
    """Somebody who has signed up or been added, as a test knows them."""

    email: str
    account_id: UUID
    user_id: UUID
    password: str = PASSWORD

    @property
    def actor(self) -> str:
        return f"user:{self.user_id}"


@dataclass
class World:
    """The service with everything around it that a test may look at or move."""

    service: AccountService
    clock: FixedClock
    database: Database
    keyring: Keyring
    owner_dsn: str
    ip: str = "203.0.113.7"
    numbers: dict[str, int] = field(default_factory=dict)

    def call(self, method: str, **fields: Any) -> Any:
        """Call a method through its schemas, with a transaction where it is a command, and an owner's password."""
        return invoke(self.service, method, **proved(method, fields))

    def run(self, name: str) -> None:
        """Do once what the service does on time under this name."""
        run(self.service, name)

    def ask_register(self, register: BusinessRegister) -> None:
        """Have another business register asked from now on."""
        feature(self.service, Register).client = register

    @property
    def authentication(self) -> Authentication:
        return feature(self.service, Login).authentication

    @property
    def replayer(self) -> Replayer:
        """What makes the facts of the ledger true in the service's own database."""
        (found,) = (each for database, each in self.service.guarded() if database is self.database)
        assert found is not None
        return found

    def origin(self, ip: str | None = None) -> dict[str, Any]:
        return {"ip": ip or self.ip, "user_agent": "Mozilla/5.0 Fjellreven"}

    def application(self, email: str, **changes: Any) -> dict[str, Any]:
        """A complete sign-up; `changes` replace whole fields."""
        return sign_up_call(email, self.origin(), **changes)

    def fresh_email(self, name: str = "kari") -> str:
        return f"{name}.{uuid4().hex[:10]}@firma.example"

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Look into the database as its owner."""
        with psycopg.connect(self.owner_dsn) as connection:
            return connection.execute(query, parameters).fetchall()

    def outbox(self, event_type: str | None = None, *, since: int = 0) -> list[dict[str, Any]]:
        """The data of published events, oldest first, with type and sequence."""
        found = []
        for row_id, body in self.rows("SELECT id, body FROM outbox WHERE id > %s ORDER BY id", since):
            envelope = json.loads(bytes(body))
            if event_type in (None, envelope["type"]):
                found.append({**envelope["data"], "_type": envelope["type"], "_envelope": envelope, "_row": row_id})
        return found

    def user_by_email(self, email: str) -> tuple[UUID, UUID] | None:
        query = "SELECT id, account_id FROM account_user WHERE email_index = %s ORDER BY created_at DESC, id DESC"
        rows = self.rows(query, INDEX.of_email(email))
        return rows[0] if rows else None

    def sign_up(self, email: str | None = None, *, confirmed: bool = True, **changes: Any) -> Member:
        """A company with its creator, confirmed by letter where not told otherwise."""
        email = email or self.fresh_email()
        self.call("sign_up", **self.application(email, **changes))
        user_id, account_id = self.user_by_email(email)
        member = Member(email=email, account_id=account_id, user_id=user_id)
        if confirmed:
            self.confirm(member)
        return member

    def confirm(self, member: Member, **changes: Any) -> Any:
        """Prove the address by the link of the letter, and choose the password there."""
        fields = confirmation_call(self.token_of(member, "email_confirmation", "confirmation"), member.password)
        return self.call("confirm_email", **fields | changes)

    def newest_ticket(self, user_id: UUID, kind: str) -> UUID:
        query = "SELECT id FROM ticket WHERE user_id = %s AND kind = %s ORDER BY created_at DESC, id DESC LIMIT 1"
        return self.rows(query, user_id, kind)[0][0]

    def token_of(self, member: Member, letter: str, kind: str) -> str:
        """The token that a letter would carry."""
        ticket_id = self.newest_ticket(member.user_id, kind)
        facts = self.call("letter_facts", user_id=member.user_id, letter=letter, ticket_id=ticket_id)
        return facts["link_token"]

    def add_user(self, owner: Member, name: str = "ola", *, joined: bool = True) -> Member:
        """A further user, who has taken up the invitation where not told otherwise."""
        email = self.fresh_email(name)
        added = self.call(
            "add_user",
            account_id=owner.account_id,
            actor=owner.actor,
            name="Ola Sletten",
            email=email,
            phone="90012345",
        )
        member = Member(email=email, account_id=owner.account_id, user_id=UUID(added["user_id"]))
        if joined:
            self.call(
                "reset_password", token=self.token_of(member, "invitation", "invitation"), new_password=PASSWORD
            )
        return member

    def change_email(self, member: Member, email: str, **changes: Any) -> dict[str, Any]:
        """Ask for another address in a session of its own, with the current password."""
        token = changes.pop("token", None) or self.log_in(member)["token"]
        fields = {"token": token, "origin": self.origin(), "email": email, "current_password": member.password}
        return self.call("change_email", **fields | changes)

    def log_in(self, member: Member, **changes: Any) -> dict[str, Any]:
        fields = {"email": member.email, "password": member.password, "origin": self.origin()}
        return self.call("log_in", **fields | changes)

    def version(self, member: Member, *, of_user: bool = False) -> int:
        fields = {"account_id": member.account_id, "user_id": member.user_id if of_user else None}
        return self.call("standing", **fields)["version"]

    def deactivate(self, member: Member, actor: str | None = None) -> dict[str, Any]:
        return self.call(
            "deactivate_account",
            account_id=member.account_id,
            actor=actor or member.actor,
            version=self.version(member),
            reason="customer_request" if actor else None,
        )

    def order_erasure(
        self,
        erasure_id: UUID,
        account_id: UUID,
        user_id: UUID | None = None,
        attempt: int = 1,
        held: Held = NOTHING_HELD,
    ) -> None:
        """Deliver `erasure.ordered` as the bus would; `held` stays."""
        ids = {"erasure_id": erasure_id, "account_id": account_id, "user_id": user_id}
        event = ErasureOrdered(**ids, attempt=attempt, **held.columns())
        received = Received(
            id=new_id(),
            event=event,
            source="retention",
            time=self.clock.now(),
            subject=event.subject,
            correlation_id=new_id(),
        )
        hear(self.service, received)
