"""Agreeing to letters, and declining them: by the link or header of one, in a session, or by any other way."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

from services.account.login.calls import Authenticate
from services.notification.letter_lifecycle.values import Letter
from services.notification.letters.rules import can_be_declined
from services.notification.letters.values import LetterClass, LetterKind
from services.notification.preferences import calls, rules
from services.notification.preferences.calls import Unsubscribe, Unsubscribed
from services.notification.preferences.events import MarketingObjected
from services.notification.preferences.rules import read_unsubscribe_token, unsubscribe_token
from services.notification.preferences.store import PreferenceStore
from services.notification.preferences.values import Channel, Objection
from services.notification.recipients.lookup import Lookup
from shared.bus import Feature, answers, every
from shared.bus.probes import HOURLY, probe
from shared.bus.statement_check import spend
from shared.calendar import oslo_date
from shared.calls import Caller
from shared.case_references import reference_of
from shared.clock import Clock
from shared.database import Database, Row, Transaction
from shared.errors import Conflict
from shared.events import Code
from shared.identifiers import new_id
from shared.terms.clauses import messages


@dataclass(kw_only=True, eq=False)
class Preferences(Feature):
    """Makes unsubscribe links with `key`, which lead to the gateway at `public_url`, and takes in their use.

    An objection to marketing is taken in here, where letters leave: once it is noted none leaves that one may
    decline, whoever is away. The case of it follows from the event.
    """

    database: Database
    clock: Clock
    caller: Caller
    lookup: Lookup
    key: bytes = field(repr=False)
    public_url: str
    store: PreferenceStore = field(default_factory=PreferenceStore)

    def unsubscribe_url(self, kind: LetterKind, letter: Letter) -> str | None:
        """The link that declines letters of this kind's class; None where they cannot be declined."""
        if not can_be_declined(kind.letter_class):
            return None
        whose = {"user_id": letter.user_id, "account_id": letter.account_id}
        token = unsubscribe_token(self.key, **whose, letter_class=kind.letter_class)
        return f"{self.public_url.rstrip('/')}/unsubscribe/{token}"

    def preferences_token(self, letter: Letter) -> str:
        """The token of the link to what the reader of a letter wants to get."""
        return rules.preferences_token(self.key, user_id=letter.user_id, account_id=letter.account_id)

    @answers(Unsubscribe)
    def unsubscribe(self, call: Unsubscribe, tx: Transaction) -> Unsubscribed:
        """Send no more letters of a class to a user."""
        user_id, account_id, letter_class = read_unsubscribe_token(self.key, call.token)
        if not can_be_declined(letter_class):
            raise Conflict("letters of this class are necessary and cannot be declined")
        self._hold(tx, user_id)
        self._decline(tx, user_id, account_id, letter_class, self.clock.now())
        return Unsubscribed(letter_class=letter_class.value)

    # ── by a signed link, without log-in ──────────────────────────────────────────────────────────────────────

    @answers(calls.ShowPreferences)
    def show_preferences(self, call: calls.ShowPreferences) -> calls.PreferencesShown:
        """What the user of a link has declined."""
        user_id, account_id = rules.read_preferences_token(self.key, call.token)
        self.lookup.must_exist(account_id, user_id)
        with self.database.transaction() as tx:
            return self._shown(tx, user_id)

    @answers(calls.DeclineClasses)
    def decline_classes(self, call: calls.DeclineClasses) -> calls.PreferencesShown:
        """The user of a link wants no more of these classes. Whoever was erased is not written down again."""
        user_id, account_id = rules.read_preferences_token(self.key, call.token)
        self.lookup.must_exist(account_id, user_id)
        return self._decline_all(user_id, account_id, call.classes)

    # ── in a session ──────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.OwnPreferences)
    def own_preferences(self, call: calls.OwnPreferences) -> calls.PreferencesShown:
        """What whoever has a session has declined."""
        session = self.caller.ask(Authenticate(token=call.token))
        with self.database.transaction() as tx:
            return self._shown(tx, session.user_id)

    @answers(calls.DeclineOwn)
    def decline_own(self, call: calls.DeclineOwn) -> calls.PreferencesShown:
        """Whoever has a session wants no more of these classes."""
        session = self.caller.ask(Authenticate(token=call.token))
        return self._decline_all(session.user_id, session.account_id, call.classes)

    def _decline_all(self, user_id: UUID, account_id: UUID, classes: tuple[str, ...]) -> calls.PreferencesShown:
        """Let no more of these leave; who declined one before did so from then on."""
        with self.database.transaction() as tx:
            self._hold(tx, user_id)
            now = self.clock.now()
            declined = self.store.opt_outs(tx, user_id)
            for letter_class in map(LetterClass, dict.fromkeys(classes)):
                if letter_class not in declined:
                    self._decline(tx, user_id, account_id, letter_class, now)
            return self._shown(tx, user_id)

    def _shown(self, tx: Transaction, user_id: UUID) -> calls.PreferencesShown:
        declined = self.store.opt_outs(tx, user_id)
        optional = tuple(each.value for each in rules.OPTIONAL_CLASSES)
        return calls.PreferencesShown(
            optional=optional, declined=tuple(each for each in optional if each in declined)
        )

    # ── consents ──────────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.OwnConsents)
    def own_consents(self, call: calls.OwnConsents) -> calls.ConsentsShown:
        """Every consent of whoever has a session."""
        session = self.caller.ask(Authenticate(token=call.token))
        with self.database.transaction() as tx:
            return self._consents(tx, session.user_id)

    @answers(calls.GiveConsent)
    def give_consent(self, call: calls.GiveConsent) -> calls.ConsentsShown:
        """Whoever has a session agrees to letters. What was declined before is wanted again from now on."""
        sentences = rules.agreed(call.sentences)
        session = self.caller.ask(Authenticate(token=call.token))
        whose = {"user_id": session.user_id, "account_id": session.account_id}
        with self.database.transaction() as tx:
            self.store.one_at_a_time(tx, session.user_id)
            for sentence in sentences.values():
                self.store.agree(tx, **whose, sentence=sentence, now=self.clock.now())
            return self._consents(tx, session.user_id)

    @every(seconds=3600, irreversible=True)
    def purge_refusals(self) -> None:
        """Forget addresses of erased persons whose time is over."""
        with self.database.transaction() as tx:
            self.store.prune_refusals(tx, oslo_date(self.clock.now()))

    def _consents(self, tx: Transaction, user_id: UUID) -> calls.ConsentsShown:
        consents = self.store.consents(tx, user_id)
        return calls.ConsentsShown(
            consents=tuple(calls.ConsentShown(**asdict(each)) for each in consents),
            sentences=tuple(
                calls.SentenceShown(**asdict(each), sha256=each.sha256) for each in calls.CONSENT_SENTENCES
            ),
        )

    # ── objections to marketing ───────────────────────────────────────────────────────────────────────────────

    @answers(calls.TakeObjection)
    def take_objection(self, call: calls.TakeObjection) -> calls.ObjectionTaken:
        """Somebody has objected to marketing by e-mail, telephone, post or face to face."""
        rules.check_received(call.received_at, self.clock.now())
        objection = Objection(
            case_id=call.objection_id,
            account_id=call.account_id,
            user_id=call.user_id,
            channel=Channel(call.channel),
            received_at=call.received_at,
        )
        with self.database.transaction() as tx:
            is_known = self.store.objection(tx, call.objection_id) is not None
        if not is_known:
            self.lookup.must_exist(call.account_id, call.user_id)
        with self.database.transaction() as tx:
            spend(tx, self.clock.now(), again=is_known)
            return self._object(tx, objection)

    @answers(calls.ObjectToMarketing)
    def object_to_marketing(self, call: calls.ObjectToMarketing) -> calls.ObjectionTaken:
        """Whoever has a session objects to marketing."""
        session, now = self.caller.ask(Authenticate(token=call.token)), self.clock.now()
        objection = Objection(
            case_id=new_id(),
            account_id=session.account_id,
            user_id=session.user_id,
            channel=Channel.ONESELF,
            received_at=now,
        )
        with self.database.transaction() as tx:
            return self._object(tx, objection)

    @answers(calls.DeclinedMarketing)
    def declined_marketing(self, call: calls.DeclinedMarketing) -> calls.DeclinedMarketingShown:
        """Which users of a company want no marketing now."""
        with self.database.transaction() as tx:
            user_ids = self.store.declining(tx, call.account_id, LetterClass.MARKETING)
        return calls.DeclinedMarketingShown(user_ids=tuple(user_ids))

    @probe(
        messages.DECLINED_BY_MAIL_OR_PHONE,
        nb="protester mot markedsføring som ikke gjelder fra da de ble mottatt",
        en="objections to marketing that do not count from when they were received",
        seconds=HOURLY,
    )
    def objections_not_in_force(self, tx: Transaction, _now: datetime) -> Row | None:
        """An objection stands here, and a class that it declines may leave, or was declined only later."""
        return self.store.not_in_force(tx)

    def _object(self, tx: Transaction, objection: Objection) -> calls.ObjectionTaken:
        """Let nothing optional leave since the objection was received, and tell of it once."""
        self._hold(tx, objection.user_id)
        now = self.clock.now()
        known = self.store.objection(tx, objection.case_id)
        if known is not None:
            rules.check_same(known, objection)
        else:
            known = self.store.objected_before(tx, objection)
        if known is not None:
            return _taken(known, is_new=False)
        self.store.add_objection(tx, objection, now)
        for letter_class in rules.OPTIONAL_CLASSES:
            self._decline(tx, objection.user_id, objection.account_id, letter_class, objection.received_at)
        event = MarketingObjected(
            case_id=objection.case_id,
            account_id=objection.account_id,
            user_id=objection.user_id,
            channel=Code(objection.channel),
            received_at=objection.received_at,
        )
        # What asks for a letter is known by its id: so cases knows the letter about its case.
        tx.outbox.add(event, now=now, event_id=objection.case_id)
        return _taken(objection, is_new=True)

    def _decline(
        self, tx: Transaction, user_id: UUID, account_id: UUID, letter_class: LetterClass, since: datetime
    ) -> None:
        """Send no more of a class, and tell of it, which no restore forgets."""
        whose = {"user_id": user_id, "account_id": account_id}
        self.store.decline(tx, **whose, letter_class=letter_class, since=since, now=self.clock.now())

    def _hold(self, tx: Transaction, user_id: UUID) -> None:
        """Let no letter begin to leave to a person who declines, and those be gone that have begun.

        So whoever is told that no more comes gets no more, to the second.
        """
        self.store.one_at_a_time(tx, user_id)
        self.store.wait_for_what_leaves(tx, user_id, self.clock.now())


def _taken(objection: Objection, *, is_new: bool) -> calls.ObjectionTaken:
    return calls.ObjectionTaken(
        case_id=objection.case_id,
        reference=reference_of(objection.case_id),
        effective_from=objection.received_at,
        is_new=is_new,
    )
