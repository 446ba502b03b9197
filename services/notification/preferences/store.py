"""Classes of letters that users declined, and agreed to."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.notification.letter_lifecycle.rules import LEASED
from services.notification.letters.values import LetterClass
from services.notification.preferences.events import ConsentGiven, PreferencesChanged
from services.notification.preferences.rules import HANDED_OVER, OPTIONAL_CLASSES, refusals_kept_until
from services.notification.preferences.values import Channel, Consent, Objection, Sentence
from shared.calendar import oslo_date
from shared.database import Row, Transaction, load_queries
from shared.events import Code, Digest
from shared.identifiers import new_id
from shared.participation.values import Erasure

Q: Final = load_queries(__file__)

CONSENTS_MOST: Final = 200
"""So many consents of one person are shown, the newest of them."""
REFUSALS_A_ROUND: Final = 5000
LOOK_AGAIN_SECONDS: Final = 0.05


class PreferenceStore:
    """Notes what users declined."""

    def opt_outs(self, tx: Transaction, user_id: UUID) -> set[LetterClass]:
        """Which classes a user declined, and has not agreed to since."""
        return {LetterClass(row["letter_class"]) for row in tx.all(Q.opt_outs_of, user_id=user_id)}

    def declining(self, tx: Transaction, account_id: UUID, letter_class: LetterClass) -> list[UUID]:
        """The users of a company who declined a class."""
        rows = tx.all(Q.declining, account_id=account_id, letter_class=letter_class.value)
        return [row["user_id"] for row in rows]

    def opt_out(
        self, tx: Transaction, *, user_id: UUID, account_id: UUID, letter_class: LetterClass, now: datetime
    ) -> bool:
        """Let a user get no more of a class since `now`; whether that was not known, or known from later."""
        added = tx.run(
            Q.add_opt_out, user_id=user_id, account_id=account_id, letter_class=letter_class.value, now=now
        )
        return added == 1

    def is_declined(self, tx: Transaction, user_id: UUID, letter_class: LetterClass, since: datetime) -> bool:
        """Whether a class is declined since then or before; a consent that was given later changes nothing."""
        known = tx.one(Q.is_declined, user_id=user_id, letter_class=letter_class.value, since=since)
        return known is not None

    def decline(
        self,
        tx: Transaction,
        *,
        user_id: UUID,
        account_id: UUID,
        letter_class: LetterClass,
        since: datetime,
        now: datetime,
    ) -> None:
        """Send a user no more of a class since an instant, end what was agreed to by then, and tell of it.

        No restore forgets it. Whoever calls holds the person (`one_at_a_time`).
        """
        whose = {"user_id": user_id, "account_id": account_id}
        self.opt_out(tx, **whose, letter_class=letter_class, now=since)
        self.withdraw(tx, user_id, letter_class, since)
        event = PreferencesChanged(**whose, declined=Code(letter_class.value), since=since)
        tx.outbox.add(event, now=now)

    def one_at_a_time(self, tx: Transaction, user_id: UUID) -> None:
        """Let whatever else this person says, and what begins to leave to them, wait until the transaction ends."""
        tx.one(Q.one_at_a_time, user_id=user_id)

    def wait_for_what_leaves(self, tx: Transaction, user_id: UUID, now: datetime) -> None:
        """Wait, not long, while a letter to this person is being handed over: then nothing leaves any more.

        Whoever calls holds the person, so no other letter begins to leave meanwhile.
        """
        for _ in range(int(HANDED_OVER.total_seconds() / LOOK_AGAIN_SECONDS)):
            if tx.one(Q.under_way, user_id=user_id, now=now, lease=LEASED) is None:
                return
            time.sleep(LOOK_AGAIN_SECONDS)

    # ── consents ──────────────────────────────────────────────────────────────────────────────────────────────

    def agreed_to(self, tx: Transaction, user_id: UUID) -> set[LetterClass]:
        """Which classes a user agrees to now."""
        return {LetterClass(row["letter_class"]) for row in tx.all(Q.agreed_to, user_id=user_id)}

    def consents(self, tx: Transaction, user_id: UUID) -> list[Consent]:
        """Every consent of a user, the newest first."""
        return [Consent(**row) for row in tx.all(Q.consents_of, user_id=user_id, limit=CONSENTS_MOST)]

    def agree(self, tx: Transaction, *, user_id: UUID, account_id: UUID, sentence: Sentence, now: datetime) -> None:
        """Keep that a user agrees to what a sentence says, and tell of it; what is agreed to stays as it is."""
        whose = {"user_id": user_id, "account_id": account_id}
        about = {"letter_class": sentence.letter_class, "language": sentence.language}
        if tx.run(Q.add_consent, id=new_id(), **whose, **about, wording_sha256=sentence.sha256, now=now):
            letter_class, wording = Code(sentence.letter_class), Digest(sentence.sha256)
            tx.outbox.add(ConsentGiven(**whose, letter_class=letter_class, wording=wording), now=now)

    def withdraw(self, tx: Transaction, user_id: UUID, letter_class: LetterClass, since: datetime) -> None:
        """What a user agreed to by then counts no more."""
        tx.run(Q.withdraw_consent, user_id=user_id, letter_class=letter_class.value, since=since)

    # ── of persons who were erased ────────────────────────────────────────────────────────────────────────────

    def keep_refusals(self, tx: Transaction, erasure: Erasure, category: str) -> int:
        """Before an erasure: keep of who declined the digests of their addresses and no more; returns how many."""
        until = refusals_kept_until(oslo_date(erasure.at))
        return tx.run(Q.keep_refusals, **erasure.scope_and_held, category=category, kept_until=until)

    def is_refused(self, tx: Transaction, address_index: bytes, letter_class: LetterClass, user_id: UUID) -> bool:
        """Whether who had this address declined a class and was erased, and this user has not agreed since."""
        about = {"address_index": address_index, "letter_class": letter_class.value, "user_id": user_id}
        return tx.one(Q.refused_before, **about) is not None

    def prune_refusals(self, tx: Transaction, today: date) -> int:
        """Forget digests of addresses whose time is over."""
        return tx.run(Q.prune_refusals, today=today, limit=REFUSALS_A_ROUND)

    # ── objections ────────────────────────────────────────────────────────────────────────────────────────────

    def add_objection(self, tx: Transaction, objection: Objection, now: datetime) -> bool:
        """Keep an objection; whether it is new."""
        return tx.run(Q.add_objection, **asdict(objection), now=now) == 1

    def not_in_force(self, tx: Transaction) -> Row | None:
        """How many objections have not declined what they decline, or only since later."""
        return tx.one(Q.not_in_force, classes=[each.value for each in OPTIONAL_CLASSES])

    def objection(self, tx: Transaction, case_id: UUID) -> Objection | None:
        """An objection by its id."""
        return _objection(tx.one(Q.objection, case_id=case_id))

    def objected_before(self, tx: Transaction, objection: Objection) -> Objection | None:
        """The person's first objection that was received no later and is in force, where there is one."""
        of = {"user_id": objection.user_id, "account_id": objection.account_id}
        classes = [each.value for each in OPTIONAL_CLASSES]
        row = tx.one(Q.objected_before, **of, received_at=objection.received_at, classes=classes)
        return _objection(row)


def _objection(row: Row | None) -> Objection | None:
    return Objection(**row | {"channel": Channel(row["channel"])}) if row else None
