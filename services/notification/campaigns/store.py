"""Campaigns in the database, and the letters that they become."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.notification.campaigns.rules import KEPT, place_in_line, texts_of
from services.notification.campaigns.values import LANGUAGES, LETTER_OF, Campaign, CampaignState
from services.notification.letter_classes.values import LetterReading, LetterTexts
from services.notification.letter_lifecycle.store import Queue
from services.notification.letter_lifecycle.values import LetterRequest
from services.notification.letters.kinds import LETTERS
from services.notification.letters.rules import expires
from services.notification.letters.values import CampaignWords, Facts, LetterClass
from shared.database import Row, Transaction, load_queries
from shared.keyset import Paged, bounds

Q: Final = load_queries(__file__)
BATCH: Final = 500
"""So many letters one transaction makes."""


@dataclass(frozen=True, kw_only=True)
class CampaignStore:
    """Reads and writes campaigns. `texts` are those of a kind of letter, `shared` those that every letter has."""

    texts: Mapping[str, Mapping[str, str]]
    shared: Mapping[str, str]
    read: Callable[[LetterTexts], LetterReading]
    """Reads a letter for its class."""

    def add(self, tx: Transaction, campaign: Campaign) -> None:
        """Keep a draft."""
        own = ("id", "language", "drafted_by", "drafted_at")
        typed = {
            f"{part}_{language}": getattr(campaign.words[language], part)
            for language in LANGUAGES
            for part in ("subject", "text")
        }
        row = {name: getattr(campaign, name) for name in own} | typed
        tx.run(Q.add, **row, letter_class=campaign.letter_class.value)

    def by_id(self, tx: Transaction, campaign_id: UUID) -> Campaign | None:
        """One campaign."""
        row = tx.one(Q.by_id, id=campaign_id)
        return _campaign(row) if row else None

    def lock(self, tx: Transaction, campaign_id: UUID) -> Campaign | None:
        """One campaign, held until the transaction ends."""
        row = tx.one(Q.lock, id=campaign_id)
        return _campaign(row) if row else None

    def listed(self, tx: Transaction, page: Paged) -> list[Campaign]:
        """A page of them, and one more where another follows."""
        return [_campaign(row) for row in tx.all(Q.listed, **bounds(page))]

    def reading(self, campaign: Campaign) -> LetterReading:
        """The letter of a campaign as it is read for its class."""
        return self.read(texts_of(campaign, self.texts[LETTER_OF[campaign.letter_class]], self.shared))

    def reading_now(self, tx: Transaction, campaign_id: UUID) -> LetterReading | None:
        """The letter of a campaign as it is read now; None where there is no such campaign."""
        campaign = self.by_id(tx, campaign_id)
        return self.reading(campaign) if campaign else None

    def running(self, tx: Transaction, campaign_id: UUID) -> Campaign | None:
        """A campaign whose letters may leave; None where it was stopped or is not there."""
        campaign = self.by_id(tx, campaign_id)
        return campaign if campaign and campaign.state is CampaignState.RUNNING else None

    def start(self, tx: Transaction, campaign_id: UUID, requested_by: str, approved_by: str, now: datetime) -> None:
        """Two persons send it."""
        tx.run(Q.start, id=campaign_id, requested_by=requested_by, approved_by=approved_by, now=now)

    def end(self, tx: Transaction, campaign_id: UUID, state: CampaignState, now: datetime) -> None:
        """It is over."""
        tx.run(Q.end_campaign, id=campaign_id, state=state.value, now=now)

    def claim(self, tx: Transaction) -> Campaign | None:
        """A campaign of which not everybody is chosen yet."""
        row = tx.one(Q.claim)
        return _campaign(row) if row else None

    def choose(self, tx: Transaction, campaign: Campaign, now: datetime) -> None:
        """Make letters to the next of those who agree to the class of a claimed campaign."""
        started_at = campaign.started_at or now
        kind = LETTERS[LETTER_OF[campaign.letter_class]]
        people = tx.all(Q.next_of, letter_class=campaign.letter_class.value, after=campaign.chosen_to, limit=BATCH)
        requests = [
            (
                LetterRequest(
                    event_id=campaign.id,
                    letter=kind.code,
                    account_id=each["account_id"],
                    requested_at=started_at,
                    expires_at=expires(kind, started_at),
                    facts=Facts(campaign_id=campaign.id),
                ),
                each["user_id"],
                place_in_line(started_at, campaign.chosen + position),
            )
            for position, each in enumerate(people)
        ]
        Queue().add_letters_in_places(tx, requests, now=now)
        tx.run(
            Q.note_chosen,
            id=campaign.id,
            count=len(people),
            to=people[-1]["user_id"] if people else None,
            at=now if len(people) < BATCH else None,
        )

    def finished(self, tx: Transaction) -> list[Campaign]:
        """Campaigns of which no letter waits any more."""
        return [_campaign(row) for row in tx.all(Q.finished, limit=BATCH)]

    def agreed(self, tx: Transaction, letter_class: LetterClass) -> int:
        """How many people agree to a class now."""
        row = tx.one(Q.agreed, letter_class=letter_class.value)
        return int(row["count"]) if row else 0

    def counted(self, tx: Transaction, campaign_id: UUID) -> Row:
        """How many letters of it wait, have left and did not, and why those did not."""
        row = tx.one(Q.counted, id=campaign_id)
        if row is None:
            raise LookupError("a count has a row")
        return row

    def prune(self, tx: Transaction, now: datetime) -> int:
        """Delete campaigns whose time is over."""
        return tx.run(Q.prune, before=now - KEPT, limit=BATCH)

    def left_unwanted(self, tx: Transaction, since: datetime) -> Row | None:
        """Letters of campaigns that left since then to who did not agree to their class as they left."""
        return tx.one(Q.left_unwanted, since=since)


def _campaign(row: Row) -> Campaign:
    same = (
        "id", "language", "drafted_by", "drafted_at", "requested_by", "approved_by", "started_at", "chosen",
        "chosen_to", "all_chosen_at", "ended_at",
    )  # fmt: skip
    return Campaign(
        **{name: row[name] for name in same},
        letter_class=LetterClass(row["letter_class"]),
        state=CampaignState(row["state"]),
        words={each: CampaignWords(subject=row[f"subject_{each}"], text=row[f"text_{each}"]) for each in LANGUAGES},
    )
