"""Pure decisions at the moment of sending."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from services.notification.letters.rules import can_be_declined
from services.notification.letters.values import LetterClass
from services.notification.suppressions.values import SuppressionKind
from shared.terms import enforces
from shared.terms.clauses import messages, rights

LATE_AFTER: Final = timedelta(minutes=15)
"""A letter that has not left for so long is told."""

DECLINED: Final = ("opted_out", "not_agreed_to", "restricted")
"""Why a letter did not leave that one may decline."""


@enforces(
    messages.MARKETING_CAN_BE_DECLINED,
    messages.NECESSARY_LETTERS_STILL_GO,
    rights.RIGHT_TO_OBJECT_OR_RESTRICT,
)
def reason_not_to_send(
    letter_class: LetterClass,
    suppressed: Collection[SuppressionKind],
    opted_out: Collection[LetterClass],
    agreed_to: Collection[LetterClass] = (),
    *,
    restricted: bool = False,
) -> str | None:
    """Why this letter may not go now, or None. Asked at the moment of sending, not when it was queued.

    An objection stops optional letters only, and so does a restriction: what may only be stored is not used. Nor
    does an optional letter go to anybody who has not agreed to its class (markedsføringsloven § 15). An
    address that is suppressed for this letter (`suppressed_for`) gets none: Mailgun would drop it without a word,
    and a failure told at once is of more use to whoever waits for it.
    """
    if can_be_declined(letter_class) and letter_class in opted_out:
        return "opted_out"
    if can_be_declined(letter_class) and restricted:
        return "restricted"
    if can_be_declined(letter_class) and letter_class not in agreed_to:
        return "not_agreed_to"
    if SuppressionKind.COMPLAINT in suppressed:
        return "suppressed_complaint"
    if SuppressionKind.BOUNCE in suppressed:
        return "suppressed_bounce"
    return None


def bound_by(*, due: int, paused: bool, tokens: float) -> str:
    """What bounds the sending of letters now: `pause`, `letters`, `rate` or `workers`.

    Another process helps only where it is the workers: all share one bucket, which is the provider's rate.
    """
    if paused:
        return "pause"
    if due == 0:
        return "letters"
    return "rate" if tokens < 1 else "workers"
