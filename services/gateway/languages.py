"""In which language a page is shown that stands beside those of customers."""

from __future__ import annotations

from werkzeug.wrappers import Request

from shared.terms.texts import LANGUAGES
from shared.web.preferences import language_of


def chosen_language(request: Request) -> str:
    """`nb` or `en`: as the address says, or else as the reader chose for all pages, or the browser asks for."""
    asked = request.args.get("language", "")
    return asked if asked in LANGUAGES else language_of(request)
