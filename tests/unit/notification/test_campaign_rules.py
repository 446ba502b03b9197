"""Which campaigns may be sent, as which letter, and in which order their letters leave."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from deploy.letter_gallery import CAMPAIGN
from services.notification.campaigns.rules import (
    check_start,
    check_stop,
    check_words,
    letter_code,
    place_in_line,
    texts_of,
)
from services.notification.campaigns.values import LETTER_OF, Campaign, CampaignState
from services.notification.letter_classes.rules import read, standing_of
from services.notification.letter_classes.values import Approval
from services.notification.letter_lifecycle.rules import WAITS
from services.notification.letters.kinds import KINDS, LETTERS
from services.notification.letters.rules import can_be_declined
from services.notification.letters.values import CampaignWords, Lane, LetterClass
from services.registers.kinds.values import PATTERNS, Form
from shared.errors import Conflict, Invalid

pytestmark = [pytest.mark.unit, pytest.mark.clause("MAIL-1", "MAIL-3")]

NOW = datetime(2026, 12, 3, 9, tzinfo=UTC)
TODAY = date(2026, 12, 3)
DRAFT = Campaign(
    id=UUID("0192f6c0-1234-7000-8000-0000000000ab"),
    letter_class=LetterClass.PRODUCT_NEWS,
    language=None,
    words=CAMPAIGN,
    state=CampaignState.DRAFT,
    drafted_by="staff:kari",
    drafted_at=NOW,
)


def reading_of(*of):
    return read(texts_of(*of))


OWN, SHARED = {"nb": "{{ campaign.text }}"}, {"frame/nb": "Hilsen"}
READING = reading_of(DRAFT, OWN, SHARED)


def standing(said: LetterClass | None = LetterClass.PRODUCT_NEWS, reading=READING):
    approval = said and Approval(
        letter=letter_code(DRAFT.id), letter_class=said, purpose="marketing", text_sha256=READING.text_sha256,
        valid_from=TODAY, valid_to=None,
    )  # fmt: skip
    return standing_of(reading, [approval] if approval else [], TODAY)


def reason(campaign=DRAFT, text=READING.text_sha256, stands=None, named=("marketing",)) -> str:
    with pytest.raises(Conflict) as refused:
        check_start(campaign, text, stands or standing(), named)
    return refused.value.details["reason"]


def test_it_is_sent_once_as_the_text_that_both_saw_of_the_class_that_two_said_for_a_purpose_that_is_named() -> None:
    check_start(DRAFT, READING.text_sha256, standing(), {"marketing"})
    assert reason(replace(DRAFT, state=CampaignState.STOPPED)) == "not_a_draft"
    assert reason(text="ab" * 32) == "other_text"
    assert reason(stands=standing(None)) == "class_not_approved"
    assert reason(stands=standing(LetterClass.MARKETING)) == "class_not_approved"
    assert reason(named=()) == "purpose_refused"


def test_any_change_of_its_words_or_of_those_around_them_is_another_letter() -> None:
    other = replace(DRAFT, words={**CAMPAIGN, "en": CampaignWords(subject="Other", text=CAMPAIGN["en"].text)})
    changed = (
        reading_of(other, OWN, SHARED),
        reading_of(DRAFT, {"nb": "Hei {{ campaign.text }}"}, SHARED),
        reading_of(DRAFT, OWN, {"frame/nb": "Vennlig hilsen"}),
        reading_of(replace(DRAFT, id=UUID(int=1)), OWN, SHARED),
    )
    assert len({READING.text_sha256, *(each.text_sha256 for each in changed)}) == len(changed) + 1
    assert all(standing(reading=each).letter_class is None for each in changed)


def test_an_offer_among_news_makes_it_marketing_by_its_words() -> None:
    offering = replace(DRAFT, words={**CAMPAIGN, "nb": CampaignWords(subject="Nytt", text="Vi har et tilbud.")})
    proposed = standing_of(reading_of(offering, OWN, SHARED), (), TODAY)
    assert (proposed.proposed, proposed.because) == (LetterClass.MARKETING, ("tilbud",))


@pytest.mark.parametrize("text", ["{{ offer }}", "{% if x %}", "{# et tilbud #}", "%recipient.name%", "${name}"])
def test_nothing_hides_a_word_from_whoever_reads_the_class_and_nothing_is_filled_in(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_words({**CAMPAIGN, "nb": CampaignWords(subject="Nytt", text=f"Se her: {text}")})
    assert refused.value.details["fields"].keys() == {"text_nb"}
    check_words({"nb": CampaignWords(subject="100 % nytt", text="Det er 20 % raskere, {sier de}.")})


def test_what_the_register_calls_it_follows_from_its_id_and_fits_there() -> None:
    assert re.fullmatch(PATTERNS[Form.PART], letter_code(DRAFT.id))
    assert letter_code(DRAFT.id) != letter_code(UUID("0192f6c0-1234-7000-8000-0000000000ac"))
    assert letter_code(DRAFT.id) not in LETTERS


def test_two_campaigns_take_turns_and_no_place_lies_further_ahead_than_what_waits_may() -> None:
    later = NOW + timedelta(seconds=100)
    assert place_in_line(NOW, 0) < place_in_line(later, 0) < place_in_line(NOW, 1000) < place_in_line(later, 1000)
    assert place_in_line(NOW, 10**6) - NOW < WAITS["letter.fair_at"]


def test_what_one_may_decline_leaves_after_everything_else_and_is_a_campaigns() -> None:
    optional = {kind.code for kind in KINDS if can_be_declined(kind.letter_class)}
    assert optional == set(LETTER_OF.values()) == {kind.code for kind in KINDS if kind.of_campaign}
    assert {kind.lane for kind in KINDS if kind.of_campaign} == {Lane.CAMPAIGN} == {max(Lane)}
    assert not any(
        kind.when_inactive or kind.to_unconfirmed or kind.asked_for for kind in KINDS if kind.of_campaign
    )
    for letter_class, code in LETTER_OF.items():
        assert LETTERS[code].letter_class is letter_class


def test_whatever_is_not_over_can_be_stopped_by_one() -> None:
    for state in CampaignState:
        campaign = replace(DRAFT, state=state)
        if state in (CampaignState.DRAFT, CampaignState.RUNNING):
            check_stop(campaign)
        else:
            with pytest.raises(Conflict):
                check_stop(campaign)
