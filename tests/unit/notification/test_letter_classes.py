"""Which class a letter is of: proposed by its words, said by two persons, and checked with its text (S26)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.notification.letter_classes.rules import digest_of, read, standing_of, words_of_offer
from services.notification.letter_classes.values import Approval, LetterTexts
from services.notification.letters.kinds import KINDS, LETTERS
from services.notification.letters.rendering import sources_of
from services.notification.letters.values import LetterClass

pytestmark = [pytest.mark.unit, pytest.mark.clause("MAIL-4")]

TODAY = date(2026, 12, 1)
KIND = LETTERS["rights_answered"]
PLAIN = LetterTexts(kind=KIND, own={"nb": "Svar på kravet ditt\nDet er gjort."}, shared={"frame/nb": "Hilsen"})
MIXED = replace(PLAIN, own={"nb": "Svar på kravet ditt\nDet er gjort. Vi har også et tilbud: 20 % rabatt."})


def said(texts: LetterTexts, letter_class: LetterClass, **changes) -> Approval:
    fields = {
        "letter": texts.kind.code, "letter_class": letter_class, "purpose": texts.kind.purpose,
        "text_sha256": digest_of(texts), "valid_from": TODAY, "valid_to": None,
    }  # fmt: skip
    return Approval(**fields | changes)


def counting(texts: LetterTexts, *approvals: Approval) -> LetterClass | None:
    return standing_of(read(texts), approvals, TODAY).letter_class


def test_no_letter_of_this_release_offers_anything() -> None:
    shared = {name: text for folder in ("frame", "parts") for name, text in sources_of(folder).items()}
    assert words_of_offer(shared.values()) == ()
    assert {kind.code: words_of_offer(sources_of(kind.code).values()) for kind in KINDS} == {
        kind.code: () for kind in KINDS
    }


def test_a_necessary_letter_that_offers_nothing_leaves_as_what_it_is() -> None:
    assert counting(PLAIN) is LetterClass.LEGAL


def test_a_mixed_letter_is_marketing_and_does_not_leave_before_two_persons_have_said_what_it_is() -> None:
    standing = standing_of(read(MIXED), (), TODAY)
    assert (standing.proposed, standing.because, standing.letter_class) == (
        LetterClass.MARKETING, ("20 % rabatt", "tilbud"), None,
    )  # fmt: skip
    assert counting(MIXED, said(MIXED, LetterClass.MARKETING)) is LetterClass.MARKETING
    assert counting(MIXED, said(MIXED, LetterClass.LEGAL)) is LetterClass.LEGAL


@pytest.mark.parametrize(
    "changes",
    [
        {"letter": "rights_refused"},
        {"purpose": "support"},
        {"text_sha256": "ab" * 32},
        {"valid_from": date(2026, 12, 2)},
        {"valid_from": date(2025, 12, 1), "valid_to": TODAY},
    ],
)
def test_what_was_said_counts_for_this_letter_purpose_and_text_and_while_it_counts(changes) -> None:
    assert counting(MIXED, said(MIXED, LetterClass.LEGAL, **changes)) is None


def test_any_change_of_a_text_is_another_letter() -> None:
    changed = (
        replace(PLAIN, own={"nb": PLAIN.own["nb"] + "!"}),
        replace(PLAIN, own={"en": PLAIN.own["nb"]}),
        replace(PLAIN, shared={"frame/nb": "Vennlig hilsen"}),
        replace(PLAIN, kind=LETTERS["rights_refused"]),
    )
    assert len({digest_of(PLAIN), *map(digest_of, changed)}) == len(changed) + 1


@pytest.mark.clause("MAIL-3")
@pytest.mark.parametrize("optional", [LetterClass.MARKETING, LetterClass.PRODUCT_NEWS])
def test_what_was_declared_as_optional_leaves_by_the_word_of_two_and_never_as_necessary(optional) -> None:
    news = replace(PLAIN, kind=replace(KIND, letter_class=optional))
    assert counting(news) is None
    assert counting(news, said(news, optional)) is optional
    assert counting(news, said(news, LetterClass.SERVICE)) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Bestill nå og få 30 % rabatt på kurset", ("30 % rabatt", "bestill nå", "kurset")),
        ("Join our course and get 20% off", ("20% off", "course")),
        ("{% if offer %}{{ campaign }}{% endif %}{# a discount #}", ()),
        ("Bestillinger, kursen, svar er gratis, of course it was offered", ()),
    ],
)
def test_words_of_an_offer_are_found_in_what_is_read_and_not_in_what_fills_it(text, words) -> None:
    assert words_of_offer([text]) == words
