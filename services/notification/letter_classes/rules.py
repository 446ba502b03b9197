"""Which class a letter is of, and whether it may leave as that. Pure.

The program proposes by the words of a letter, and proposes strictly: what offers anything is marketing, whatever
else it says (L27, L29). Where that is not what the letter was declared as, two persons say what it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from services.notification.letter_classes.values import Approval, LetterReading, LetterTexts, Standing
from services.notification.letters.rules import can_be_declined
from services.notification.letters.values import LetterClass
from shared.canonical_json import canonical
from shared.terms import enforces
from shared.terms.clauses import messages

OFFERS: Final = (
    # what is for sale, and what it costs less
    r"tilbud\w*", r"rabatt\w*", r"kampanje\w*", r"salgspris\w*", r"prisavslag\w*", r"kjøp\w*", r"bestill nå",
    r"oppgrader\w*", r"gratis prøve\w*", r"prøv gratis", r"introduksjonspris\w*",
    r"offers?", r"discount\w*", r"campaign\w*", r"special price\w*", r"buy", r"order now", r"upgrade\w*",
    r"free trial\w*", r"try for free", r"\d+ ?% (?:off|rabatt|avslag)",
    # what L27 names: brochures, courses, newsletters
    r"brosjyre\w*", r"kurs(?:et|ene|tilbud|plan)?", r"nyhetsbrev\w*", r"webinar\w*", r"påmelding\w*",
    r"brochure\w*", r"(?<!of )courses?", r"newsletter\w*",
)  # fmt: skip
"""Words of an offer, in both languages."""
_OFFER: Final = re.compile(rf"\b(?:{'|'.join(OFFERS)})\b", re.IGNORECASE)
_FILLED_IN: Final = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
"""What the letter's program fills in: no words of the letter."""


def digest_of(texts: LetterTexts) -> str:
    """The digest of a letter with all its texts: of another letter, or after any change, it is another one."""
    whole = {"letter": texts.kind.code, "own": dict(texts.own), "shared": dict(texts.shared)}
    return hashlib.sha256(canonical(whole)).hexdigest()


def words_of_offer(texts: Iterable[str]) -> tuple[str, ...]:
    """The words of an offer in texts, each once, in order."""
    found = (match[0].lower() for text in texts for match in _OFFER.finditer(_FILLED_IN.sub(" ", text)))
    return tuple(sorted(set(found)))


def read(texts: LetterTexts) -> LetterReading:
    """What is found in a letter, its own texts and those that every letter has."""
    offers = words_of_offer((*texts.own.values(), *texts.shared.values()))
    return LetterReading(kind=texts.kind, text_sha256=digest_of(texts), offers=offers)


@enforces(messages.NECESSARY_LETTERS_STILL_GO, messages.MARKETING_CAN_BE_DECLINED)
def standing_of(reading: LetterReading, approvals: Iterable[Approval], today: date) -> Standing:
    """How the class of a letter stands today.

    A letter that one cannot decline leaves as what it was declared, where its words offer nothing. Any other needs
    two persons, who have said of just this text which class it is of. They can make it one that may be declined;
    that a letter declared as optional is a necessary one, nobody can say.
    """
    kind, digest = reading.kind, reading.text_sha256
    proposed = LetterClass.MARKETING if reading.offers else kind.letter_class
    approved = next(
        (
            each.letter_class
            for each in approvals
            if (each.letter, each.text_sha256, each.purpose) == (kind.code, digest, kind.purpose)
            and each.valid_from <= today
            and (each.valid_to is None or today < each.valid_to)
        ),
        None,
    )
    return Standing(
        letter=kind.code,
        declared=kind.letter_class,
        proposed=proposed,
        because=reading.offers,
        approved=approved,
        letter_class=_counting(kind.letter_class, proposed, approved),
        text_sha256=digest,
    )


def _counting(declared: LetterClass, proposed: LetterClass, approved: LetterClass | None) -> LetterClass | None:
    if approved is not None and can_be_declined(declared) and not can_be_declined(approved):
        return None
    if approved is not None:
        return approved
    return declared if proposed is declared and not can_be_declined(declared) else None
