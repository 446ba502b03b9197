"""The one room with SQL. Every method works in the transaction it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import psycopg

from services.notification.rules import SUPPRESSED_AT_MOST, bounce_ends_at, fair_place
from services.notification.values import (
    LIST_LIMIT,
    Facts,
    Letter,
    LetterClass,
    LetterKind,
    Mailing,
    State,
    Suppression,
    SuppressionKind,
    Webhook,
)
from shared.database import Transaction, load_queries
from shared.hold_scope import NOTHING_HELD, Held
from shared.identifiers import new_id
from shared.privacy import restricted
from shared.waits import AHEAD

Q: Final = load_queries(__file__)
Row = dict[str, Any]

PROVIDER: Final = "mailgun"
POSITION_LIMIT: Final = 1000
LEASE: Final = timedelta(seconds=120)
"""Longer than a call of account, a call of Mailgun and two transactions can take together."""
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        "mailing.due_at": timedelta(hours=2),
        "mailing.lease_until": 5 * LEASE,
        "letter.due_at": timedelta(hours=2),
        "letter.fair_at": timedelta(hours=2),
        "letter.lease_until": 5 * LEASE,
        "letter.reconcile_at": timedelta(hours=24),
        "address_cleanup.due_at": timedelta(hours=2),
        "provider_budget.paused_until": timedelta(hours=2),
        "provider_budget.refilled_at": AHEAD,
        "suppression.ends_at": SUPPRESSED_AT_MOST,
        "suppression.tried_at": AHEAD,
    }
)
"""How far ahead the instants that letters wait for may lie. What lies further ahead has come."""

COUNTED: Final = (
    State.PENDING, State.SENDING, State.UNKNOWN, State.PARKED, State.ABANDONED, State.BOUNCED,
)  # fmt: skip
DUE: Final = WAITS["letter.due_at"]
LEASED: Final = WAITS["letter.lease_until"]
PAUSED: Final = WAITS["provider_budget.paused_until"]
BATCH: Final = 500
HISTORY_KEPT: Final = timedelta(days=180)
TOKENS_KEPT: Final = timedelta(days=3)
FAREWELL_KEPT: Final = timedelta(days=30)
CATEGORY_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "letter": "letters",
        "mailing": "letters",
        "opt_out": "objections",
        "suppression": "objections",
        "person_task": "letters",
    }
)
"""Which category of data a table holds. A hold on the category keeps its rows in an erasure, and nothing else."""

NEVER_HELD: Final = ("address_cleanup",)
"""Work that is over with the erasure it belongs to. Tokens of webhooks name nobody and go with their letters."""

_FACTS: Final = (
    "correlation_id",
    "ticket_id",
    "clock_id",
    "erasure_id",
    "certificate_id",
    "due_on",
    "backups_expire_on",
    "noticed_on",
    "notice_ends_on",
    "happened_at",
    "started_on",
    "review_on",
    "cause",
)
_OF_A_LETTER_ONLY: Final = frozenset({"ticket_id"})


def _facts(row: Row) -> Facts:
    told: dict[str, Any] = {name: row.get(name) for name in _FACTS}
    return Facts(**told)


def _facts_row(facts: Facts) -> Row:
    return {name: getattr(facts, name) for name in _FACTS}


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def to_letter(row: Row) -> Letter:
    """A row of `letter` as a value."""
    same = (
        "id", "event_id", "mailing_id", "account_id", "user_id", "letter", "renewal", "attempts", "checks",
        "requested_at", "expires_at", "begun_at", "sent_at", "claim_id",
    )  # fmt: skip
    return Letter(
        **{name: row[name] for name in same},
        state=State(row["state"]),
        facts=_facts(row),
        address_index=_bytes(row["address_index"]),
    )


def to_mailing(row: Row) -> Mailing:
    """A row of `mailing` as a value."""
    same = (
        "id", "event_id", "letter", "account_id", "user_id", "attempts", "requested_at", "expires_at", "claim_id",
    )  # fmt: skip
    return Mailing(**{name: row[name] for name in same}, facts=_facts(row))


class Queue:
    """Mailings and letters that wait, are under way, or have been settled."""

    def add_mailing(
        self,
        tx: Transaction,
        kind: LetterKind,
        *,
        event_id: UUID,
        account_id: UUID,
        user_id: UUID | None,
        facts: Facts,
        now: datetime,
        expires_at: datetime,
    ) -> None:
        """Put a letter to a company or person into the line; the same event does so once.

        An erasure that is announced again has its last letter already, unless the date it tells has moved.
        """
        row = {name: value for name, value in _facts_row(facts).items() if name not in _OF_A_LETTER_ONLY}
        added = tx.run(
            Q.add_mailing,
            id=new_id(),
            event_id=event_id,
            letter=kind.code,
            account_id=account_id,
            user_id=user_id,
            lane=int(kind.lane),
            now=now,
            expires_at=expires_at,
            **row,
        )
        if not added and facts.erasure_id is not None:
            tx.run(
                Q.reopen_farewell,
                erasure_id=facts.erasure_id,
                backups_expire_on=facts.backups_expire_on,
                expires_at=expires_at,
            )

    def waiting_of(self, tx: Transaction, account_id: UUID) -> int:
        """How many letters of a customer stand in line, counted to 1000."""
        row = tx.one(Q.waiting_of_account, account_id=account_id, limit=POSITION_LIMIT)
        return int(row["waiting"]) if row else 0

    def add_letters(
        self,
        tx: Transaction,
        kind: LetterKind,
        users: Sequence[UUID],
        *,
        event_id: UUID,
        account_id: UUID,
        facts: Facts,
        now: datetime,
        requested_at: datetime,
        expires_at: datetime,
        mailing_id: UUID | None = None,
        renewal: int = 0,
    ) -> int:
        """Put one letter to each user into the line, behind those of the same customer; returns how many."""
        ahead = self.waiting_of(tx, account_id)
        rows = [
            {
                "id": new_id(),
                "event_id": event_id,
                "mailing_id": mailing_id,
                "account_id": account_id,
                "user_id": user_id,
                "letter": kind.code,
                "renewal": renewal,
                "lane": int(kind.lane),
                "due_at": now,
                "fair_at": fair_place(now, ahead + place),
                "requested_at": requested_at,
                "expires_at": expires_at,
                **_facts_row(facts),
            }
            for place, user_id in enumerate(users)
        ]
        return tx.many(Q.add_letter, rows)

    def claim_mailing(self, tx: Transaction, now: datetime) -> Mailing | None:
        """The next mailing to be split up, leased."""
        row = tx.one(Q.claim_mailing, claim_id=new_id(), lease_until=now + LEASE, now=now, due=DUE, lease=LEASED)
        return to_mailing(row) if row else None

    def drop_mailing(self, tx: Transaction, mailing: Mailing) -> bool:
        """Delete a leased mailing; False where another worker has it by now."""
        return tx.run(Q.drop_mailing, id=mailing.id, claim_id=mailing.claim_id) == 1

    def settle_mailing(
        self, tx: Transaction, mailing: Mailing, state: str, *, due_at: datetime | None, now: datetime
    ) -> bool:
        """Give a leased mailing its next state; False where another worker has it by now."""
        settled_at = None if state in ("pending", "expanded") else now
        return bool(
            tx.run(
                Q.settle_mailing,
                id=mailing.id,
                claim_id=mailing.claim_id,
                state=state,
                due_at=due_at,
                settled_at=settled_at,
            )
        )

    def claim_letter(self, tx: Transaction, now: datetime, *, rate: float, burst: float) -> Letter | None:
        """The next letter, leased, with one of the provider's tokens; None where one of both is missing.

        The bucket gains `rate` tokens a second and saves up at most `burst`.
        """
        row: Row | None = None
        with tx.savepoint():
            row = tx.one(
                Q.claim_letter,
                claim_id=new_id(),
                lease_until=now + LEASE,
                now=now,
                provider=PROVIDER,
                due=DUE,
                pause=PAUSED,
            )
            if row and not tx.run(Q.take_token, provider=PROVIDER, now=now, rate=rate, burst=burst, ahead=AHEAD):
                row = None
                raise psycopg.Rollback
        return to_letter(row) if row else None

    def set_rate(self, tx: Transaction, per_second: float | None) -> None:
        """How many letters may leave a second from now on; None lets the setting count again."""
        tx.run(Q.set_rate, provider=PROVIDER, per_second=per_second)

    def capacity(self, tx: Transaction, now: datetime, *, rate: float) -> Row:
        """What bounds the sending of letters now."""
        row = tx.one(Q.capacity, provider=PROVIDER, now=now, rate=rate, pause=PAUSED, due=DUE)
        if row is None:
            raise LookupError("the provider has no bucket")
        return row

    def by_state(self, tx: Transaction) -> dict[str, int]:
        """How many letters have not left, were given up, or bounced, by state."""
        counted = {row["state"]: int(row["count"]) for row in tx.all(Q.letters_by_state)}
        return {state.value: counted.get(state.value, 0) for state in COUNTED}

    def suppressed(self, tx: Transaction, now: datetime) -> int:
        """How many addresses get no letters now."""
        row = tx.one(Q.count_suppressed, now=now, longest=SUPPRESSED_AT_MOST)
        return int(row["count"]) if row else 0

    def late(self, tx: Transaction, before: datetime) -> Row | None:
        """How many letters were asked for before then and have not left, and since when the oldest."""
        return tx.one(Q.letters_late, before=before)

    def bring_forward(self, tx: Transaction, now: datetime) -> int:
        """Give letters whose place in the line is further back than any can be a place as of now; how many."""
        return tx.run(Q.bring_forward, now=now, fair=WAITS["letter.fair_at"])

    def pause(self, tx: Transaction, until: datetime, now: datetime) -> None:
        """Let no replica claim a letter before `until`."""
        tx.run(Q.pause_provider, provider=PROVIDER, until=until, now=now, pause=PAUSED)

    def resume(self, tx: Transaction) -> None:
        """End a pause."""
        tx.run(Q.resume_provider, provider=PROVIDER)

    def begin(self, tx: Transaction, letter: Letter, *, address_index: bytes, now: datetime) -> bool:
        """Mark that the call is about to be made; False where the lease was lost or the row is gone."""
        row = tx.one(
            Q.begin_letter,
            id=letter.id,
            claim_id=letter.claim_id,
            address_index=address_index,
            now=now,
            lease_until=now + LEASE,
            lease=LEASED,
        )
        return row is not None

    def lock(self, tx: Transaction, letter_id: UUID) -> Letter | None:
        """One letter, held until the transaction ends."""
        row = tx.one(Q.lock_letter, id=letter_id)
        return to_letter(row) if row else None

    def lock_by_message(self, tx: Transaction, message_id: str) -> Letter | None:
        """The letter with a message id of Mailgun, held until the transaction ends."""
        row = tx.one(Q.lock_letter_by_message, message_id=message_id)
        return to_letter(row) if row else None

    def write(
        self,
        tx: Transaction,
        letter: Letter,
        state: State,
        *,
        due_at: datetime,
        reason: str | None = None,
        attempts: int | None = None,
        checks: int = 0,
        sent_at: datetime | None = None,
        reconcile_at: datetime | None = None,
        settled_at: datetime | None = None,
        message_id: str | None = None,
        code: int | None = None,
    ) -> None:
        """Write what became of a letter this transaction holds. `due_at` matters to the open states only."""
        tx.run(
            Q.write_letter,
            id=letter.id,
            state=state.value,
            reason=reason,
            due_at=due_at,
            attempts=letter.attempts if attempts is None else attempts,
            checks=checks,
            sent_at=sent_at or letter.sent_at,
            reconcile_at=reconcile_at,
            settled_at=settled_at,
            message_id=message_id,
            code=code,
        )

    def note_message(self, tx: Transaction, letter: Letter, message_id: str) -> None:
        """Keep the id Mailgun gave a letter."""
        tx.run(Q.note_message, id=letter.id, message_id=message_id)

    def delete(self, tx: Transaction, letter: Letter) -> None:
        """Forget a letter to a user who is no more."""
        tx.run(Q.delete_letter, id=letter.id)

    def lost(self, tx: Transaction, now: datetime, limit: int) -> list[Letter]:
        """Letters whose worker has not come back, held until the transaction ends."""
        return [to_letter(row) for row in tx.all(Q.lost_letters, now=now, limit=limit, lease=LEASED)]

    def claim_unknown(self, tx: Transaction, now: datetime) -> Letter | None:
        """A letter whose fate is to be asked for now, leased."""
        row = tx.one(Q.claim_unknown, claim_id=new_id(), lease_until=now + LEASE, now=now, due=DUE)
        return to_letter(row) if row else None

    def claim_unheard_of(self, tx: Transaction, now: datetime) -> Letter | None:
        """A letter of which nothing was heard since it left, leased."""
        row = tx.one(
            Q.claim_unheard_of,
            claim_id=new_id(),
            lease_until=now + LEASE,
            now=now,
            reconcile=WAITS["letter.reconcile_at"],
        )
        return to_letter(row) if row else None

    def look_up(self, tx: Transaction, letter: Letter, at: datetime | None, *, checks: int = 0) -> None:
        """Have Mailgun's records asked for a letter, whatever its state; with no instant, no more."""
        tx.run(Q.look_up, id=letter.id, at=at, checks=checks)

    def release_parked(self, tx: Transaction, now: datetime) -> int:
        """Put a batch of parked letters back into the line."""
        return tx.run(Q.release_parked, now=now, limit=BATCH)

    def newest(self, tx: Transaction, *, account_id: UUID | None = None, user_id: UUID | None = None) -> list[Row]:
        """The newest letters of a company, or to one user."""
        if account_id is not None:
            return tx.all(Q.letters_of_account, id=account_id, limit=LIST_LIMIT)
        return tx.all(Q.letters_of_user, id=user_id, limit=LIST_LIMIT)

    def by_id(self, tx: Transaction, letter_id: UUID) -> Row | None:
        """One letter."""
        return tx.one(Q.letter_by_id, id=letter_id)


class Refusals:
    """Addresses that get no letters, classes that were declined, erasures that were called off."""

    def suppressions(self, tx: Transaction, address_index: bytes) -> list[Suppression]:
        """Why an address gets no letters, what is over included."""
        rows = tx.all(Q.suppressions_of, address_index=address_index)
        return [Suppression(**{**row, "kind": SuppressionKind(row["kind"])}) for row in rows]

    def note_try(self, tx: Transaction, address_index: bytes, now: datetime) -> None:
        """A letter goes to a suppressed address all the same."""
        tx.run(Q.note_try, address_index=address_index, now=now)

    def address_works(self, tx: Transaction, letter: Letter) -> None:
        """The letter arrived: no bounce before it says anything against its address."""
        if letter.address_index is not None:
            tx.run(Q.address_works, address_index=letter.address_index)

    def in_force(self, tx: Transaction, account_id: UUID | None, now: datetime) -> list[Row]:
        """Addresses that get no letters now."""
        return tx.all(
            Q.open_suppressions, account_id=account_id, now=now, longest=SUPPRESSED_AT_MOST, limit=LIST_LIMIT
        )

    def by_id(self, tx: Transaction, suppression_id: UUID) -> Row | None:
        """One suppression, held until the transaction ends."""
        return tx.one(Q.suppression_by_id, id=suppression_id)

    def lift(self, tx: Transaction, suppression_id: UUID, by: str, now: datetime) -> None:
        """A person says that the address works."""
        tx.run(Q.lift_suppression, id=suppression_id, by=by, now=now)

    def opt_outs(self, tx: Transaction, user_id: UUID) -> set[LetterClass]:
        """Which classes a user declined."""
        return {LetterClass(row["letter_class"]) for row in tx.all(Q.opt_outs_of, user_id=user_id)}

    def is_restricted(self, tx: Transaction, letter: Letter) -> bool:
        """Whether the reader's address may only be stored: held for a dispute, or restricted by the person."""
        return restricted.is_kept(tx, letter.account_id, letter.user_id, "profile")

    def suppress(self, tx: Transaction, kind: SuppressionKind, letter: Letter, now: datetime) -> None:
        """Let the address a letter went to get no more: for a while after a bounce, for ever after a complaint."""
        if letter.address_index is None:
            return
        ends = kind is SuppressionKind.BOUNCE
        about = {"kind": kind.value, "address_index": letter.address_index}
        row = tx.one(
            Q.add_suppression,
            **about,
            account_id=letter.account_id,
            user_id=letter.user_id,
            ends_at=bounce_ends_at(1, now) if ends else None,
            now=now,
        )
        if ends and row is not None:
            tx.run(Q.set_suppression_end, **about, ends_at=bounce_ends_at(row["times"], now))

    def forget(self, tx: Transaction, address_index: bytes) -> None:
        """Know an address no more."""
        tx.run(Q.forget_address, address_index=address_index)

    def opt_out(
        self, tx: Transaction, *, user_id: UUID, account_id: UUID, letter_class: LetterClass, now: datetime
    ) -> None:
        """Let a user get no more letters of a class."""
        tx.run(Q.add_opt_out, user_id=user_id, account_id=account_id, letter_class=letter_class.value, now=now)

    def cancel_clock(self, tx: Transaction, clock_id: UUID, now: datetime) -> None:
        """Let no letter that announces this erasure leave any more."""
        tx.run(Q.cancel_clock, clock_id=clock_id, now=now)
        tx.run(Q.spare_addresses, clock_id=clock_id)

    def is_cancelled(self, tx: Transaction, clock_id: UUID | None) -> bool:
        """Whether an erasure was called off."""
        return clock_id is not None and tx.one(Q.clock_is_cancelled, clock_id=clock_id) is not None


class Records:
    """Webhooks taken, last letters, alarms, and the end of all of them."""

    def take_webhook(self, tx: Transaction, webhook: Webhook, signal: str | None, now: datetime) -> str:
        """Note a webhook's token: `new`, `repeated` for an event told before, `replayed` for a token used twice.

        Two of the same event at the same moment may both be new; the letter's row lets the second change nothing.
        """
        token, identity = webhook.signature.token, webhook.event.identity
        row = {"token": token, "identity": identity, "letter_id": None, "signal": signal, "now": now}
        if not tx.run(Q.add_webhook, **row):
            known = tx.one(Q.webhook_by_token, token=token)
            return "repeated" if known and known["identity"] == identity else "replayed"
        return "repeated" if tx.one(Q.identity_seen, identity=identity, token=token) else "new"

    def judge_webhook(self, tx: Transaction, token: str, verdict: str, letter_id: UUID | None) -> None:
        """Note what was done about a webhook."""
        tx.run(Q.judge_webhook, token=token, verdict=verdict, letter_id=letter_id)

    def keep_unread(self, tx: Transaction, webhook: Webhook) -> None:
        """Note what could not be understood of a webhook, for as long as its token is known."""
        tx.run(Q.keep_unread, token=webhook.signature.token, unread=webhook.event.unread)

    def add_farewell(self, tx: Transaction, letter_id: UUID, now: datetime) -> None:
        """Remember for 30 days that a last letter left."""
        tx.run(Q.add_farewell, letter_id=letter_id, kept_until=now + FAREWELL_KEPT)

    def is_farewell(self, tx: Transaction, letter_id: UUID) -> bool:
        """Whether a letter was a last one, its row perhaps erased since."""
        return tx.one(Q.is_farewell, letter_id=letter_id) is not None

    def users_written_to(self, tx: Transaction, account_id: UUID) -> list[UUID]:
        """Users of a company whose address Mailgun may know."""
        return [row["user_id"] for row in tx.all(Q.users_written_to, account_id=account_id)]

    def add_cleanups(self, tx: Transaction, mailing: Mailing, users: Sequence[UUID], now: datetime) -> None:
        """Let the addresses of these users be forgotten at Mailgun."""
        same = {
            "mailing_id": mailing.id,
            "account_id": mailing.account_id,
            "now": now,
            "expires_at": mailing.expires_at,
        }
        tx.many(Q.add_cleanup, [{"user_id": user, **same} for user in users])

    def claim_cleanup(self, tx: Transaction, now: datetime) -> Row | None:
        """The next address to be forgotten, leased."""
        return tx.one(Q.claim_cleanup, claim_id=new_id(), due=DUE, lease_until=now + LEASE, now=now)

    def settle_cleanup(self, tx: Transaction, row: Row, state: str, *, due_at: datetime | None = None) -> None:
        """Say what became of a leased address."""
        tx.run(
            Q.settle_cleanup,
            mailing_id=row["mailing_id"],
            user_id=row["user_id"],
            claim_id=row["claim_id"],
            state=state,
            due_at=due_at,
        )

    def finished_farewells(self, tx: Transaction) -> list[Mailing]:
        """Last mailings with nothing left to do, held until the transaction ends."""
        return [to_mailing(row) for row in tx.all(Q.finished_farewells, limit=BATCH)]

    def stop_overdue_farewells(self, tx: Transaction, now: datetime) -> int:
        """End last mailings that took too long; returns how many addresses could not be forgotten."""
        left = 0
        for row in tx.all(Q.overdue_farewells, now=now, limit=BATCH):
            tx.run(Q.abandon_mailing_letters, mailing_id=row["id"], now=now)
            left += tx.run(Q.give_up_cleanups, mailing_id=row["id"])
        return left

    def states_of(self, tx: Transaction, mailing: Mailing) -> list[State]:
        """What became of the letters of a mailing."""
        return [State(row["state"]) for row in tx.all(Q.states_of_mailing, mailing_id=mailing.id)]

    def close_mailing(self, tx: Transaction, mailing: Mailing, now: datetime) -> None:
        """Nothing more is to be done about a mailing."""
        tx.run(Q.close_mailing, id=mailing.id, now=now)

    def alarm(self, tx: Transaction, kind: str, now: datetime, *, status: int | None = None) -> None:
        """Ask a person to look; one open alarm of a kind counts how often it was met."""
        tx.run(Q.raise_alarm, id=new_id(), kind=kind, status=status, now=now)

    def open_alarms(self, tx: Transaction) -> tuple[list[Row], int]:
        """What a person must look at, and how many letters wait for that."""
        parked = tx.one(Q.parked_letters)
        return tx.all(Q.open_alarms, limit=LIST_LIMIT), int(parked["parked"]) if parked else 0

    def alarms_waiting(self, tx: Transaction) -> Row | None:
        """How many alarms are open, and since when the oldest."""
        return tx.one(Q.alarms_waiting)

    def letters_waiting(self, tx: Transaction) -> Row | None:
        """How many letters wait until a person has seen to an alarm, and since when the oldest was asked for."""
        return tx.one(Q.letters_waiting)

    def close_alarms(self, tx: Transaction, now: datetime) -> None:
        """A person has seen to them."""
        tx.run(Q.close_alarms, now=now)

    def add_task(
        self,
        tx: Transaction,
        kind: str,
        *,
        task_id: UUID,
        account_id: UUID,
        user_id: UUID | None,
        due_on: date,
        now: datetime,
        letter: Letter | None = None,
        reason: str | None = None,
    ) -> None:
        """Give a person something to do; a letter makes one task at most."""
        tx.run(
            Q.add_task,
            id=task_id,
            kind=kind,
            account_id=account_id,
            user_id=user_id,
            letter_id=letter.id if letter else None,
            letter=letter.letter if letter else None,
            reason=reason,
            due_on=due_on,
            now=now,
        )

    def open_tasks(self, tx: Transaction, kind: str | None) -> list[Row]:
        """What is to be done by a person."""
        return tx.all(Q.open_tasks, kind=kind, limit=LIST_LIMIT)

    def task(self, tx: Transaction, task_id: UUID) -> Row | None:
        """One task, held until the transaction ends."""
        return tx.one(Q.lock_task, id=task_id)

    def settle_task(self, tx: Transaction, task_id: UUID, outcome: str, by: str, now: datetime) -> None:
        """A person has done it."""
        tx.run(Q.settle_task, id=task_id, outcome=outcome, by=by, now=now)

    def tasks_waiting(self, tx: Transaction, kind: str) -> Row | None:
        """How many of a kind wait for a person, and since when the oldest."""
        return tx.one(Q.tasks_waiting, kind=kind)

    def erase(
        self, tx: Transaction, account_id: UUID, user_id: UUID | None, held: Held = NOTHING_HELD
    ) -> tuple[dict[str, int], bool]:
        """Delete every row of a company, or of one of its users, but for what is held.

        Returns how many of each kind, and whether anything was kept.
        """
        scope = {"account_id": account_id, "user_id": user_id}
        parted = scope | held.columns()
        counts = {
            "webhooks": tx.run(Q.erase_webhooks, **scope),
            "address_cleanups": tx.run(Q.erase_cleanups, **scope),
            "letters": tx.run(Q.erase_letters, **parted, category=CATEGORY_OF["letter"]),
            "mailings": tx.run(Q.erase_mailings, **parted, category=CATEGORY_OF["mailing"]),
            "suppressions": tx.run(Q.erase_suppressions, **parted, category=CATEGORY_OF["suppression"]),
            "opt_outs": tx.run(Q.erase_opt_outs, **parted, category=CATEGORY_OF["opt_out"]),
        }
        counts["person_tasks"] = tx.run(Q.erase_tasks, **parted, category=CATEGORY_OF["person_task"])
        restricted.erase(tx, account_id, user_id, held)
        return counts, bool(held) and tx.one(Q.left_held, **scope) is not None

    def prune(self, tx: Transaction, now: datetime) -> int:
        """Delete a batch of each kind whose time is over; returns how many rows went."""
        old = {"before": now - HISTORY_KEPT, "limit": BATCH}
        return (
            tx.run(Q.prune_webhooks, before=now - TOKENS_KEPT, limit=BATCH)
            + tx.run(Q.prune_farewells, now=now, limit=BATCH)
            + sum(
                tx.run(query, **old)
                for query in (
                    Q.prune_letters,
                    Q.prune_mailings,
                    Q.prune_tasks,
                    Q.prune_suppressions,
                    Q.prune_cancelled_clocks,
                    Q.prune_alarms,
                )
            )
        )
