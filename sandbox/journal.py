"""What was sent to the sandbox: every call of every vendor, for a person to read. Keys and tokens are left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.store import Document, Store
    from sandbox.web import Request, Response

MAX_CALLS: Final = 5_000
MAX_TEXT: Final = 20_000
_SESSION: Final = re.compile(r"/token/session/.+")


class Journal:
    """The last calls, oldest first."""

    def __init__(self, store: Store) -> None:
        """Keep the journal in `store`."""
        self._store = store
        self.calls = store.collection("sandbox.call", limit=MAX_CALLS)

    def record(
        self, vendor: str, path: str, request: Request, response: Response, *, at: datetime, fault: str | None
    ) -> None:
        """Write one call down as the caller made it and as it was answered."""
        number = self._store.next("call")
        secret = _SESSION.match(path) is not None
        call: Document = {
            "number": number,
            "vendor": vendor,
            "at": at.isoformat(),
            "method": request.method,
            "path": "/token/session/…" if secret and "whoAmI" not in path else path,
            "query": "…" if secret else request.query_string.decode("utf-8", "replace"),
            "request": "…" if secret else _request_text(request),
            "status": response.status_code,
            "answer": "…" if secret else response.get_data(as_text=True)[:MAX_TEXT],
            "fault": fault,
        }
        self.calls.put(number, call)

    def of(self, vendor: str) -> list[Document]:
        """The calls to one vendor, oldest first."""
        return [call for call in self.calls.values() if call["vendor"] == vendor]


def _request_text(request: Request) -> str:
    """The body as text; a form as its fields, an attachment as its name and size."""
    if request.mimetype in ("multipart/form-data", "application/x-www-form-urlencoded"):
        lines = [f"{name}={value}" for name, value in request.form.items(multi=True)]
        lines += [f"{name}: file {file.filename}" for name, file in request.files.items(multi=True)]
        return "\n".join(lines)[:MAX_TEXT]
    return request.get_data(as_text=True)[:MAX_TEXT]
