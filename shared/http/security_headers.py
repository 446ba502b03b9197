"""What browsers may not do with an answer: Content-Security-Policy and its like, for each kind of answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FOR_PROGRAMS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""JSON: nothing of it is shown, framed or kept."""
FOR_PAGES: Final[Mapping[str, str]] = {
    # Nothing inline, nothing from elsewhere. The style sheets draw their icons as `data:` images.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # With no referrer at all, browsers would say of our own forms that they come from nowhere.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), "
    "microphone=(), geolocation=()",
}
"""Pages of people who are logged in, or log in."""
OF_A_SHEET: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""The policy of a page that brings its style along and has no script: what letters lead to."""
