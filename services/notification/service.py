"""Notification, composed of its features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar

from services.notification.alarms.feature import VendorAlarms
from services.notification.alarms.store import AlarmStore
from services.notification.campaigns.feature import CampaignFeature
from services.notification.campaigns.store import CampaignStore
from services.notification.company_mailings.feature import Mailings
from services.notification.delivery.feature import Delivery
from services.notification.duty_alerts import rules as alert_rules
from services.notification.duty_alerts.feature import DutyAlertDelivery
from services.notification.duty_alerts.hook import DutyHook
from services.notification.erasure.participant import NotificationErasure
from services.notification.exporting.tables import contribution
from services.notification.history.feature import History
from services.notification.inbound_mail.feature import InboundMails
from services.notification.inbound_mail.values import AlarmMailbox
from services.notification.last_letters.feature import Farewells
from services.notification.last_letters.store import FarewellStore
from services.notification.letter_classes.feature import ClassesOfLetters
from services.notification.letter_classes.rules import read
from services.notification.letter_classes.values import LetterReading, LetterTexts
from services.notification.letter_lifecycle.facts import BreachLetterFacts
from services.notification.letter_lifecycle.lifecycle import LetterLifecycle
from services.notification.letter_lifecycle.rules import WAITS
from services.notification.letters.kinds import KINDS
from services.notification.letters.rendering import Renderer, sources_of
from services.notification.mailgun.client import Mailgun
from services.notification.preferences.facts import Objections
from services.notification.preferences.feature import Preferences
from services.notification.preferences.store import PreferenceStore
from services.notification.recipients.lookup import Lookup
from services.notification.reconciliation.feature import Reconciliation
from services.notification.staff_tasks.feature import PersonTasks
from services.notification.staff_tasks.store import TaskStore
from services.notification.suppressions.feature import SuppressionDesk
from services.notification.suppressions.rules import WAITS as SUPPRESSION_WAITS
from services.notification.suppressions.store import SuppressionStore
from services.notification.triggers.feature import Triggers
from services.notification.webhooks.feature import Webhooks
from services.notification.webhooks.store import WebhookStore
from shared.bus import Feature, Service
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database
from shared.participation.exporting import Exporting
from shared.participation.feature import Participation
from shared.participation.replay import ParticipantReplayer
from shared.privacy import BlindIndex
from shared.privacy.restore_gate import Replayer


class NotificationService(Service):
    """Letters: from the event that asks for one to the mail server that takes it, and their forgetting."""

    name: ClassVar[str] = "notification"
    made_of: ClassVar[tuple[type[Feature], ...]] = (
        Participation, Triggers, DutyAlertDelivery, Mailings, ClassesOfLetters, CampaignFeature,
        Delivery, Reconciliation, Farewells, Webhooks, InboundMails, Preferences, SuppressionDesk, PersonTasks,
        VendorAlarms, History, Exporting,
    )  # fmt: skip
    waits = MappingProxyType({**WAITS, **SUPPRESSION_WAITS, **alert_rules.WAITS})

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        caller: Caller,
        mailgun: Mailgun,
        renderer: Renderer,
        index: BlindIndex,
        unsubscribe_key: bytes,
        public_url: str,
        desk_url: str,
        webhook_signing_key: str,
        webhook_path_secret: str,
        mailbox: AlarmMailbox | None = None,
        letters_per_second: float = 20.0,
        burst: float = 40.0,
        workers: int = 4,
        duty_hook: DutyHook | None = None,
    ) -> None:
        """The parts that settings and secrets decide. Without a `mailbox` no mail is taken in."""
        preferences, farewells = PreferenceStore(), FarewellStore()
        self.database, self.clock = database, clock
        self.participant = NotificationErasure(preferences.keep_refusals)
        own: dict[str, Any] = {"database": database, "clock": clock}
        lookup, alarms, suppressions = Lookup(caller), AlarmStore(), SuppressionStore()
        stores: dict[str, Any] = {"suppressions": suppressions, "preferences": preferences}
        lifecycle = LetterLifecycle(**stores, farewells=farewells, tasks=TaskStore(), alarms=alarms)
        declining = Preferences(**own, caller=caller, lookup=lookup, key=unsubscribe_key, public_url=public_url)
        campaigns = CampaignStore(texts=_texts_of_campaigns(), shared=_shared_texts(), read=read)
        read_now: dict[str, Any] = {"readings": _letters_as_read(), "campaign_reading": campaigns.reading_now}
        classes = ClassesOfLetters(**own, **read_now, caller=caller)
        written: dict[str, Any] = {"lookup": lookup, "mailgun": mailgun, "renderer": renderer}
        alerts = DutyAlertDelivery(**own, **written, desk_url=desk_url, hook=duty_hook)
        vendor: dict[str, Any] = {"mailgun": mailgun, "index": index, "alarms": alarms}
        mails: dict[str, Any] = {"store": WebhookStore(), "alarms": alarms, "mailbox": mailbox or AlarmMailbox()}
        door: dict[str, Any] = {"signing_key": webhook_signing_key, "path_secret": webhook_path_secret}
        pace: dict[str, Any] = {"letters_per_second": letters_per_second, "burst": burst, "workers": workers}
        self.features = (
            Participation(database, clock, self.participant),
            Triggers(clock=clock),
            alerts,
            Mailings(**own, lookup=lookup, farewells=farewells, alarms=alarms),
            classes,
            CampaignFeature(**own, store=campaigns, classes=classes),
            Delivery(
                **own,
                **vendor,
                lookup=lookup,
                renderer=renderer,
                lifecycle=lifecycle,
                **stores,
                class_now=classes.class_now,
                campaign_now=campaigns.running,
                purposes_now=classes.purposes_now,
                preferences_token=declining.preferences_token,
                unsubscribe_url=declining.unsubscribe_url,
                **pace,
            ),
            Reconciliation(**own, mailgun=mailgun, lifecycle=lifecycle),
            Farewells(**own, **vendor, lookup=lookup, suppressions=suppressions),
            Webhooks(**own, **vendor, **door, lifecycle=lifecycle, farewells=farewells, to_staff=alerts.apply),
            InboundMails(**own, **door, **mails, lookup=lookup, replies_to=mailgun.replies_to),
            declining,
            SuppressionDesk(**own),
            PersonTasks(**own, lookup=lookup),
            VendorAlarms(**own),
            History(**own, caller=caller),
            Exporting(database, clock, contribution(database)),
        )

    def guarded(self) -> Iterator[tuple[Database, Replayer | None]]:
        """Its own database."""
        facts = Objections(self.participant.is_left), BreachLetterFacts(self.clock)
        yield self.database, ParticipantReplayer(self.participant, *facts)


@cache
def _shared_texts() -> Mapping[str, str]:
    """The texts that every letter has, as they stand in this release."""
    folders = ("frame", "parts")
    return {f"{folder}/{name}": text for folder in folders for name, text in sources_of(folder).items()}


@cache
def _texts_of_campaigns() -> Mapping[str, Mapping[str, str]]:
    """What stands around the words of a campaign, by the kind of letter."""
    return {kind.code: sources_of(kind.code) for kind in KINDS if kind.of_campaign}


@cache
def _letters_as_read() -> Mapping[str, LetterReading]:
    """Each letter as it is read in the texts of this release; those of campaigns have their words elsewhere."""
    kinds = (kind for kind in KINDS if not kind.of_campaign)
    made = (LetterTexts(kind=kind, own=sources_of(kind.code), shared=_shared_texts()) for kind in kinds)
    return MappingProxyType({texts.kind.code: read(texts) for texts in made})
