"""Declining a class of letters."""

from __future__ import annotations

from typing import Annotated

from marshmallow.validate import Regexp

from shared.calls import Call
from shared.errors import Conflict, Invalid
from shared.records import Record


class Unsubscribed(Record):
    """The class of letters that are no longer sent to this user."""

    letter_class: str


class Unsubscribe(Call[Unsubscribed], service="notification", command=True, refusals=(Invalid, Conflict)):
    """Send no more letters of a class to a user, both named by the token from the link or header of a letter.

    `Invalid` for a token that is not ours, `Conflict` for a class of letters that cannot be declined.
    """

    token: Annotated[str, Regexp(r"[!-~]{10,400}\Z", error="not a token")]
