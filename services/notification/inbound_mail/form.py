"""Reading the form that Mailgun's route posts: each field for itself, none believed because it is there.

A header that the mail brought stands beside those that Mailgun adds, under the same name. So what is said twice and
differently is read as both, and a rule decides what that is worth. What is too long to be read whole proves
nothing: the part that is left out may be the one that says who sent it. Whoever receives a mail writes above what
it brought, which begins with `Received` at the latest: a result below the first of these is not Mailgun's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from email.utils import getaddresses
from typing import Any, Final

from services.notification.inbound_mail.calls import NAMES, MailField
from services.notification.inbound_mail.values import InboundMail, Reply
from services.notification.mailgun.values import Signature
from services.notification.mailgun.vendor_events import bare_message_id, signature_of

ADDRESS_LIMIT: Final = 320
ADDRESSES_MOST: Final = 20
SIGNATURES_MOST: Final = 20
ATTACHMENTS_MOST: Final = 1000
DIGITS_MOST: Final = 9
"""A longer number is not read: it is more than counts, and reading thousands of digits is refused."""
AUTOMATIC: Final = ("auto-submitted", "precedence", "list-id", "x-autoreply")
BULK: Final = frozenset({"bulk", "junk", "list", "auto_reply"})
MACHINES: Final = frozenset({"", "mailer-daemon", "postmaster", "no-reply", "noreply"})
UNREAD: Final = "?"
"""Stands for what is there and is not read: it is no address of ours, no result and no domain."""
HEADERS: Final = NAMES - {"timestamp", "token", "signature", "recipient", "sender", "message-headers"}
"""Those that are read in the list of all headers as well."""
RESULTS: Final = ("x-mailgun-spf", "x-mailgun-dkim-check-result")
PROOFS: Final = (*RESULTS, "dkim-signature")
_DKIM_DOMAIN: Final = re.compile(r"\s*d\s*=\s*([A-Za-z0-9._-]{1,253})\s*\Z")
_DKIM_TAG: Final = re.compile(r"\s*d\s*=")
_WORD: Final = re.compile(r"[A-Za-z]{1,20}\Z")


def read_form(fields: Iterable[MailField]) -> InboundMail:
    """The mail that a form tells of. Raises `Invalid` where it is not signed, and names no value."""
    values: dict[str, list[str]] = {}
    for name, value in _named(fields):
        values.setdefault(name, []).append(value)
    return InboundMail(
        signature=_signature(values),
        recipients=tuple(_addresses(values.get("recipient", ()))),
        sender=_sender(values.get("sender", ())),
        authors=tuple(dict.fromkeys(_addresses(values.get("from", ())))),
        message_id=bare_message_id(next(iter(values.get("message-id", ())), None)),
        spf=_words(values.get("x-mailgun-spf", ())),
        dkim=_words(values.get("x-mailgun-dkim-check-result", ())),
        dkim_domains=frozenset(_dkim_domains(values.get("dkim-signature", ()))),
    )


def read_reply(fields: Sequence[MailField]) -> Reply:
    """The reply that a form tells of. Raises `Invalid` where it is not signed, and names no value.

    What was cut off for us, a quotation or a signature (`stripped-text`), may be absent; then the text is whole.
    """
    mail = read_form(fields)
    values: dict[str, list[str]] = {}
    for each in fields:
        values.setdefault(each.name.strip().lower(), []).append(each.value)
    listed = _listed(values.get("message-headers", ()))
    said = {name: [*values.get(name, ()), *listed.get(name, ())] for name in AUTOMATIC}
    text = next(
        (each for name in ("stripped-text", "body-plain") for each in values.get(name, ()) if each.strip()), ""
    )
    return Reply(mail=mail, text=text, attachments=_attachments(values), is_automatic=_is_automatic(mail, said))


def _listed(texts: Iterable[str]) -> dict[str, list[str]]:
    """The headers of the list by which machines say that they write."""
    found: dict[str, list[str]] = {}
    for text in texts:
        try:
            pairs: Any = json.loads(text)
        except (ValueError, RecursionError):
            continue
        for pair in pairs if isinstance(pairs, list) else ():
            if isinstance(pair, list) and len(pair) == 2 and all(isinstance(each, str) for each in pair):  # noqa: PLR2004
                name = pair[0].strip().lower()
                if name in AUTOMATIC:
                    found.setdefault(name, []).append(pair[1])
    return found


def _is_automatic(mail: InboundMail, said: Mapping[str, Sequence[str]]) -> bool:
    """Whether a machine wrote it (RFC 3834): it says so, it is of a list, or nobody is to get an answer."""
    submitted = any(each.strip().lower() != "no" for each in said["auto-submitted"])
    bulk = any(each.strip().lower() in BULK for each in said["precedence"])
    nobody = mail.sender == UNREAD or mail.sender.partition("@")[0] in MACHINES
    return submitted or bulk or nobody or bool(said["list-id"]) or bool(said["x-autoreply"])


def _attachments(values: Mapping[str, Sequence[str]]) -> int:
    """How many attachments it had: as a number, or as the list that a route that stores mail tells instead."""
    counts = (each for each in values.get("attachment-count", ()) if each.isascii() and each.isdecimal())
    told = [int(each) if len(each) <= DIGITS_MOST else ATTACHMENTS_MOST for each in counts]
    for text in values.get("attachments", ()):
        try:
            listed = json.loads(text)
        except (ValueError, RecursionError):
            listed = [text]
        told.append(len(listed) if isinstance(listed, list) else 1)
    return min(max(told, default=0), ATTACHMENTS_MOST)


def _named(fields: Iterable[MailField]) -> Iterator[tuple[str, str]]:
    """Each field by its name in small letters; after the form's own those of the list of all headers."""
    lists: list[str] = []
    for each in fields:
        name = each.name.strip().lower()
        if name == "message-headers":
            lists.append(each.value)
        elif name in NAMES:
            yield name, each.value
    for text in lists or [""]:
        yield from _headers(text)


def _headers(text: str) -> Iterator[tuple[str, str]]:
    """The mail's headers, a list of pairs written as text.

    A form may have one field for several headers of one name; the list alone has all of them. Where it cannot be
    read, as when it was too long, each proof has one part that was not read.
    """
    try:
        pairs: Any = json.loads(text)
    except (ValueError, RecursionError):
        pairs = None
    if not isinstance(pairs, list):
        pairs = [[name, UNREAD] for name in PROOFS]
    is_received = False
    for pair in pairs:
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(each, str) for each in pair):  # noqa: PLR2004
            name = pair[0].strip().lower()
            is_received = is_received or name == "received"
            if name in HEADERS:
                yield name, UNREAD if is_received and name in RESULTS else pair[1]


def _signature(values: dict[str, list[str]]) -> Signature:
    """What Mailgun signed. What stands there twice and differently is not read as either."""
    parts = {name: values.get(name, []) for name in ("timestamp", "token", "signature")}
    return signature_of({name: given[0] if len(set(given)) == 1 else None for name, given in parts.items()})


def _sender(texts: Iterable[str]) -> str:
    """The envelope's sender.

    Mailgun hands on a header `Sender` as a field too, which whoever writes the mail writes: where the two differ,
    neither is read.
    """
    found = set(_addresses(texts))
    return found.pop() if len(found) == 1 else UNREAD


def _addresses(texts: Iterable[str]) -> Iterator[str]:
    """Addresses in small letters; what is none, or could be two things, is left as it cannot be one of ours."""
    try:
        found = getaddresses(list(texts))
    except RecursionError:  # of brackets within brackets
        found = [("", UNREAD)]
    for _, address in found[:ADDRESSES_MOST]:
        plain = address.strip().lower()
        is_one = plain.isprintable() and plain.isascii() and plain.count("@") == 1 and len(plain) <= ADDRESS_LIMIT
        yield plain if is_one and not any(letter.isspace() for letter in plain) else UNREAD
    if len(found) > ADDRESSES_MOST:
        yield UNREAD


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text.strip().lower() if _WORD.match(text.strip()) else UNREAD for text in texts)


def _dkim_domains(texts: Iterable[str]) -> Iterator[str]:
    """The domain of each signature; one that names two is of neither."""
    signatures = list(texts)
    for text in signatures[:SIGNATURES_MOST]:
        tags = [each for each in text.split(";") if _DKIM_TAG.match(each)]
        found = _DKIM_DOMAIN.match(tags[0]) if len(tags) == 1 else None
        yield found.group(1).lower().rstrip(".") if found else UNREAD
    if len(signatures) > SIGNATURES_MOST:
        yield UNREAD
