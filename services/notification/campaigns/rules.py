"""Which campaigns may be sent, as which letter, and in which order their letters leave. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.notification.campaigns.values import LETTER_OF, Campaign, CampaignState
from services.notification.letter_classes.values import LetterTexts, Standing
from services.notification.letter_lifecycle.rules import FAIR_STEP, WAITS, fair_place
from services.notification.letters.kinds import LETTERS
from services.notification.letters.values import CampaignWords, Purpose
from shared.errors import Conflict, Invalid
from shared.terms import enforces
from shared.terms.clauses import messages, parties

KEPT: Final = timedelta(days=3 * 365)
"""As long as a claim about a letter may come; a draft that nobody sends goes after that as well."""
_FILLED_IN: Final = re.compile(r"\{\{|\{%|\{#|%\s*[A-Za-z][\w.]*\s*%|\$\{")
"""What a program somewhere on the way would fill in, or what would hide a word from whoever reads the class."""
_LAST_PLACE: Final = int(WAITS["letter.fair_at"] / FAIR_STEP) - 1
"""Behind so many all others share a place: no instant lies further ahead than what waits may."""


def letter_code(campaign_id: UUID) -> str:
    """What the register of classes calls the letter of a campaign: letters alone, which follow from the id."""
    return "campaign_" + campaign_id.hex[-20:].translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))


def check_words(words: Mapping[str, CampaignWords]) -> None:
    """Raise `Invalid` for words that a program would take for its own."""
    wrong = [
        f"{part}_{language}"
        for language, each in words.items()
        for part, text in (("subject", each.subject), ("text", each.text))
        if _FILLED_IN.search(text)
    ]
    if wrong:
        raise Invalid("nothing is filled in here", details={"fields": {name: ["variable"] for name in wrong}})


def texts_of(campaign: Campaign, own: Mapping[str, str], shared: Mapping[str, str]) -> LetterTexts:
    """The letter of a campaign as it is read for its class: its words, and those around them.

    `own` are the texts of its kind of letter, `shared` those that every letter has: a change of any is another
    letter, of which nobody has said anything.
    """
    kind = LETTERS[LETTER_OF[campaign.letter_class]]
    typed = {f"campaign/{language}": f"{each.subject}\n{each.text}" for language, each in campaign.words.items()}
    named = replace(kind, code=letter_code(campaign.id), letter_class=campaign.letter_class)
    return LetterTexts(kind=named, own={**own, **typed}, shared=shared)


@enforces(messages.MARKETING_CAN_BE_DECLINED, messages.PRODUCT_NEWS_IS_OPTIONAL, parties.MAILGUN_FOR_THREE_THINGS)
def check_start(campaign: Campaign, text_sha256: str, standing: Standing, named: Collection[str]) -> None:
    """Raise `Conflict`, with the reason, for a campaign that may not be sent now.

    It is a draft; the text is the one that both persons saw; two persons have said of just that text that it is of
    its class; and the register names marketing among what Mailgun is used for.
    """
    reasons = {
        "not_a_draft": campaign.state is not CampaignState.DRAFT,
        "other_text": standing.text_sha256 != text_sha256,
        "class_not_approved": standing.letter_class is not campaign.letter_class,
        "purpose_refused": Purpose.MARKETING not in named,
    }
    if reason := next((code for code, holds in reasons.items() if holds), None):
        raise Conflict("this campaign cannot be sent now", details={"reason": reason})


def check_stop(campaign: Campaign) -> None:
    """Raise `Conflict` for a campaign that is over."""
    if campaign.state in (CampaignState.STOPPED, CampaignState.DONE):
        raise Conflict("this campaign is over", details={"reason": "over"})


def place_in_line(started_at: datetime, position: int) -> datetime:
    """Where a letter of a campaign stands in its lane: two campaigns take turns, whichever is the longer one."""
    return fair_place(started_at, min(position, _LAST_PLACE))
