"""Whether a mail is an alarm of somebody who may send one. Pure."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

from services.notification.inbound_mail.values import AlarmMailbox, AlarmSender, InboundMail, Reply
from shared.terms import enforces
from shared.terms.clauses.collection import SUPPORT_NEEDS_LOGIN
from shared.terms.clauses.monitoring import HOST_REPORTS_ATTACKS

ALARM: Final = "alarm"
REPLY, AUTOMATIC = "reply", "automatic"
NOT_FOR_US, UNKNOWN_SENDER, NOT_AUTHENTICATED = "not_for_us", "unknown_sender", "not_authenticated"
PASS: Final = frozenset({"pass"})
SOURCES: Final = ("host", "vendor")
SIGNALS: Final = ("login_attack", "unusual_use", "traffic", "malware", "outage", "vendor_notice", "other")
"""What the operator may say that the mails of a sender are about; cases has the same codes."""
_SENDER: Final = re.compile(r"([a-z0-9-]+(?:\.[a-z0-9-]+)+)=([a-z_]+):([a-z_]+)\Z")


def parse_senders(text: str) -> tuple[AlarmSender, ...]:
    """Who may send alarms, of `host.example=host:traffic, vendor.example=vendor:other`. Raises `ValueError`."""
    senders = []
    for each in filter(None, (part.strip().lower() for part in text.split(","))):
        match = _SENDER.match(each)
        if match is None or match.group(2) not in SOURCES or match.group(3) not in SIGNALS:
            raise ValueError(
                "senders of alarms are domain=source:signal, separated by commas; "
                f"source is {' or '.join(SOURCES)}, signal one of {', '.join(SIGNALS)}"
            )
        senders.append(AlarmSender(domain=match.group(1), source=match.group(2), signal=match.group(3)))
    return tuple(senders)


@enforces(HOST_REPORTS_ATTACKS)
def judge(mail: InboundMail, mailbox: AlarmMailbox) -> tuple[str, AlarmSender | None]:
    """The verdict on a mail, with its sender where it is an alarm.

    It must have come to the address of alarms, from one author of a domain that may send one; and that it is from
    there must be proved: by SPF for the envelope's sender of the same domain, or by DKIM where every signature is
    of it. A From header alone is no evidence.
    """
    if not mailbox.address or mailbox.address.lower() not in mail.recipients:
        return NOT_FOR_US, None
    author = mail.authors[0] if len(mail.authors) == 1 else "?"
    sender = next((each for each in mailbox.senders if _is_of(author.rpartition("@")[2], each.domain)), None)
    if sender is None:
        return UNKNOWN_SENDER, None
    return (ALARM, sender) if is_proved(mail, sender.domain) else (NOT_AUTHENTICATED, None)


def is_proved(mail: InboundMail, domain: str) -> bool:
    """Whether this domain has sent the mail: SPF says so of the envelope's sender, or DKIM with every signature."""
    by_spf = mail.spf == PASS and _is_of(mail.sender.rpartition("@")[2], domain)
    by_dkim = mail.dkim == PASS and bool(mail.dkim_domains)
    return by_spf or (by_dkim and all(_is_of(each, domain) for each in mail.dkim_domains))


@enforces(SUPPORT_NEEDS_LOGIN)
def name_of_reply(reply: Reply, domain: str) -> tuple[str, str | None]:
    """The verdict on a reply, with the name of the address that it came to where account is to look at it.

    What a machine wrote goes no further, so that no two of them write to each other; nor does what came to several
    of our addresses, or has not one author.
    """
    if not domain:
        return NOT_FOR_US, None
    names = {each.rpartition("@")[0] for each in reply.mail.recipients if each.rpartition("@")[2] == domain.lower()}
    if len(names) != 1:
        return NOT_FOR_US, None
    if reply.is_automatic:
        return AUTOMATIC, None
    return (REPLY, names.pop()) if len(reply.mail.authors) == 1 else (UNKNOWN_SENDER, None)


def _is_of(domain: str, owner: str) -> bool:
    return domain == owner or domain.endswith(f".{owner}")


def identity_of(mail: InboundMail, verdict: str) -> str:
    """By which the same mail is known that comes twice, by whatever token.

    The verdict is part of it: whoever forges a mail with the number of a true one does not make that one a
    repetition. A mail without a number is known by its token.
    """
    number = mail.message_id or f"token:{mail.signature.token}"
    return sha256(f"mail|{verdict}|{number}".encode()).hexdigest()


def identity_of_reply(reply: Reply, name: str) -> str:
    """By which a reply is known that comes twice: the address, the mail and what it says.

    Whoever copies the number of somebody's mail does not keep that one from being taken.
    """
    number = reply.mail.message_id or f"token:{reply.mail.signature.token}"
    parts = (name, number, reply.mail.sender, *reply.mail.authors, reply.text)
    return sha256("\x00".join(("reply", *parts)).encode()).hexdigest()
