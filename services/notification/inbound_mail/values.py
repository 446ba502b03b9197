"""A mail as Mailgun's route tells of it, reduced to who sent it where, and how far that is proved."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.notification.mailgun.values import Signature


@dataclass(frozen=True, kw_only=True)
class InboundMail:
    """What counts of a mail. `sender` is the envelope's, `authors` the addresses in the From headers.

    `spf` and `dkim` are what Mailgun found, each value once, in small letters; `dkim_domains` are those that the
    signatures name.
    """

    signature: Signature
    recipients: tuple[str, ...]
    sender: str
    authors: tuple[str, ...]
    message_id: str | None
    spf: frozenset[str]
    dkim: frozenset[str]
    dkim_domains: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What counts of a reply: the mail, its text, how many attachments it had, and whether a machine wrote it."""

    mail: InboundMail
    text: str = field(repr=False)
    attachments: int
    is_automatic: bool


@dataclass(frozen=True, kw_only=True)
class AlarmSender:
    """Who may send alarms: a domain, what it is to us (`host` or `vendor`), and what its alarms are about."""

    domain: str
    source: str
    signal: str


@dataclass(frozen=True, kw_only=True)
class AlarmMailbox:
    """Where alarms are sent to, and by whom. Without an address no mail is taken."""

    address: str = field(default="", repr=False)
    senders: tuple[AlarmSender, ...] = ()
