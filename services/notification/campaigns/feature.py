"""Campaigns: written by one, sent by two, to whoever agrees to it as each letter leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import UUID

from services.notification.campaigns import calls, rules
from services.notification.campaigns.events import CampaignChanged
from services.notification.campaigns.values import LANGUAGES, Campaign, CampaignState
from services.notification.letter_classes.values import LetterReading, Standing
from services.notification.letters.values import CampaignWords, LetterClass, Purpose
from shared.bus import Feature, answers, every
from shared.bus.probes import HOURLY, probe
from shared.bus.statement_check import two_persons
from shared.clock import Clock
from shared.database import Database, Row, Transaction
from shared.errors import NotFound
from shared.events import Code, Digest
from shared.identifiers import new_id
from shared.keyset import Place, cut
from shared.terms.clauses import messages

if TYPE_CHECKING:
    from services.notification.campaigns.store import CampaignStore

BATCHES_A_ROUND: Final = 10
PURGE_ROUNDS: Final = 20
LOOKS_BACK: Final = timedelta(days=1)


class Classes(Protocol):
    """What the registers say of letters and of Mailgun now."""

    def standing_now(self, tx: Transaction, reading: LetterReading) -> Standing:
        """How the class of a letter stands."""
        ...

    def purposes_now(self, tx: Transaction) -> frozenset[str]:
        """What Mailgun is used for, besides what the terms name."""
        ...


@dataclass(kw_only=True, eq=False)
class CampaignFeature(Feature):
    """Keeps campaigns, makes letters of those that are sent, and ends them.

    What decides whether a letter leaves is asked as it leaves, where it is asked of every other letter: consent,
    refusal, restriction, the state of the account, the class of the text, the purpose, and whether it was stopped.
    """

    database: Database
    clock: Clock
    store: CampaignStore
    classes: Classes

    @answers(calls.DraftCampaign)
    def draft_campaign(self, call: calls.DraftCampaign, tx: Transaction) -> calls.CampaignShown:
        """Keep the words of a letter; nobody gets it yet."""
        words = {
            each: CampaignWords(subject=getattr(call, f"subject_{each}"), text=getattr(call, f"text_{each}"))
            for each in LANGUAGES
        }
        rules.check_words(words)
        campaign = Campaign(
            id=new_id(),
            letter_class=LetterClass(call.letter_class),
            language=call.language,
            words=words,
            state=CampaignState.DRAFT,
            drafted_by=str(call.actor),
            drafted_at=self.clock.now(),
        )
        self.store.add(tx, campaign)
        return self._told(tx, campaign.id)

    @answers(calls.StartCampaign)
    def start_campaign(self, call: calls.StartCampaign, tx: Transaction) -> calls.CampaignShown:
        """Send it, as two persons have signed for just this text."""
        asked_by, approved_by, _ = two_persons()
        campaign = _found(self.store.lock(tx, call.campaign_id))
        standing = self.classes.standing_now(tx, self.store.reading(campaign))
        rules.check_start(campaign, call.text_sha256, standing, self.classes.purposes_now(tx))
        self.store.start(tx, campaign.id, asked_by, approved_by, self.clock.now())
        return self._told(tx, campaign.id)

    @answers(calls.StopCampaign)
    def stop_campaign(self, call: calls.StopCampaign, tx: Transaction) -> calls.CampaignShown:
        """Let no more letters of it leave."""
        campaign = _found(self.store.lock(tx, call.campaign_id))
        rules.check_stop(campaign)
        self.store.end(tx, campaign.id, CampaignState.STOPPED, self.clock.now())
        return self._told(tx, campaign.id)

    @answers(calls.Campaigns)
    def campaigns(self, call: calls.Campaigns) -> calls.CampaignsShown:
        """Every campaign, the newest first."""
        with self.database.transaction() as tx:
            found = self.store.listed(tx, call)
            page, following = cut(found, call.limit, lambda each: Place(each.drafted_at, each.id))
            shown = tuple(calls.CampaignShown(**self._facts(tx, each)) for each in page)
        return calls.CampaignsShown(campaigns=shown, next_after=following)

    @answers(calls.ShowCampaign)
    def show_campaign(self, call: calls.ShowCampaign) -> calls.CampaignWhole:
        """One campaign with its words."""
        with self.database.transaction() as tx:
            campaign = _found(self.store.by_id(tx, call.campaign_id))
            facts, reasons = self._facts(tx, campaign), self.store.counted(tx, campaign.id)["reasons"]
        typed = {
            f"{part}_{language}": getattr(each, part)
            for language, each in campaign.words.items()
            for part in ("subject", "text")
        }
        return calls.CampaignWhole(**facts, **typed, reasons=tuple(sorted(reasons)))

    @every(seconds=1)
    def choose_recipients(self) -> None:
        """Make letters of what is sent, to everybody who agrees to its class; apart from sending."""
        for _ in range(BATCHES_A_ROUND):
            with self.database.transaction() as tx:
                campaign = self.store.claim(tx)
                if campaign is None:
                    return
                self.store.choose(tx, campaign, self.clock.now())

    @every(seconds=10)
    def settle_campaigns(self) -> None:
        """A campaign of which no letter waits any more is over."""
        with self.database.transaction() as tx:
            for each in self.store.finished(tx):
                self.store.end(tx, each.id, CampaignState.DONE, self.clock.now())
                self._told(tx, each.id)

    @every(seconds=3600, irreversible=True)
    def purge_campaigns(self) -> None:
        """Delete campaigns whose time is over, in batches."""
        for _ in range(PURGE_ROUNDS):
            with self.database.transaction() as tx:
                if not self.store.prune(tx, self.clock.now()):
                    return

    @probe(
        messages.MARKETING_CAN_BE_DECLINED,
        messages.PRODUCT_NEWS_IS_OPTIONAL,
        nb="e-poster i kampanjer det siste døgnet til noen som ikke hadde sagt ja, eller hadde sagt nei",
        en="letters of campaigns of the last day to somebody who had not agreed, or had declined",
        seconds=HOURLY,
    )
    def letters_nobody_agreed_to(self, tx: Transaction, now: datetime) -> Row | None:
        """A letter that one may decline was handed over without a consent that counted at that moment."""
        return self.store.left_unwanted(tx, now - LOOKS_BACK)

    def _told(self, tx: Transaction, campaign_id: UUID) -> calls.CampaignShown:
        """How a campaign stands now, which is told as well."""
        campaign = _found(self.store.by_id(tx, campaign_id))
        facts = self._facts(tx, campaign)
        event = CampaignChanged(
            campaign_id=campaign.id,
            state=Code(campaign.state.value),
            letter_class=Code(campaign.letter_class.value),
            wording=Digest(facts["text_sha256"]),
            chosen=campaign.chosen,
        )
        tx.outbox.add(event, now=self.clock.now())
        return calls.CampaignShown(**facts)

    def _facts(self, tx: Transaction, campaign: Campaign) -> dict[str, Any]:
        standing = self.classes.standing_now(tx, self.store.reading(campaign))
        counted = self.store.counted(tx, campaign.id)
        same = (
            "language", "drafted_by", "drafted_at", "requested_by", "approved_by", "started_at", "ended_at",
            "chosen",
        )  # fmt: skip
        return {
            **{name: getattr(campaign, name) for name in same},
            **{name: counted[name] for name in ("waiting", "left", "not_sent")},
            "campaign_id": campaign.id,
            "state": campaign.state.value,
            "letter_class": campaign.letter_class.value,
            "letter": standing.letter,
            "text_sha256": standing.text_sha256,
            "proposed": standing.proposed.value,
            "because": standing.because,
            "approved": standing.approved and standing.approved.value,
            "letter_class_now": standing.letter_class and standing.letter_class.value,
            "purpose_is_named": Purpose.MARKETING in self.classes.purposes_now(tx),
            "agreed": self.store.agreed(tx, campaign.letter_class),
        }


def _found(campaign: Campaign | None) -> Campaign:
    if campaign is None:
        raise NotFound("there is no such campaign")
    return campaign
