"""How a page is made of its template; what is put into one is escaped."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from werkzeug.wrappers import Response

from shared.calendar import OSLO
from shared.dates_in_words import long_instant
from shared.http import security_headers
from shared.terms.texts import LANGUAGES
from shared.vendor_imprint import DEMO_IMPRINT, Imprint
from shared.version import VERSION

PAGE_HEADERS: Final = {"Content-Security-Policy": security_headers.OF_A_SHEET}
HERE: Final = Path(__file__).parent

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_stated = DEMO_IMPRINT
_templates.globals["vendor"] = _stated
_templates.filters["instant"] = long_instant
_templates.filters["moment"] = lambda text: f"{datetime.fromisoformat(text).astimezone(OSLO):%Y-%m-%d %H:%M}"


def name_vendor(stated: Imprint) -> None:
    """Say who stands behind the pages; once, before anything is served."""
    global _stated  # noqa: PLW0603  # one process serves one vendor
    _templates.globals["vendor"] = _stated = stated
    if _templates.cache is not None:
        _templates.cache.clear()  # what pages import keeps the names of the moment at which it was first rendered


def vendor() -> Imprint:
    """Who stands behind the pages and is to be asked."""
    return _stated


def page(name: str, *, language: str, status_code: int = 200, offers_other: bool = True, **facts: Any) -> Response:
    """A page from its template in one language; everything put into it is escaped.

    `offers_other`: the other language is the same address away.
    """
    html = _templates.get_template(f"{name}.html").render(
        version=VERSION,
        language=language,
        other_language=next(each for each in LANGUAGES if each != language),
        offers_other=offers_other,
        t=lambda norwegian, english: norwegian if language == "nb" else english,
        **facts,
    )
    return Response(html, status=status_code, content_type="text/html; charset=utf-8", headers=PAGE_HEADERS)
