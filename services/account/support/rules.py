"""When a message to support is taken, until when it is answered, who reads it, and when it is forgotten. Pure."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import takewhile
from typing import Final
from uuid import UUID

from services.account.accounts.values import UserState
from services.account.support.values import (
    COMPLAINT,
    ENQUIRY,
    MESSAGES_MOST,
    OPENING,
    QUESTION,
    REPLY_MARK,
    TEXT_LIMIT,
    WAITING,
)
from shared.calendar import add_months, add_working_days, oslo_date, working_day_on_or_before
from shared.daily_limits import DAY, check_daily
from shared.errors import Conflict, Forbidden
from shared.input_guard import identity_numbers
from shared.invisible_characters import invisible
from shared.staff import Purpose
from shared.terms import enforces
from shared.terms.clauses import collection, erasure, rights
from shared.terms.parameters import in_force
from shared.wait_bounds import noted_by

ANSWERED_IN: Final = {QUESTION: "support.answer", COMPLAINT: "complaint.answer", ENQUIRY: "enquiry.answer"}
"""The parameter that says in what time a thread of each kind is answered."""
MONTHS: Final = "calendar months"
REPLY_BYTES: Final = 200_000
"""So much of a reply may be texts: the bus takes 256 KiB, and a full thread of the longest is more than that."""
SIGNATURE_BYTES: Final = 10
"""Of the keyed digest: nobody guesses one of 2 to the 80, and the name keeps within 64 letters."""
THREAD_LETTERS, SIGNATURE_LETTERS = 26, 16
SIGNATURE_MARK: Final = "--"
"""The line above a signature; nobody writes to us below it."""
FOR_CLAIMS: Final = frozenset({Purpose.DISPUTE, Purpose.RIGHTS_REQUEST, Purpose.AUDIT})
"""What staff may read for what is else only stored: legal claims, what the person asks for, seeing to both."""


@enforces(collection.SUPPORT_NEEDS_LOGIN)
def check_writer(user: UserState | None) -> UserState:
    """Who writes. Raises `Forbidden` where that is nobody with a session of a customer: staff begin nothing."""
    if user is None:
        raise Forbidden("only somebody of the customer who is logged in writes to support")
    return user


def daily_limit(now: datetime) -> int:
    """How many messages in 24 hours one person may write."""
    return in_force("support.messages_daily", oslo_date(now)).default


def check_often(earlier: Sequence[datetime], now: datetime) -> None:
    """Raises `TooMany` where the person has written so many of the last 24 hours, whose instants are `earlier`."""
    limit = daily_limit(now)
    check_daily(earlier, now, limit=limit, says=f"one person may write to support {limit} times in 24 hours")


def check_room(messages: int, *, kept_free: int = 0) -> None:
    """Raises `Conflict` where a thread holds no more; another one can be begun.

    `kept_free` is for those who come after: a person leaves room for the answer to what they write.
    """
    if messages >= MESSAGES_MOST - kept_free:
        raise Conflict(
            f"a thread holds {MESSAGES_MOST} messages: begin another one", details={"reason": "thread_full"}
        )


def check_read(read: int, version: int) -> None:
    """Raises `Conflict` where something was written since staff read the thread: it may change the answer."""
    if read != version:
        raise Conflict("something was written since", details={"reason": "written_since", "version": version})


def check_waiting(state: str) -> None:
    """Raises `Conflict` where nothing of the thread waits for an answer."""
    if state != WAITING:
        raise Conflict("nothing waits for an answer", details={"reason": "answered_before"})


@enforces(rights.QUESTIONS_ARE_ANSWERED)
def answer_due(received_at: datetime, kind: str) -> date:
    """The day by which a message is answered, the first one of a thread of this kind or a later one.

    What is counted in months ends on a working day: the last one before a day on which nobody works (C4).
    """
    today = oslo_date(received_at)
    limit = in_force(ANSWERED_IN[kind], today)
    if limit.unit == MONTHS:
        return working_day_on_or_before(add_months(today, limit.default))
    return add_working_days(today, limit.default)


@enforces(erasure.ERASE_WHEN_NOT_NEEDED)
def expires_on(written_at: datetime) -> date:
    """The day on which a thread is forgotten in which nothing was written since; one that waits is not."""
    today = oslo_date(written_at)
    return add_months(today, in_force("file.support", today).default)


@enforces(erasure.HOLD_IN_DISPUTE, rights.RIGHT_TO_OBJECT_OR_RESTRICT)
def staff_may_read(state: str, purpose: str | None, *, is_kept: bool) -> bool:
    """Whether staff may read a thread.

    What is held or restricted is read for legal claims and for what the person asked for; and where the person
    waits for an answer, for whoever writes wants to be read (GDPR article 18(2)).
    """
    return not is_kept or state == WAITING or purpose in FOR_CLAIMS


def reply_name(thread_id: UUID, signature: bytes) -> str:
    """The name in front of the `@` to which the person replies by mail: the thread, and our signature over it."""
    return REPLY_MARK + _letters(thread_id.bytes) + _letters(signature[:SIGNATURE_BYTES])


def thread_of(name: str) -> UUID | None:
    """Which thread a reply address names, whoever signed it; None for what is none."""
    text = name.removeprefix(REPLY_MARK)
    if len(text) != THREAD_LETTERS + SIGNATURE_LETTERS or text == name:
        return None
    try:
        return UUID(bytes=base64.b32decode(f"{text[:THREAD_LETTERS].upper()}======"))
    except ValueError:
        return None


def _letters(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def reason_to_decline(text: str, today: date) -> str | None:
    """Why the text of a reply is not taken; None where it is."""
    if not text or all(letter.isspace() or invisible(letter) for letter in text):
        return "empty"
    if len(text) > TEXT_LIMIT:
        return "too_long"
    return "identity_number" if identity_numbers(text, today) else None


def may_tell(told_at: datetime | None, now: datetime) -> bool:
    """Whether the person is told again that a reply was not taken: once a day, so that no two machines write on."""
    return told_at is None or not noted_by(told_at, now) or now - told_at >= DAY


def written_of(text: str) -> str:
    """What somebody wrote in a mail, in the form that texts have: no quotation below it, no control characters."""
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    lines = list(takewhile(lambda line: line.strip() != SIGNATURE_MARK, plain.split("\n")))
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith(">")):
        lines.pop()
    kept = "\n".join(lines)
    return "".join(
        each for each in kept if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs")
    ).strip()


def fitting(texts: Iterable[str | None]) -> int:
    """How many of these texts, from the first on, one reply holds; at least one."""
    left, count = REPLY_BYTES, 0
    for text in texts:
        left -= len(json.dumps(text, ensure_ascii=False).encode())
        if left < 0:
            break
        count += 1
    return max(count, 1)


def opening_of(text: str) -> str:
    """The beginning of a text in one line, by which its writer knows the thread."""
    line = " ".join(text.split())
    return line if len(line) <= OPENING else f"{line[: OPENING - 1].rstrip()}…"
