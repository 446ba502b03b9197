"""How a page is made of its template; what is put into one is escaped."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from werkzeug.wrappers import Response

from shared.version import VERSION

PAGE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
}
HERE: Final = Path(__file__).parent

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(name: str, *, status_code: int = 200, **facts: Any) -> Response:
    """A page from its template; everything put into it is escaped."""
    html = _templates.get_template(f"{name}.html").render(version=VERSION, **facts)
    return Response(html, status=status_code, content_type="text/html; charset=utf-8", headers=PAGE_HEADERS)
