"""Knows which class each letter is of; looked at as a letter leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.notification.letter_classes import rules, store
from services.notification.letter_classes.calls import LetterClasses, LetterClassesShown, LetterClassShown
from services.notification.letter_classes.values import NOT_SAID, LetterReading, Standing
from services.notification.letters.values import LetterClass
from services.notification.mailgun.rules import MAILGUN
from services.registers.board.calls import CountingRecord, CountingRecords
from services.registers.engine.events import RegisterChanged
from shared import log
from shared.bus import Feature, answers, every, handles
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import HOURLY, probe
from shared.calendar import oslo_date
from shared.calls import Caller, pages
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Transient
from shared.events import Received
from shared.terms.clauses import messages

REGISTER: Final = "letter_class"
"""The kind of record that two persons say it by."""
PURPOSES: Final = "processor_purpose"
"""The kind of record by which Mailgun is used for more than the terms name."""
PAGES_MOST: Final = 20

_log = log.get("notification.letter_classes")


@dataclass(kw_only=True, eq=False)
class ClassesOfLetters(Feature):
    """Keeps a copy of what two persons said, which counts while the register is away.

    `readings` has each letter as it was read in the texts of this release.
    """

    database: Database
    clock: Clock
    caller: Caller
    readings: Mapping[str, LetterReading]
    campaign_reading: Callable[[Transaction, UUID], LetterReading | None]
    """The letter of a campaign as it is read now; None where there is no such campaign."""

    @handles(RegisterChanged)
    def note_class_change(self, message: Received[RegisterChanged], tx: Transaction) -> None:
        """A class or a purpose was said or taken back: what counts is copied anew."""
        if message.event.kind in (REGISTER, PURPOSES):
            store.note_change(tx, message.event.record_id, self.clock.now())

    @every(seconds=5)
    def copy_changed_classes(self) -> None:
        """Copy the register where it has changed."""
        with self.database.transaction() as tx:
            is_changed = store.is_changed(tx)
        if is_changed:
            self.copy_classes()

    @every(seconds=3600)
    def copy_classes(self) -> None:
        """Copy what counts, whatever was heard: a database that was set back catches up."""
        asked_at = self.clock.now()
        try:
            classes, purposes = self._counting(REGISTER), self._counting(PURPOSES)
        except Transient as error:
            _log.warning("classes_not_copied", exc_info=error)
            return
        with self.database.transaction() as tx:
            store.copy(tx, classes, purposes, asked_at=asked_at)

    def _counting(self, kind: str) -> list[CountingRecord]:
        on = oslo_date(self.clock.now())
        read = pages(
            lambda after: self.caller.ask(CountingRecords(kind=kind, on=on, after=after)),
            lambda page: page.next_after,
            most=PAGES_MOST,
            too_many=f"there are more records of {kind} than are read",
        )
        return [record for page in read for record in page.records]

    def class_now(self, tx: Transaction, letter: str, campaign_id: UUID | None = None) -> LetterClass | None:
        """Which class a letter is of now, by its code, or by its campaign; None where it may not leave."""
        reading = self.readings.get(letter) if campaign_id is None else self.campaign_reading(tx, campaign_id)
        return self.standing_now(tx, reading).letter_class if reading else None

    def standing_now(self, tx: Transaction, reading: LetterReading) -> Standing:
        """How the class of a letter stands now, as it was read."""
        return rules.standing_of(reading, store.approvals(tx, reading.kind.code), oslo_date(self.clock.now()))

    def purposes_now(self, tx: Transaction) -> frozenset[str]:
        """What Mailgun is used for now, besides what the terms name."""
        return store.purposes(tx, MAILGUN, oslo_date(self.clock.now()))

    @answers(LetterClasses)
    def letter_classes(self, _call: LetterClasses) -> LetterClassesShown:
        """How the class of each letter stands."""
        with self.database.transaction() as tx:
            approvals = store.approvals(tx, None)
        today = oslo_date(self.clock.now())
        shown = (self._shown(each, rules.standing_of(each, approvals, today)) for each in self.readings.values())
        return LetterClassesShown(letters=tuple(shown))

    def _shown(self, reading: LetterReading, standing: Standing) -> LetterClassShown:
        return LetterClassShown(
            letter=standing.letter,
            purpose=reading.kind.purpose,
            declared=standing.declared,
            proposed=standing.proposed,
            because=standing.because,
            approved=standing.approved,
            letter_class=standing.letter_class,
            text_sha256=standing.text_sha256,
        )

    @alarm(
        "letter_class_not_said",
        says="letters whose words offer something, and nobody has said which class they are of",
        act="vilkar mailgun classes",
    )
    def classes_not_said(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """They wait until two persons have said it, or are not worth sending any more."""
        return Waiting.of(store.waiting(tx, NOT_SAID))

    @probe(
        messages.NECESSARY_LETTERS_STILL_GO,
        nb="slag e-post som ser ut som markedsføring, og som ingen har tatt stilling til",
        en="kinds of letters that look like marketing, of which nobody has said what they are",
        seconds=HOURLY,
    )
    def classes_undecided(self, tx: Transaction, _now: datetime) -> int:
        """A letter of this release does not leave: its words offer something, or it is optional."""
        return sum(self.class_now(tx, letter) is None for letter in self.readings)
