"""Mail that Mailgun's route hands over, as the gateway passes it on."""

from __future__ import annotations

from typing import Annotated, Final

from marshmallow.validate import Length

from services.notification.webhooks.calls import WebhookVerdict
from shared.calls import Call
from shared.records import Record

NAMES: Final = frozenset(
    {
        "recipient",
        "sender",
        "from",
        "message-id",
        "message-headers",
        "dkim-signature",
        "x-mailgun-spf",
        "x-mailgun-dkim-check-result",
        "timestamp",
        "token",
        "signature",
    }
)
"""The fields of Mailgun's form that are read, in small letters. Subject, text and attachments go no further."""
REPLY_NAMES: Final = NAMES | {
    "stripped-text",
    "body-plain",
    "attachment-count",
    "attachments",
    "auto-submitted",
    "precedence",
    "list-id",
    "x-autoreply",
}
"""The same of a reply to support, with its text; attachments themselves go no further."""
TEXTS: Final = frozenset({"stripped-text", "body-plain"})
TEXT_LIMIT: Final = 20_000
"""So many characters of a text go on: more than any message holds, so that what is too long is seen to be."""
NAME_LIMIT: Final = 64
VALUE_LIMIT: Final = 100_000
FIELDS_MOST: Final = 64


class MailField(Record):
    """A field of the form: its name as it came, and its value."""

    name: Annotated[str, Length(max=NAME_LIMIT)]
    value: Annotated[str, Length(max=VALUE_LIMIT)]


class ReceiveReply(Call[WebhookVerdict], service="notification"):
    """Check a reply to a letter of support that Mailgun's route hands over, and have account take it in.

    It comes as it was received, as `ReceiveMail`, with its text. Nothing of it is kept here. `Unavailable` where
    account does not answer: it is to be sent again.
    """

    path_secret: Annotated[str, Length(max=200)]
    fields: Annotated[tuple[MailField, ...], Length(max=FIELDS_MOST)]


class ReceiveMail(Call[WebhookVerdict], service="notification"):
    """Check a mail that Mailgun's route hands over, and take in what it is: an alarm of the host or a vendor.

    It comes as it was received: the secret in its path, and those fields of the form that are read, a field that
    stood twice twice. Nothing of what the mail says is among them.
    """

    path_secret: Annotated[str, Length(max=200)]
    fields: Annotated[tuple[MailField, ...], Length(max=FIELDS_MOST)]
