"""What calls share that are made with the token of a letter."""

from __future__ import annotations

from typing import Annotated

from services.account.fields.kinds import Token
from shared.records import Record


class ByLink(Record):
    """The secret from a letter's link."""

    token: Annotated[Token, "The token of the link."]
