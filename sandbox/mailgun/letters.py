"""Taking a letter: the checks Mailgun makes, and what it keeps."""

from __future__ import annotations

import json
import re
import secrets
from email.utils import getaddresses
from typing import TYPE_CHECKING, Final
from uuid import UUID

if TYPE_CHECKING:
    from datetime import datetime

    from werkzeug.datastructures import FileStorage, MultiDict

    from sandbox.store import Document

MAX_OPTION_BYTES: Final = 16 * 1024
MAX_RECIPIENTS: Final = 1000
OPTION_PREFIXES: Final = ("o:", "h:", "v:", "t:")
BODIES: Final = ("text", "html", "amp-html", "template")
PURPOSES: Final = frozenset(
    {"account_registration", "password_change", "support", "legal_notice", "staff_alert", "marketing"}
)
_VARIABLE: Final = re.compile(r"%([A-Za-z_][\w.-]*)%")
_ADDRESS: Final = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")


class BadLetterError(ValueError):
    """Mailgun refuses this letter with 400; the text is Mailgun's."""


def addresses(values: list[str]) -> list[str]:
    """The plain addresses in `values`, which may be comma separated and carry names; each only once."""
    found = [address for _, address in getaddresses(values)]
    return list(dict.fromkeys(address.strip() for address in found))


def check(form: MultiDict[str, str]) -> None:
    """Raise `BadLetterError` with the text of the first rule this letter breaks."""
    templated = bool(form.get("template"))
    if not form.get("from") and not templated:
        raise BadLetterError("from parameter is missing")
    if not any(form.getlist("to")):
        raise BadLetterError("to parameter is missing")
    for name in ("from", "to", "cc", "bcc"):
        values = [value for value in form.getlist(name) if value]
        plain = addresses(values)
        if values and (not plain or not all(_ADDRESS.fullmatch(address) for address in plain)):
            raise BadLetterError(f"{name} parameter is not a valid address. please check documentation")
    if not any(form.get(name) for name in BODIES):
        raise BadLetterError("Need at least one of 'text', 'html', 'amp-html' or 'template' parameters specified")
    if form.get("html") and templated:
        raise BadLetterError("Only one parameters 'html' or 'template' is allowed")
    if option_bytes(form) > MAX_OPTION_BYTES:
        raise BadLetterError("Send options (parameters starting with o:, h:, or v:) are limited to 16 kB total")
    _check_recipients(form)
    _check_purpose(form)


def _check_purpose(form: MultiDict[str, str]) -> None:
    """What Mailgun itself does not look at: a letter of the system says by its tags what it is for, once."""
    try:
        UUID(form.get("v:notification_id", ""))
    except ValueError:
        return
    if len(PURPOSES.intersection(form.getlist("o:tag"))) != 1:
        raise BadLetterError("sandbox: the letter's tags name none of the purposes that were agreed on, or several")


def _check_recipients(form: MultiDict[str, str]) -> None:
    count = sum(len(addresses(form.getlist(name))) for name in ("to", "cc", "bcc"))
    if count > MAX_RECIPIENTS:
        raise BadLetterError("Too many recipients, max is 1000")
    variables = form.get("recipient-variables")
    if variables is None:
        return
    try:
        fits = isinstance(json.loads(variables), dict)
    except ValueError:
        fits = False
    if not fits:
        raise BadLetterError("'recipient-variables' parameter is not a valid JSON")


def option_bytes(form: MultiDict[str, str]) -> int:
    """How much room names and values of all send options take, in bytes of UTF-8."""
    return sum(
        len(name.encode()) + len(value.encode())
        for name, value in form.items(multi=True)
        if name.startswith(OPTION_PREFIXES)
    )


def compose(
    domain: str, form: MultiDict[str, str], files: MultiDict[str, FileStorage], *, now: datetime, base: str
) -> Document:
    """The letter as it is kept. `base` is the address under which this Mailgun is reached."""
    recipients = list(dict.fromkeys(a for name in ("to", "cc", "bcc") for a in addresses(form.getlist(name))))
    stamp = now.strftime("%Y%m%d%H%M%S")
    letter: Document = {
        "id": f"{stamp}.1.{secrets.token_hex(8).upper()}@{domain}",
        "key": secrets.token_urlsafe(24),
        "domain": domain,
        "base": base,
        "at": now.timestamp(),
        "from": form.get("from", ""),
        "to": ", ".join(form.getlist("to")),
        "cc": ", ".join(form.getlist("cc")),
        "recipients": recipients,
        "subject": form.get("subject", ""),
        "text": form.get("text", ""),
        "html": form.get("html", ""),
        "amp_html": form.get("amp-html", ""),
        "template": form.get("template", ""),
        "template_variables": form.get("t:variables", ""),
        "headers": [[n[2:], value] for n, value in form.items(multi=True) if n.startswith("h:")],
        "options": [[n, value] for n, value in form.items(multi=True) if n.startswith("o:")],
        "variables": {n[2:]: value for n, value in form.items() if n.startswith("v:")},
        "tags": form.getlist("o:tag"),
        "attachments": _attachments(files),
    }
    fill_in(letter, form.get("recipient-variables"))
    letter["size"] = len(json.dumps(letter, ensure_ascii=False).encode()) + sum(
        a["size"] for a in letter["attachments"]
    )
    return letter


def _attachments(files: MultiDict[str, FileStorage]) -> list[Document]:
    """Names and sizes; as at Mailgun a part without a filename is dropped in silence."""
    attachments = []
    for name in ("attachment", "inline"):
        for file in files.getlist(name):
            if file.filename:
                size = len(file.stream.read())
                attachments.append({"filename": file.filename, "content-type": file.mimetype, "size": size})
    return attachments


def fill_in(letter: Document, recipient_variables: str | None) -> None:
    """Put values in place of Mailgun's variables, as it does; `filled_in` names those that were met.

    What is filled in per recipient has here the values of the first. Left alone is what Mailgun does not know.
    """
    first = letter["recipients"][0] if letter["recipients"] else ""
    own = json.loads(recipient_variables).get(first) if recipient_variables else None
    values = {f"recipient.{name}": str(value) for name, value in own.items()} if isinstance(own, dict) else {}
    values |= {"recipient": first, "recipient_email": first, "recipient_name": "", "recipient_fname": ""}
    link = f"{letter['base']}/u/{letter['key']}"
    values |= dict.fromkeys(("unsubscribe_url", "tag_unsubscribe_url", "mailing_list_unsubscribe_url"), link)
    values["unsubscribe_email"] = f"u+{letter['key']}@{letter['domain']}"
    met: list[str] = []

    def filled(found: re.Match[str]) -> str:
        if found.group(1) not in values:
            return found.group()
        met.append(found.group(1))
        return values[found.group(1)]

    for part in ("subject", "text", "html", "amp_html"):
        letter[part] = _VARIABLE.sub(filled, letter[part])
    letter["filled_in"] = met


def stored_form(letter: Document) -> Document:
    """The letter as Mailgun's message store shows it."""
    headers = [
        ["Mime-Version", "1.0"],
        ["Subject", letter["subject"]],
        ["From", letter["from"]],
        ["To", letter["to"]],
        ["Message-Id", f"<{letter['id']}>"],
        ["Content-Transfer-Encoding", "7bit"],
        *[["X-Mailgun-Tag", tag] for tag in letter["tags"]],
        *letter["headers"],
    ]
    if letter["variables"]:
        headers.append(["X-Mailgun-Variables", json.dumps(letter["variables"], ensure_ascii=False)])
    return {
        "Content-Transfer-Encoding": "7bit",
        "Content-Type": "multipart/alternative; charset=utf-8",
        "From": letter["from"],
        "Message-Id": f"<{letter['id']}>",
        "Mime-Version": "1.0",
        "Subject": letter["subject"],
        "To": letter["to"],
        "X-Mailgun-Tag": ", ".join(letter["tags"]),
        "sender": (addresses([letter["from"]]) or [""])[0],
        "recipients": ", ".join(letter["recipients"]),
        "body-html": letter["html"],
        "body-plain": letter["text"],
        "stripped-html": letter["html"],
        "stripped-text": letter["text"],
        "stripped-signature": "",
        "message-headers": headers,
        "X-Mailgun-Template-Name": letter["template"],
        "X-Mailgun-Template-Variables": letter["template_variables"],
    }
