"""A form that is set aside, for its session ended or it takes another purpose: it is sealed, and shown again.

It is kept for an hour, and comes back once one has logged in again, or chosen.

The key is made of the number by which forms know this browser, which no service keeps: nobody else can read it, and
another person at the same browser is not given it.
"""

from __future__ import annotations

import json
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Response
from werkzeug.datastructures import MultiDict

from services.desk.web.csrf import FIELD
from services.desk.web.visit import Visit
from services.staff.form_drafts.calls import SEALED_BYTES, KeepFormDraft, ShowFormDraft
from shared import base64url, log
from shared.calls import Caller
from shared.errors import NotFound, Refused, Transient

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
NAME: Final = "draft"
YES: Final = "yes"
QUERY: Final = f"?{NAME}={YES}"
"""What the address of a form says where one comes back to what stood in it."""

logger = log.get("desk.drafts")


def keep(caller: Caller, *, token: str, browser: str, path: str, form: MultiDict[str, str]) -> bool:
    """Keep what stood in a form; False where that could not be done."""
    fields = {name: values for name, values in form.to_dict(flat=False).items() if name != FIELD}
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + _cipher(browser).encrypt(nonce, text, path.encode())
    if len(sealed) > SEALED_BYTES:
        return False
    try:
        caller.ask(KeepFormDraft(token=token, path=path, sealed=base64url.encode(sealed)))
    except (Refused, Transient) as error:
        logger.info("a form could not be kept", exc_info=error)
        return False
    return True


def kept(caller: Caller, *, token: str, browser: str, path: str) -> MultiDict[str, str] | None:
    """What was kept of the form at this address; None where nothing was, or another browser sent it."""
    try:
        text = caller.ask(ShowFormDraft(token=token, path=path)).sealed
    except NotFound:
        return None
    sealed = base64url.decode(text)
    try:
        fields = _cipher(browser).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], path.encode())
    except InvalidTag:
        return None
    return MultiDict(json.loads(fields))


def gone(visit: Visit) -> Response:
    """What is told whoever comes back too late, or with another browser."""
    title = visit.say("Teksten er borte", "The text is gone")
    remedy = visit.say(
        "Den holdes i én time, i nettleseren den ble skrevet i. Ingenting er gjort. Åpne skjemaet på nytt.",
        "It is kept for an hour, for the browser it was written in. Nothing was done. Open the form anew.",
    )
    return visit.page(
        "failure",
        status=404,
        title=title,
        remedy=remedy,
        number=None,
        code_shown="not_found",
        choose_at=None,
        is_on_own_page=False,
    )


def _cipher(browser: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"vilkar form draft").derive(
        browser.encode()
    )
    return AESGCM(derived)
