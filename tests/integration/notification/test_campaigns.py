"""Campaigns: two persons send one, it goes to who agreed and to nobody else, and to no one after a refusal (I3)."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from datetime import timedelta
from typing import Final
from uuid import UUID

import pytest

from services.account.letters.events import UserPasswordResetRequested
from services.notification.campaigns.calls import (
    Campaigns,
    CampaignShown,
    DraftCampaign,
    ShowCampaign,
    StopCampaign,
)
from services.notification.preferences.calls import CONSENT_SENTENCES, DeclineOwn, GiveConsent, ObjectToMarketing
from services.registers.board.calls import CountingRecord
from services.registers.engine.events import RegisterChanged
from shared import errors
from shared.actor import Actor
from shared.calendar import oslo_date
from shared.events import Code
from shared.hold_scope import Held
from shared.identifiers import new_id
from shared.participation.events import RestrictionSet
from shared.participation.values import Erasure, Purpose
from tests.examples import example
from tests.in_process import seen
from tests.staff_statements import decide

pytestmark = [pytest.mark.integration, pytest.mark.clause("MAIL-1", "MAIL-3")]

PERSONS: Final = int(os.environ.get("VILKAR_CAMPAIGN_PERSONS", "120"))
"""To so many the campaign goes of which a tenth object while it leaves: `make campaign` sends it to 5,000."""
KARI: Final = Actor("staff", name="kari")
SHA256: Final = {each.letter_class: each.sha256 for each in CONSENT_SENTENCES if each.language == "nb"}
WORDS: Final = {
    "subject_nb": "Fakturaer i tre steg", "text_nb": "Nå går det på tre steg.\n\nDu finner det under «Fakturaer».",
    "subject_en": "Invoices in three steps", "text_en": "It takes three steps now.\n\nLook below “Invoices”.",
}  # fmt: skip


def somebody(house, *classes: str) -> dict[str, UUID]:
    """A user who agrees to these classes."""
    account_id, user_id = new_id(), new_id()
    house.account.people[account_id] = [{"user_id": str(user_id), "role": "user"}]
    house.account.sessions[token_of(user_id)] = (account_id, user_id)
    if classes:
        sentences = tuple(SHA256[each] for each in classes)
        house.ask(GiveConsent(token=token_of(user_id), sentences=sentences))
    return {"account_id": account_id, "user_id": user_id}


def token_of(user_id: UUID) -> str:
    return user_id.hex + "k" * 11


def draft(house, letter_class: str = "product_news", **changes) -> CampaignShown:
    return house.ask(DraftCampaign(**{"letter_class": letter_class, **WORDS, "actor": KARI} | changes))


def record(house, **fields: str) -> dict[str, object]:
    days = {"valid_from": oslo_date(house.clock.now()).isoformat(), "valid_to": None}
    return example(CountingRecord, record_id=str(new_id()), account_id=None, **days, fields=fields)


def registered(house, *campaigns: CampaignShown, purpose: bool = True) -> None:
    """Two persons have said in the register what each campaign is, and what Mailgun is used for."""
    house.account.records = [
        record(
            house, letter=each.letter, letter_class=each.letter_class, purpose="marketing",
            text_sha256=each.text_sha256,
        )
        for each in campaigns
    ]  # fmt: skip
    house.account.purposes = [record(house, processor="mailgun", purpose="marketing")] if purpose else []
    changed = RegisterChanged(
        record_id=new_id(), account_id=None, kind=Code("processor_purpose"), state=Code("in_force"), revision=3,
        valid_from=oslo_date(house.clock.now()), valid_to=None,
    )  # fmt: skip
    house.hear(changed)
    house.run("copy_changed_classes")


def start(house, campaign: CampaignShown, **changes) -> CampaignShown:
    seen_as = {"campaign_id": campaign.campaign_id, "text_sha256": campaign.text_sha256}
    return CampaignShown.from_json(decide(house.service, "start_campaign", **seen_as | changes))


def refused(house, campaign: CampaignShown, **changes) -> str:
    with pytest.raises(errors.Conflict) as conflict:
        start(house, campaign, **changes)
    return conflict.value.details["reason"]


def send(house, rounds: int = 200) -> None:
    """Until no letter waits any more."""
    for _ in range(rounds):
        house.run("choose_recipients", "deliver_letters")
        if not house.rows("SELECT 1 FROM letter WHERE state IN ('pending', 'sending') LIMIT 1"):
            return


def reached(house) -> set[str]:
    return {letter["to"][0] if isinstance(letter["to"], list) else letter["to"] for letter in house.sent()}


def address(who) -> str:
    return f"{who['user_id'].hex}@readers.example"


def test_it_leaves_by_two_persons_for_a_named_purpose_to_who_agreed_with_a_way_to_decline(house) -> None:
    wants, others = somebody(house, "product_news"), somebody(house, "marketing")
    somebody(house)
    campaign = draft(house)
    assert (campaign.proposed, campaign.approved, campaign.agreed) == ("product_news", None, 1)
    registered(house, purpose=False)
    assert refused(house, campaign) == "class_not_approved"
    registered(house, campaign, purpose=False)
    assert refused(house, campaign) == "purpose_refused"
    registered(house, campaign)
    assert refused(house, campaign, text_sha256="ab" * 32) == "other_text"
    started = start(house, campaign)
    assert (started.state, started.requested_by, started.approved_by) == ("running", "staff:kari", "staff:ola")
    assert refused(house, campaign) == "not_a_draft"
    send(house)
    assert reached(house) == {address(wants)}
    (letter,) = house.sent()
    assert (letter["subject"], set(letter["tags"])) == (WORDS["subject_nb"], {"campaign_news", "marketing"})
    assert "Du finner det under «Fakturaer»." in letter["text"]
    assert "/email-choices/" in letter["text"]
    headers = dict(house.form())
    assert headers["h:List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/unsubscribe/" in headers["h:List-Unsubscribe"]
    house.run("settle_campaigns")
    whole = house.ask(ShowCampaign(campaign_id=campaign.campaign_id))
    assert (whole.state, whole.chosen, whole.left, whole.waiting, whole.reasons) == ("done", 1, 1, 0, ())
    assert [each.state for each in house.ask(Campaigns()).campaigns] == ["done"]
    states = [data["state"] for kind, data in house.told() if kind == "campaign.changed"]
    assert states == ["draft", "running", "done"]
    assert address(others) not in reached(house)
    assert seen(house.service)["letters_nobody_agreed_to"] == 0
    house.change("UPDATE consent SET withdrawn_at = given_at")
    assert seen(house.service)["letters_nobody_agreed_to"] == 1


def test_it_goes_to_nobody_who_is_restricted_inactive_erased_or_reads_another_language(house) -> None:
    wants, restricted, inactive, erased = (somebody(house, "product_news") for _ in range(4))
    house.hear(
        RestrictionSet(
            restriction_id=new_id(), **restricted, ground=Code("a"), requested_on=oslo_date(house.clock.now())
        )
    )
    house.account.lasting = {inactive["user_id"]: errors.Locked(), erased["user_id"]: errors.NotFound()}
    campaign, english = draft(house), draft(house, language="en")
    registered(house, campaign, english)
    for each in (campaign, english):
        start(house, each)
    send(house)
    assert [letter["to"] for letter in house.sent()].count(house.sent()[0]["to"]) == 1
    assert reached(house) == {address(wants)}
    reasons = house.ask(ShowCampaign(campaign_id=campaign.campaign_id)).reasons
    assert set(reasons) == {"restricted", "recipient_inactive"}


def test_a_text_that_is_changed_or_taken_back_and_a_campaign_that_is_stopped_do_not_leave(house) -> None:
    for _ in range(3):
        somebody(house, "product_news")
    campaign = draft(house)
    registered(house, campaign)
    start(house, campaign)
    house.run("choose_recipients")
    house.change("UPDATE campaign SET text_nb = text_nb || ' Tilbud!'")
    house.run("deliver_letters")
    assert {row["reason"] for row in house.letters()} == {"class_not_approved"}
    house.change("UPDATE campaign SET text_nb = replace(text_nb, ' Tilbud!', '')")
    registered(house, purpose=False)
    house.change("UPDATE letter SET due_at = requested_at")
    house.run("deliver_letters")
    assert {row["reason"] for row in house.letters()} == {"class_not_approved"}
    assert house.ask(StopCampaign(campaign_id=campaign.campaign_id)).state == "stopped"
    registered(house, campaign)
    house.change("UPDATE letter SET due_at = requested_at")
    house.run("deliver_letters")
    assert Counter((row["state"], row["reason"]) for row in house.letters()) == {("abandoned", "withdrawn"): 3}
    assert house.sent() == []


def test_a_flood_delays_no_other_letter_and_a_short_campaign_no_longer_than_its_turn(house) -> None:
    for _ in range(60):
        somebody(house, "marketing")
    few = [somebody(house, "product_news") for _ in range(2)]
    long, short = draft(house, "marketing"), draft(house)
    registered(house, long, short)
    start(house, long)
    house.run("choose_recipients")
    start(house, short)
    house.run("choose_recipients")
    house.hear(UserPasswordResetRequested(account_id=new_id(), user_id=new_id(), ticket_id=new_id()))
    line = house.rows(
        "SELECT letter FROM letter LEFT JOIN campaign ON campaign.id = campaign_id ORDER BY lane, fair_at"
    )
    kinds = [row["letter"] for row in line]
    assert kinds[0] == "password_reset"
    assert max(place for place, kind in enumerate(kinds) if kind == "campaign_news") < 20
    send(house)
    assert {address(each) for each in few} < reached(house)
    assert len(house.sent()) == 63


def test_during_a_campaign_a_tenth_object_and_no_letter_reaches_any_of_them_after_the_instant(house) -> None:
    """I3, by what Mailgun saw: `make campaign` says the same of 5,000 people, of whom 500 object."""
    people = [somebody(house, "marketing") for _ in range(PERSONS)]
    campaign = draft(house, "marketing")
    registered(house, campaign)
    start(house, campaign)
    objecting = people[::10]
    answered: dict[str, float] = {}
    begun = threading.Event()

    def object_one_by_one(share: list[dict[str, UUID]]) -> None:
        begun.wait(30)
        for who in share:
            taken = house.ask(ObjectToMarketing(token=token_of(who["user_id"])))
            assert taken.is_new
            answered[address(who)] = house.clock.now().timestamp()
            time.sleep(0.002)

    threads = [threading.Thread(target=object_one_by_one, args=(objecting[at::3],)) for at in range(3)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    for turn in range(2 * PERSONS):
        house.run("choose_recipients", "deliver_letters")
        if turn == 0:
            begun.set()
        if not house.rows("SELECT 1 FROM letter WHERE state IN ('pending', 'sending') LIMIT 1"):
            break
    took = time.monotonic() - began
    for thread in threads:
        thread.join(60)
    assert len(answered) == len(objecting)
    arrived = {_to(letter): letter["at"] for letter in house.sent()}
    assert max(Counter(map(_to, house.sent())).values()) == 1
    late = {who for who, at in answered.items() if arrived.get(who, 0) > at}
    assert late == set()
    spared = answered.keys() - arrived.keys()
    assert spared, "some objected before their letter left"
    assert arrived.keys() == {address(who) for who in people} - spared
    reasons = Counter(row["reason"] for row in house.letters() if row["state"] == "abandoned")
    assert reasons == {"opted_out": len(spared)}
    assert seen(house.service)["letters_nobody_agreed_to"] == 0
    print(  # the figures that `make campaign` is run for
        f"{PERSONS} people, {len(answered)} objected in {took:.0f} s: {len(arrived)} letters left, "
        f"{len(spared)} were kept back, {len(late)} left after the answer to an objection"
    )


def _to(letter) -> str:
    return letter["to"][0] if isinstance(letter["to"], list) else letter["to"]


def test_whoever_declined_and_was_erased_gets_none_at_that_address_before_agreeing_anew(house) -> None:
    declining, new = somebody(house), somebody(house, "marketing")
    house.ask(ObjectToMarketing(token=token_of(declining["user_id"])))
    house.hear(UserPasswordResetRequested(**declining, ticket_id=new_id()))
    house.deliver()
    erasure = Erasure(
        purpose=Purpose.ORDERED, id=new_id(), **declining, held=Held(), at=house.clock.now()
    )  # fmt: skip
    with house.database.transaction() as tx:
        assert house.service.participant.erase(tx, erasure).retained == ("marketing_refusal",)
        assert not house.service.participant.is_left(tx, **declining)
    kept = house.rows("SELECT * FROM refused_address ORDER BY letter_class")
    assert [(row["letter_class"], row["kept_until"].month) for row in kept] == [
        ("marketing", 12),
        ("product_news", 12),
    ]
    house.account.addresses[new["user_id"]] = address(declining)
    house.change("UPDATE consent SET given_at = given_at - interval '1 day'")
    before = len(house.sent())
    for expected in (0, 1):
        campaign = draft(house, "marketing")
        registered(house, campaign)
        start(house, campaign)
        send(house)
        assert len(house.sent()) - before == expected
        house.ask(DeclineOwn(token=token_of(new["user_id"]), classes=("marketing",)))
        house.ask(GiveConsent(token=token_of(new["user_id"]), sentences=(SHA256["marketing"],)))
    house.change("UPDATE refused_address SET kept_until = '2026-01-01'")
    house.run("purge_refusals")
    assert house.rows("SELECT 1 FROM refused_address") == []


def test_campaigns_are_deleted_after_three_years_with_all_that_they_became(house) -> None:
    draft(house)
    running = draft(house)
    house.change("UPDATE campaign SET drafted_at = drafted_at - %s", timedelta(days=3 * 365 + 1))
    house.change(
        "UPDATE campaign SET state = 'running', started_at = drafted_at WHERE id = %s", running.campaign_id
    )
    house.run("purge_campaigns")
    assert [each.campaign_id for each in house.ask(Campaigns()).campaigns] == [running.campaign_id]
