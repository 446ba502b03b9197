"""Replies to commands, kept by idempotency key: who repeats a request gets its first reply, and nobody else."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from psycopg.types.json import Jsonb

from shared.bus.offload import offload
from shared.bus.rpc_client import encode
from shared.calls import Call
from shared.database import Transaction, load_queries
from shared.errors import Conflict
from shared.records import schema_of

Q: Final = load_queries(__file__)
DIGEST_LABEL: Final = b"vilkar: requests of kept replies"
SCRYPT: Final = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}
"""Some 50 ms of a processor and 16 MiB: as slow to try passwords with as where a password is kept."""


def digest_secret(broker_url: str) -> bytes:
    """The secret that digests of requests are keyed with: the service's own, made of its password at the broker.

    A request may hold little that cannot be guessed, a telephone say, and a salt beside the digest stops nobody who
    tries all telephones. So the digest is keyed with what all replicas have, and who reads the table or a backup of
    it has not. After the password was changed, a repetition of a request from before is refused for the day that
    replies are kept; it has no second effect either way.
    """
    password = unquote(urlsplit(broker_url).password or "")
    return hmac.digest(password.encode(), DIGEST_LABEL, hashlib.sha256)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request with its idempotency key.

    `scope` is whose the key is; `reach` which accounts whoever asks may reach, as their statement says, empty for
    all of them.
    """

    scope: str
    key: str
    request: Mapping[str, Any] = field(repr=False)
    reach: str = ""


class KeptReplies:
    """The replies of one command."""

    def __init__(self, method: str, *, secret: bytes) -> None:
        """`secret` is that of `digest_secret`."""
        self._method = method
        self._secret = secret

    def asked(self, call: type[Call[Any]], given: Mapping[str, Any], *, scope: str, key: str, reach: str) -> Asked:
        """A request as it is compared: without how it came, and with a slow digest in place of each password.

        Whoever has the database and the secret besides would else try passwords faster here than where they lie.
        """
        sent = {each.data_key or name: (name, each) for name, each in schema_of(call).fields.items()}
        salt = self.digest(Asked(scope=scope, key=key, request={}, reach=reach))
        request = {}
        for name, value in given.items():
            field_name, kind = sent[name]
            if field_name not in call.aside:
                is_password = kind.metadata.get("format") == "password"
                request[name] = _slow(value, salt) if is_password and value else value
        return Asked(scope=scope, key=key, request=request, reach=reach)

    def find(self, tx: Transaction, asked: Asked) -> Any:
        """The reply that was given to the same request before, or None.

        Until the transaction ends no other call runs under this key. Raises `Conflict` where the key came with
        another request before, or for whoever could reach others than now: what the reply tells of may be beyond
        them by now, and to carry it out anew would do it twice.
        """
        named = {"method": self._method, "scope": asked.scope, "key": asked.key}
        tx.run(Q.lock_key, **named)
        known = tx.one(Q.find_reply, **named)
        if known is None:
            return None
        if not hmac.compare_digest(known["request_digest"], self.digest(asked)):
            raise Conflict(
                "this idempotency key has come with another request before", details={"reason": "key_of_another"}
            )
        return known["reply"]

    def keep(self, tx: Transaction, asked: Asked, *, reply: Any, now: datetime) -> None:
        """Keep the first reply, in the transaction that makes it true."""
        tx.run(
            Q.keep_reply,
            method=self._method,
            scope=asked.scope,
            key=asked.key,
            digest=self.digest(asked),
            reply=Jsonb(reply, dumps=encode),
            now=now,
        )

    def digest(self, asked: Asked) -> bytes:
        """The same for the same request under the same key, and equal to nothing else in the table."""
        what = [self._method, asked.scope, asked.key, asked.request, *filter(None, [asked.reach])]
        text = json.dumps(what, sort_keys=True, separators=(",", ":"))
        return hmac.digest(self._secret, text.encode(), hashlib.sha256)


def _slow(secret: Any, salt: bytes) -> str:
    return offload(hashlib.scrypt, str(secret).encode(), salt=salt, **SCRYPT).hex()
