"""cases: whatever a person must decide in time, from what opens it to the end of its file."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import ClassVar, Final

from services.cases.affected import store as affected
from services.cases.affected.facts import ListFacts
from services.cases.affected.feature import AffectedLists
from services.cases.authority_drafts.feature import AuthorityDrafts
from services.cases.board.feature import Board
from services.cases.breach_register.feature import BreachRegister
from services.cases.correspondence.feature import Correspondence
from services.cases.costs.facts import cost_facts
from services.cases.costs.feature import Costs
from services.cases.data_packs.feature import DataPacks
from services.cases.decisions.feature import Decisions
from services.cases.disputes import store as dispute_store
from services.cases.disputes.facts import DisputeHoldFacts
from services.cases.disputes.feature import Disputes
from services.cases.duty.feature import DutyRota
from services.cases.duty_alerts import rules as alert_rules
from services.cases.duty_alerts.feature import DutyAlerts
from services.cases.effects import rules as effect_rules
from services.cases.effects.announce_breach import AnnounceBreach
from services.cases.effects.feature import Effects
from services.cases.erasure.participant import CaseErasure
from services.cases.escalation.feature import Escalation
from services.cases.exporting.tables import contribution
from services.cases.filings import store as filing_store
from services.cases.filings.feature import Filings
from services.cases.incidents_told.feature import IncidentsOfCustomer
from services.cases.intake.facts import IntakeFacts
from services.cases.intake.feature import AlarmIntake
from services.cases.kinds.breach import TELL_CUSTOMERS, TELL_PERSONS
from services.cases.kinds.security_notice import TELL_HOLDERS
from services.cases.marketing_objections.feature import MarketingObjections
from services.cases.nonconformities.answer_customer import AnswerCustomer
from services.cases.nonconformities.feature import NonconformitiesOfCustomer
from services.cases.notices import store as notice_store
from services.cases.notices.facts import NoticeReplay
from services.cases.notices.feature import Notices
from services.cases.notices.order_letters import OrderLetters
from services.cases.notices.rules import authority_due
from services.cases.restore.facts import CaseFacts
from services.cases.restore.in_order import InOrder
from services.cases.rights_requests.feature import RightsRequests
from services.cases.rights_requests.write_requester import WriteRequester
from services.cases.severity.facts import SEVERITY_FACTS
from services.cases.severity.feature import Severity, newest_score
from shared.bus import Service
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database
from shared.participation.exporting import Exporting
from shared.participation.feature import Participation
from shared.privacy.restore_gate import Replayer
from shared.vendor_imprint import Imprint

TOLD: Final = (OrderLetters(TELL_CUSTOMERS), OrderLetters(TELL_PERSONS), OrderLetters(TELL_HOLDERS))
"""They order letters."""


class Cases(Service):
    """The service, composed of its features."""

    name: ClassVar[str] = "cases"
    made_of = (
        Exporting,
        DutyRota, AlarmIntake, Decisions, Severity, Costs, Effects, AffectedLists, Notices, IncidentsOfCustomer,
        NonconformitiesOfCustomer, Disputes, RightsRequests, Correspondence, MarketingObjections, Filings,
        DataPacks, AuthorityDrafts, Board, BreachRegister, Escalation, DutyAlerts, Participation,
    )  # fmt: skip
    waits = MappingProxyType({**effect_rules.WAITS, **alert_rules.WAITS, **notice_store.WAITS})

    def __init__(self, *, database: Database, clock: Clock, caller: Caller, imprint: Imprint | None = None) -> None:
        """Make the features. Who is on duty is known to `DutyRota` alone; `imprint` says who notifies."""
        self.database = database
        self.clock = clock
        self.participant = CaseErasure(notice_store.stand_in)
        duty = DutyRota(database=database, clock=clock, caller=caller)
        notices = Notices(
            database=database,
            clock=clock,
            caller=caller,
            on_duty=duty.on_duty,
            newest_list=affected.newest,
            freeze=affected.freeze,
            lists_of=affected.of_case,
            persons_of=affected.persons_of,
        )
        filings = Filings(database=database, clock=clock, caller=caller)
        alerts = DutyAlerts(database=database, clock=clock, caller=caller, pair_on_duty=duty.pair_on_duty)
        requests = RightsRequests(database, clock, caller, duty.on_duty, affected.without_erased)
        reports = NonconformitiesOfCustomer(database=database, caller=caller)
        of_customers = (reports, Disputes(database=database), requests)
        executors = (AnnounceBreach(), *TOLD, AnswerCustomer(), WriteRequester())
        follow = (notices.follow, filings.follow, *(each.follow for each in of_customers))
        self.features = (
            Exporting(database, clock, contribution(database)),
            duty,
            AlarmIntake(clock=clock, caller=caller, on_duty=duty.on_duty),
            Decisions(
                clock=clock,
                caller=caller,
                on_duty=duty.on_duty,
                follow=follow,
                tell_received=requests.tell_received,
            ),
            Severity(database=database, clock=clock),
            Costs(database=database, clock=clock),
            Effects(database=database, clock=clock, executors=executors),
            AffectedLists(database=database, clock=clock, caller=caller),
            notices,
            IncidentsOfCustomer(database=database, caller=caller),
            *of_customers,
            Correspondence(
                database=database,
                clock=clock,
                caller=caller,
                check_named=requests.check_named,
                take_in=requests.take_in,
                open_case=requests.open_case,
                withdraw=requests.withdraw,
                without_erased=affected.without_erased,
            ),
            MarketingObjections(clock=clock, on_duty=duty.on_duty, without_erased=affected.without_erased),
            filings,
            _data_packs(database, clock),
            _authority_drafts(database, clock, imprint),
            Board(database=database, clock=clock, came=alerts.came, held_for=dispute_store.of_case),
            BreachRegister(
                database=database,
                newest_list=affected.newest,
                notices_of=notice_store.of_case,
                told_of=notice_store.counts,
                severity_of=newest_score,
            ),
            Escalation(database=database, clock=clock, next_owner=duty.next_owner),
            alerts,
            Participation(database, clock, self.participant),
        )

    def guarded(self) -> Iterator[tuple[Database, Replayer | None]]:
        """Its own database."""
        facts = CaseFacts(self.clock), IntakeFacts(), ListFacts(self.clock), NoticeReplay(self.clock)
        added = SEVERITY_FACTS, cost_facts(affected.without_erased)
        yield self.database, InOrder(self.participant, *facts, *added, DisputeHoldFacts())


def _authority_drafts(database: Database, clock: Clock, imprint: Imprint | None) -> AuthorityDrafts:
    return AuthorityDrafts(
        database=database,
        clock=clock,
        newest_list=affected.newest,
        notices_of=notice_store.of_case,
        told_of=notice_store.counts,
        persons_told=notice_store.persons_told,
        named_of=filing_store.named,
        authority_due=authority_due,
        imprint=imprint,
    )


def _data_packs(database: Database, clock: Clock) -> DataPacks:
    return DataPacks(
        database=database,
        clock=clock,
        notices_of=notice_store.of_case,
        told_to=notice_store.told_to,
        persons_of=affected.persons_of,
        filed_for=filing_store.filed_for,
        authority_due=authority_due,
    )
