"""What all requests and replies of retention are made of."""

from __future__ import annotations

from typing import Final

import marshmallow as ma
from marshmallow import fields, validate

STAFF: Final = r"staff:[a-z]([a-z0-9-]{0,56}[a-z0-9])?"
"""As the desk spells it (`services.desk.client.actor_of`): spelt in two ways one person would be two."""


class Request(ma.Schema):
    """What may be asked: nothing but the fields named."""

    class Meta:
        """Refuse what is not listed."""

        unknown = ma.RAISE


class Reply(ma.Schema):
    """What is answered: fields that a caller does not know are passed over."""

    class Meta:
        """Pass over what is not listed."""

        unknown = ma.EXCLUDE


def staff() -> fields.String:
    """The code of a member of staff, who must be named."""
    return fields.String(required=True, validate=validate.Regexp(rf"{STAFF}\Z", error="staff:<name>"))
