"""Consents: what a person agreed to, by which sentence; what ends one, and that no restore brings it back."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from notification_env import UNSUBSCRIBE_KEY, receive, told_by_mailgun, write_to

from services.billing_sync.customers.rules import marketing_flag
from services.notification.letters.values import LetterClass
from services.notification.preferences.calls import (
    CONSENT_SENTENCES,
    DeclinedMarketing,
    DeclineOwn,
    GiveConsent,
    ObjectToMarketing,
    OwnConsents,
    OwnPreferences,
    TakeObjection,
    Unsubscribe,
)
from services.notification.preferences.events import PreferencesChanged
from services.notification.preferences.facts import Objections
from services.notification.preferences.rules import unsubscribe_token
from services.retention.ledger.facts import fact_of
from shared import errors
from shared.events import Received, schema_of
from shared.identifiers import new_id
from shared.privacy.ledger_lines import Entry

pytestmark = [pytest.mark.integration, pytest.mark.clause("MAIL-1", "MAIL-3")]

TOKEN = "k" * 43
SHA256 = {(each.letter_class, each.language): each.sha256 for each in CONSENT_SENTENCES}
MARKETING, NEWS = SHA256["marketing", "nb"], SHA256["product_news", "en"]


@pytest.fixture
def person(house):
    account_id, user_id = new_id(), new_id()
    house.account.people[account_id] = [{"user_id": str(user_id), "role": "user"}]
    house.account.sessions[TOKEN] = (account_id, user_id)
    return {"account_id": account_id, "user_id": user_id}


def counting(house) -> set[str]:
    consents = house.ask(OwnConsents(token=TOKEN)).consents
    return {each.letter_class for each in consents if each.withdrawn_at is None}


def test_what_is_agreed_to_is_known_by_the_sentence_that_was_read_and_told_once(house, person) -> None:
    for _ in range(2):
        shown = house.ask(GiveConsent(token=TOKEN, sentences=(MARKETING, NEWS)))
    assert {(each.letter_class, each.language, each.wording_sha256) for each in shown.consents} == {
        ("marketing", "nb", MARKETING), ("product_news", "en", NEWS),
    }  # fmt: skip
    assert {each.sha256 for each in shown.sentences} == set(SHA256.values())
    assert [kind for kind, _ in house.told()] == ["consent.given"] * 2
    assert {data["wording"] for _, data in house.told()} == {MARKETING, NEWS}
    with pytest.raises(errors.Conflict):
        house.ask(GiveConsent(token=TOKEN, sentences=("ab" * 32,)))
    with pytest.raises(errors.Unauthenticated):
        house.ask(GiveConsent(token="x" * 43, sentences=(NEWS,)))


def test_declining_ends_it_and_agreeing_again_is_a_new_one(house, person) -> None:
    house.ask(GiveConsent(token=TOKEN, sentences=(MARKETING, NEWS)))
    house.ask(DeclineOwn(token=TOKEN, classes=("marketing",)))
    assert counting(house) == {"product_news"}
    assert house.ask(OwnPreferences(token=TOKEN)).declined == ("marketing",)
    of = DeclinedMarketing(account_id=person["account_id"])
    assert house.ask(of).user_ids == (person["user_id"],)
    house.ask(GiveConsent(token=TOKEN, sentences=(MARKETING,)))
    assert house.ask(OwnPreferences(token=TOKEN)).declined == ()
    assert house.ask(of).user_ids == (), "whoever sells by Tripletex may sell again"
    assert len(house.ask(OwnConsents(token=TOKEN)).consents) == 3, "what was withdrawn stays, as proof"
    assert house.ask(ObjectToMarketing(token=TOKEN)).is_new
    assert counting(house) == set()
    assert marketing_flag(7, None, declined=bool(house.ask(of).user_ids)) != {}


def test_an_objection_heard_before_somebody_agreed_does_not_end_what_they_agreed_to_after_it(house, person) -> None:
    heard_at = house.clock.now() - timedelta(minutes=5)
    house.ask(GiveConsent(token=TOKEN, sentences=(NEWS,)))
    heard = TakeObjection(objection_id=new_id(), **person, channel="by_phone", received_at=heard_at)
    assert house.ask(heard).effective_from == heard_at
    assert counting(house) == {"product_news"}
    token = unsubscribe_token(UNSUBSCRIBE_KEY, **person, letter_class=LetterClass.PRODUCT_NEWS)
    house.ask(Unsubscribe(token=token))
    assert counting(house) == set()


def test_no_restore_brings_back_what_was_withdrawn(house, person) -> None:
    """S13: a backup from before the refusal still has the consent; the ledger has the refusal."""
    house.ask(GiveConsent(token=TOKEN, sentences=(MARKETING,)))
    house.ask(DeclineOwn(token=TOKEN, classes=("marketing",)))
    entries = [kept(house, data) for kind, data in house.told() if kind == "preferences.changed"]
    house.change("DELETE FROM opt_out")
    house.change("UPDATE consent SET withdrawn_at = NULL")
    replay = Objections(house.service.participant.is_left)
    with house.database.transaction() as tx:
        assert not any(replay.verify(tx, entry) for entry in entries)
        for entry in entries:
            replay.replay(tx, entry)
        assert all(replay.verify(tx, entry) for entry in entries)
    assert counting(house) == set()
    house.ask(GiveConsent(token=TOKEN, sentences=(MARKETING,)))
    with house.database.transaction() as tx:
        assert all(replay.verify(tx, entry) for entry in entries), "what was agreed to later counts"


def test_whoever_unsubscribes_at_mailgun_has_declined_in_the_ledger_too(house) -> None:
    write_to(house)
    receive(house, told_by_mailgun(house, "unsubscribed"))
    receive(house, told_by_mailgun(house, "unsubscribed"))
    declined = [data["declined"] for kind, data in house.told() if kind == "preferences.changed"]
    assert sorted(declined) == ["marketing", "product_news"]


def test_a_refusal_waits_for_the_letter_that_is_being_handed_over_and_no_longer_than_its_bound(
    house, person
) -> None:
    house.ask(GiveConsent(token=TOKEN, sentences=(MARKETING,)))
    event = write_to(house)
    house.change(
        "UPDATE letter SET account_id = %s, user_id = %s, state = 'sending', begun_at = %s, lease_until = %s",
        person["account_id"], person["user_id"], house.clock.now(), house.clock.now() + timedelta(minutes=1),
    )  # fmt: skip
    assert event.user_id != person["user_id"]
    ended = threading.Event()
    asking = threading.Thread(
        target=lambda: (house.ask(DeclineOwn(token=TOKEN, classes=("marketing",))), ended.set())
    )
    began = time.monotonic()
    asking.start()
    assert not ended.wait(timeout=0.4), "the letter is on its way: nobody is told yet that none comes any more"
    house.change("UPDATE letter SET state = 'sent'")
    asking.join(timeout=5)
    assert ended.is_set()
    assert time.monotonic() - began < 3


def kept(house, data) -> Entry:
    """The line of the ledger about an event that was told."""
    event = PreferencesChanged(**schema_of(PreferencesChanged).load(data))
    now = house.clock.now()
    message = Received(
        id=new_id(), event=event, source="notification", time=now, subject=event.subject, correlation_id=new_id()
    )
    fact = fact_of(message)
    return Entry(
        position=1, previous="", kind=fact.kind, account_id=fact.account_id, user_id=fact.user_id, data=fact.data,
        at=now, key_id="k", line=b"",
    )  # fmt: skip
