"""The account service: companies, their users, and the link between them, composed of the features below."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from types import MappingProxyType
from typing import ClassVar, Final

from services.account.accuracy.feature import Accuracy
from services.account.affected.feature import AffectedCustomers
from services.account.agreements import store as agreement_store
from services.account.agreements.feature import Agreements
from services.account.authentication import store as authentication_store
from services.account.authentication.credentials import Authentication
from services.account.authentication.password_hashing import PasswordHashing
from services.account.companies.feature import Companies
from services.account.confirmation.feature import Confirmation
from services.account.corrections.feature import Corrections
from services.account.deactivation.feature import Deactivation
from services.account.email_change import store as email_change_store
from services.account.email_change.feature import EmailChange
from services.account.erasure.feature import ErasurePreparation
from services.account.erasure.participant import AccountErasure
from services.account.expiry.feature import Expiry
from services.account.export_collecting.feature import ExportCollecting
from services.account.export_handover.feature import ExportHandover
from services.account.export_requests.feature import Exports
from services.account.export_transfers.feature import ExportTransfers
from services.account.export_withdrawal.feature import ExportWithdrawal
from services.account.exporting.tables import contribution
from services.account.exports import rules as export_rules
from services.account.exports import store as export_store
from services.account.exports.means import ExportMeans
from services.account.field_encryption.sealing import Sealing
from services.account.form_drafts import store as form_draft_store
from services.account.form_drafts.feature import FormDrafts
from services.account.index_backfill.feature import IndexBackfill
from services.account.letters.feature import Letters
from services.account.login.feature import Login
from services.account.nonconformities import store as nonconformity_store
from services.account.nonconformities.feature import Nonconformities
from services.account.passwords.feature import Passwords
from services.account.passwords.rules import check_password
from services.account.reactivation.feature import Reactivation
from services.account.reencryption.feature import Reencryption
from services.account.register import rules as register_rules
from services.account.register.business_register import BusinessRegister
from services.account.register.feature import Register
from services.account.restore.facts import AccountFacts
from services.account.sign_up.feature import SignUps
from services.account.support import store as support_store
from services.account.support.feature import Support
from services.account.suspicion.feature import Suspicion
from services.account.takeover.facts import TakeoverFacts
from services.account.takeover.feature import Takeover
from services.account.termination.feature import Termination
from services.account.tickets import rules as ticket_rules
from services.account.tickets import store as ticket_store
from services.account.users.feature import UserManagement
from shared.bus import Service
from shared.clock import Clock
from shared.database import Database
from shared.participation.feature import Participation
from shared.participation.replay import ParticipantReplayer
from shared.privacy.restore_gate import Replayer
from shared.terms import texts

EXPIRE: Final = (
    authentication_store.expire,
    ticket_store.expire,
    email_change_store.expire,
    agreement_store.expire,
    nonconformity_store.expire,
    support_store.expire,
    form_draft_store.expire,
    export_store.expire,
)
"""What is kept for a time only."""


class AccountService(Service):
    """Customers, users, and the link between them."""

    name: ClassVar[str] = "account"
    made_of = (
        SignUps,
        Confirmation,
        Login,
        Passwords,
        EmailChange,
        Letters,
        Companies,
        UserManagement,
        Corrections,
        Agreements,
        Deactivation,
        Reactivation,
        Termination,
        Suspicion,
        Takeover,
        AffectedCustomers,
        Accuracy,
        Nonconformities,
        Support,
        FormDrafts,
        Exports,
        ExportCollecting,
        ExportWithdrawal,
        ExportHandover,
        ExportTransfers,
        Register,
        ErasurePreparation,
        Participation,
        Reencryption,
        IndexBackfill,
        Expiry,
    )
    knows_sessions = True
    waits = MappingProxyType({**register_rules.WAITS, **ticket_rules.WAITS, **export_rules.WAITS})

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        sealing: Sealing,
        hashing: PasswordHashing,
        register: BusinessRegister,
        exporting: ExportMeans,
        terms: texts.TermsTexts | None = None,
        vendor_name: str = "",
    ) -> None:
        """`database` is that of the service's own role; `sealing` has an open keyring.

        `terms` are the texts that customers accept, the sample where none are given. The words of `vendor_name` are
        among those that nobody's password may consist of.
        """
        self.database, self.clock, self.sealing = database, clock, sealing
        parts = (database, clock, sealing)
        check = partial(check_password, vendor_name=vendor_name)
        authentication = Authentication(database, clock, sealing, hashing)
        agreements = Agreements(clock, terms or texts.load(texts.DEMO, allow_demo=True))
        suspicion = Suspicion(database, clock)
        deactivation = Deactivation(clock, suspicion, authentication)
        erasure = ErasurePreparation(database, clock)
        users = UserManagement(*parts, erasure, authentication)
        termination = Termination(database, clock, authentication, deactivation, users)
        participant = AccountErasure(sealing, termination.ended_at)
        register_checks = Register(*parts, register)
        sign_ups = SignUps(*parts, authentication, check, register_checks, agreements, deactivation)
        passwords = Passwords(*parts, authentication, check, sign_ups)
        email_change = EmailChange(*parts, authentication, sign_ups)
        support = Support(*parts)
        self._login = Login(*parts, authentication)
        self._reencryption = Reencryption(database, clock, sealing.vault)
        self._replayer = ParticipantReplayer(participant, AccountFacts(termination), TakeoverFacts())
        self.features = (
            sign_ups,
            Confirmation(*parts, authentication, passwords, agreements, email_change, sign_ups, termination),
            self._login,
            passwords,
            email_change,
            Letters(*parts, agreements, email_change, support),
            Companies(*parts, agreements, termination),
            users,
            Corrections(clock, sealing),
            agreements,
            deactivation,
            Reactivation(*parts, authentication, agreements, termination, erasure, sign_ups),
            termination,
            suspicion,
            Takeover(clock),
            AffectedCustomers(database),
            Accuracy(database, clock),
            Nonconformities(*parts, authentication),
            support,
            FormDrafts(database, clock, authentication),
            Exports(*parts, authentication, exporting),
            ExportCollecting(database, clock, sealing.vault, exporting, contribution(database, sealing)),
            ExportWithdrawal(clock, exporting),
            ExportHandover(database, clock),
            ExportTransfers(*parts, authentication, exporting),
            register_checks,
            erasure,
            Participation(database, clock, participant),
            self._reencryption,
            IndexBackfill(database, sealing),
            Expiry(database, clock, EXPIRE),
        )

    def ready(self) -> None:
        """Without the keyring, and one that is not older than its own rows, no name can be read or written."""
        self.sealing.ping()
        self._reencryption.check()

    def guarded(self) -> Iterator[tuple[Database, Replayer | None]]:
        """Its own database; and the keyring, in which retention destroys anew what a backup brought back."""
        yield self.database, self._replayer
        yield self.sealing.keyring_database, None

    def actor_of_session(self, token: str) -> str | None:
        """Who acts by this session; None where it is not open any more."""
        return self._login.actor_of_session(token)
