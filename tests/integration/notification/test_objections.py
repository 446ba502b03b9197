"""An objection to marketing counts from its receipt, whichever way it came, and is confirmed (S26, I3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from notification_env import UNSUBSCRIBE_KEY

from services.notification.letters.values import LetterClass
from services.notification.preferences.calls import (
    DeclineClasses,
    DeclineOwn,
    ObjectToMarketing,
    OwnPreferences,
    ShowPreferences,
    TakeObjection,
    Unsubscribe,
)
from services.notification.preferences.events import MarketingObjected, PreferencesChanged
from services.notification.preferences.facts import Objections
from services.notification.preferences.rules import preferences_token, unsubscribe_token
from services.retention.ledger.facts import fact_of
from shared import errors
from shared.events import Received, schema_of
from shared.identifiers import new_id
from shared.privacy.ledger_lines import Entry

pytestmark = [pytest.mark.integration, pytest.mark.clause("MAIL-2", "RIGHTS-4")]

TOKEN = "k" * 43
OPTIONAL = {"marketing", "product_news"}


@pytest.fixture
def person(house):
    account_id, user_id = new_id(), new_id()
    house.account.people[account_id] = [{"user_id": str(user_id), "role": "user"}]
    house.account.sessions[TOKEN] = (account_id, user_id)
    return {"account_id": account_id, "user_id": user_id}


def by_phone(house, person, **changes):
    at = house.clock.now() - timedelta(minutes=20)
    return TakeObjection(**{"objection_id": new_id(), **person, "channel": "by_phone", "received_at": at} | changes)


def declined(house, user_id):
    rows = house.rows("SELECT letter_class, since FROM opt_out WHERE user_id = %s", user_id)
    return {row["letter_class"]: row["since"] for row in rows}


def test_what_staff_hear_by_phone_counts_from_when_they_heard_it_and_is_confirmed(house, person) -> None:
    heard = by_phone(house, person)
    taken = house.ask(heard)
    assert (taken.case_id, taken.effective_from, taken.is_new) == (heard.objection_id, heard.received_at, True)
    assert declined(house, person["user_id"]) == dict.fromkeys(OPTIONAL, heard.received_at)
    kinds = house.types()
    assert sorted(kinds) == ["marketing.objected", "preferences.changed", "preferences.changed"]
    objected = dict(house.told())["marketing.objected"]
    assert (objected["channel"], objected["user_id"]) == ("by_phone", str(person["user_id"]))
    again = house.ask(heard)
    assert (again.case_id, again.is_new) == (taken.case_id, False), "asked again, as the answer was lost"
    assert house.types() == kinds


def test_whoever_objects_by_themselves_is_heard_at_once_and_the_second_time_is_the_first_one(house, person) -> None:
    taken = house.ask(ObjectToMarketing(token=TOKEN))
    assert taken.is_new
    assert set(declined(house, person["user_id"])) == OPTIONAL
    again = house.ask(ObjectToMarketing(token=TOKEN))
    assert (again.case_id, again.is_new) == (taken.case_id, False)
    with pytest.raises(errors.Unauthenticated):
        house.ask(ObjectToMarketing(token="x" * 43))


def test_an_earlier_receipt_that_is_heard_of_later_moves_it_back(house, person) -> None:
    by_oneself = house.ask(ObjectToMarketing(token=TOKEN))
    earlier = house.ask(by_phone(house, person))
    assert earlier.is_new
    assert earlier.effective_from < by_oneself.effective_from
    assert set(declined(house, person["user_id"]).values()) == {earlier.effective_from}


def test_a_link_declines_one_class_and_an_objection_the_other_one_too(house, person) -> None:
    token = unsubscribe_token(UNSUBSCRIBE_KEY, **person, letter_class=LetterClass.PRODUCT_NEWS)
    assert house.ask(Unsubscribe(token=token)).letter_class == "product_news"
    assert set(declined(house, person["user_id"])) == {"product_news"}
    assert house.ask(ObjectToMarketing(token=TOKEN)).is_new
    assert set(declined(house, person["user_id"])) == OPTIONAL


def test_in_a_session_one_sees_and_declines_what_the_link_of_a_letter_shows(house, person) -> None:
    assert house.ask(OwnPreferences(token=TOKEN)).declined == ()
    for _ in range(2):
        assert house.ask(DeclineOwn(token=TOKEN, classes=("product_news",))).declined == ("product_news",)
    by_link = house.ask(ShowPreferences(token=preferences_token(UNSUBSCRIBE_KEY, **person)))
    assert by_link == house.ask(OwnPreferences(token=TOKEN))
    assert house.types() == ["preferences.changed"]
    for call in (OwnPreferences(token="x" * 43), DeclineOwn(token="x" * 43, classes=("marketing",))):
        with pytest.raises(errors.Unauthenticated):
            house.ask(call)


def test_nobody_objects_for_somebody_elses_user_in_the_future_or_under_anothers_number(house, person) -> None:
    known = by_phone(house, person)
    house.ask(known)
    with pytest.raises(errors.NotFound):
        house.ask(by_phone(house, person, user_id=new_id()))
    with pytest.raises(errors.Invalid):
        house.ask(by_phone(house, person, received_at=house.clock.now() + timedelta(minutes=1)))
    with pytest.raises(errors.Conflict):
        house.ask(by_phone(house, person, objection_id=known.objection_id, channel="by_post"))
    with pytest.raises(errors.Invalid):
        house.ask(by_phone(house, person, channel="by_oneself"))


@pytest.mark.clause("MAIL-1")
def test_no_restore_forgets_it_nor_since_when_it_counts(house, person) -> None:
    """S13: what the ledger has of it declines again, from the same instant."""
    heard = by_phone(house, person)
    house.ask(heard)
    entries = [kept(house, data) for kind, data in house.told() if kind == "preferences.changed"]
    house.change("DELETE FROM opt_out")
    replay = Objections(house.service.participant.is_left)
    with house.database.transaction() as tx:
        for entry in entries:
            replay.replay(tx, entry)
        assert all(replay.verify(tx, entry) for entry in entries)
    assert declined(house, person["user_id"]) == dict.fromkeys(OPTIONAL, heard.received_at)


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


@pytest.mark.clause("MAIL-1", "MAIL-3")
def test_the_page_of_what_one_gets_declines_by_class_from_a_signed_link(house, person) -> None:
    token = preferences_token(UNSUBSCRIBE_KEY, **person)
    assert house.ask(ShowPreferences(token=token)).declined == ()
    assert house.types() == [], "to look changes nothing"
    for _ in range(2):
        shown = house.ask(DeclineClasses(token=token, classes=("product_news", "product_news")))
        assert (shown.optional, shown.declined) == (("marketing", "product_news"), ("product_news",))
    assert house.types() == ["preferences.changed"]
    one_click = unsubscribe_token(UNSUBSCRIBE_KEY, **person, letter_class=LetterClass.MARKETING)
    with pytest.raises(errors.Invalid):
        house.ask(ShowPreferences(token=one_click))
    house.account.gone.add(person["account_id"])
    with pytest.raises(errors.NotFound):
        house.ask(DeclineClasses(token=token, classes=("marketing",)))
    assert set(declined(house, person["user_id"])) == {"product_news"}, "who was erased is not written down again"


@pytest.mark.clause("MAIL-1")
def test_the_letter_that_confirms_leads_to_the_page_of_its_reader(house, person) -> None:
    house.ask(by_phone(house, person))
    told = dict(house.told())["marketing.objected"]
    house.hear(MarketingObjected(**schema_of(MarketingObjected).load(told)))
    house.deliver()
    (letter,) = house.sent()
    assert f"/email-choices/{preferences_token(UNSUBSCRIBE_KEY, **person)}" in letter["text"]
