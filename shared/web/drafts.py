"""A form that is set aside, as where its session ended: it is sealed, and shown again.

It is kept for an hour, and comes back once one has logged in again, or chosen.

The key is made of the number by which forms know this browser, which no service keeps: nobody else can read it, and
another person at the same browser is not given it.
"""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from werkzeug.datastructures import MultiDict

from shared import base64url, log
from shared.errors import NotFound, Refused, Transient
from shared.form_drafts import SEALED_BYTES
from shared.web.csrf import FIELD

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
NAME: Final = "draft"
YES: Final = "yes"
QUERY: Final = f"?{NAME}={YES}"
"""What the address of a form says where one comes back to what stood in it."""

NEVER_KEPT: Final = "password"
"""What has this in its name is filled in anew."""

logger = log.get("drafts")


class Drafts(ABC):
    """The service that keeps sealed forms for an hour, for whoever had the session."""

    @abstractmethod
    def keep(self, token: str, path: str, sealed: str) -> None:
        """Keep it for the holder of this session, which may be over. Raises what the service does."""

    @abstractmethod
    def kept(self, token: str, path: str) -> str:
        """What is kept of the form at this address. Raises `NotFound` where nothing is."""

    @abstractmethod
    def drop(self, token: str, path: str) -> None:
        """Forget it: the form was sent. Nothing where nothing is kept. Raises what the service does."""


def keep(drafts: Drafts, *, token: str, browser: str, path: str, form: MultiDict[str, str]) -> bool:
    """Keep what stood in a form; False where that could not be done."""
    fields = {name: values for name, values in form.to_dict(flat=False).items() if is_kept(name)}
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + _cipher(browser).encrypt(nonce, text, path.encode())
    if len(sealed) > SEALED_BYTES:
        return False
    try:
        drafts.keep(token, path, base64url.encode(sealed))
    except (Refused, Transient) as error:
        logger.info("a form could not be kept", exc_info=error)
        return False
    return True


def kept(drafts: Drafts, *, token: str, browser: str, path: str) -> MultiDict[str, str] | None:
    """What was kept of the form at this address; None where nothing was, or another browser sent it."""
    try:
        text = drafts.kept(token, path)
    except NotFound:
        return None
    sealed = base64url.decode(text)
    try:
        fields = _cipher(browser).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], path.encode())
    except InvalidTag:
        return None
    return MultiDict(json.loads(fields))


def spent(drafts: Drafts, *, token: str, path: str) -> None:
    """Forget what was kept of a form that was sent with success; what cannot be now is over in an hour."""
    try:
        drafts.drop(token, path)
    except (Refused, Transient) as error:
        logger.info("a form that was sent could not be forgotten", exc_info=error)


def is_kept(name: str) -> bool:
    """Whether what stands in this field is kept: no secret, and not what belongs to the browser."""
    return name != FIELD and NEVER_KEPT not in name


def _cipher(browser: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"vilkar form draft").derive(
        browser.encode()
    )
    return AESGCM(derived)
