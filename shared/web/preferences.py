"""What a browser is told to remember for its reader: the language, and whether pages are light or dark."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from werkzeug.wrappers import Request

from shared.terms.texts import LANGUAGES
from shared.web.responses import without_done

PREFERENCES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"language": LANGUAGES, "scheme": ("auto", "light", "dark")}
)
PREFER: Final = "prefer"
"""The field of a form whose button chooses something for all pages, as `language=en`, and sends nothing else."""
SECONDS: Final = 365 * 24 * 60 * 60
NORWEGIAN: Final = ("nb", "no", "nn", "da", "sv")


def cookie_of(name: str) -> str:
    """The cookie that holds a preference."""
    return f"__Host-vilkar-{name}"


def preferred(request: Request, name: str) -> str | None:
    """What was chosen; None where nothing was, or nothing that can be chosen."""
    value = request.cookies.get(cookie_of(name))
    return value if value in PREFERENCES[name] else None


def chosen_in(form: Mapping[str, str]) -> tuple[str, str] | None:
    """What the button of a form chooses: a preference and its value; None for a form that is really sent."""
    name, _, value = form.get(PREFER, "").partition("=")
    return (name, value) if value in PREFERENCES.get(name, ()) else None


def language_of(request: Request) -> str:
    """What the reader chose, or else what the browser asks for: `nb` or `en`."""
    chosen = preferred(request, "language")
    if chosen is not None:
        return chosen
    return "en" if request.accept_languages.best_match((*NORWEGIAN, "en"), default="nb") == "en" else "nb"


def scheme_of(request: Request) -> str:
    """Light, dark, or as the machine is set."""
    return preferred(request, "scheme") or "auto"


def local(address: str) -> str:
    """An address of this host to go on to, which says of nothing that it was just done; else the start page."""
    plain = address.isprintable() and address.startswith("/") and not address.startswith(("//", "/\\"))
    return without_done(address) if plain else "/"
