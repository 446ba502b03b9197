"""What a browser brings from an authenticator, as staff takes it."""

from __future__ import annotations

import json
from typing import Any, Final

from shared.errors import Invalid

ANSWER: Final = "answer"
CEREMONY: Final = "ceremony_id"
RESPONSE_OF: Final = {
    "get": ("clientDataJSON", "authenticatorData", "signature", "userHandle"),
    "create": ("clientDataJSON", "attestationObject", "transports"),
}
"""What of it is taken: browsers add more, each its own."""


def answer_of(text: str, kind: str) -> dict[str, Any]:
    """The answer of a browser to a ceremony of this kind, `get` or `create`. Raises `Invalid` for what is none."""
    try:
        answer = json.loads(text)
        response = answer["response"]
        taken = {name: response[name] for name in RESPONSE_OF[kind] if response.get(name) is not None}
        return {"id": str(answer["id"]), "response": taken}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Invalid("This is no answer of an authenticator.") from None
