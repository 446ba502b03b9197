"""The one room that knows nameko, kombu and eventlet.

Services declare what they hear, answer and do on time with the decorators below, which are plain metadata.
`shared.bus.nameko_container` turns the declarations into nameko entrypoints; nothing outside this room imports
nameko.

The names are looked up when they are first asked for: `from shared.bus import monkey_patch` must not import
psycopg before `monkey_patch.apply()` has run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.bus.declarations import Feature, Service, answers, every, handles

__all__ = ["Feature", "Service", "answers", "every", "handles"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from shared.bus import declarations  # noqa: PLC0415  # see the module's docstring

    return getattr(declarations, name)
