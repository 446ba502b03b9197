"""What copies are made with where there is no broker: only what account itself holds is handed out."""

from __future__ import annotations

from typing import Any, NoReturn

from services.account.exports.means import ExportMeans
from services.account.exports.values import Answerer
from shared.calls import Caller
from shared.errors import Unavailable
from shared.signing import SigningKey

KEY = SigningKey(b"copies are signed with this key.")


class Nobody(Caller):
    """A broker behind which nobody is."""

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> NoReturn:
        raise Unavailable(f"nobody answers {service}.{method}")


EXPORTING = ExportMeans(
    caller=Nobody(), signing_key=KEY, contributors=("account",), answerer=Answerer(vendor="Semje Software AS")
)
