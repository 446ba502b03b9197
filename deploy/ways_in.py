"""How staff get in and what comes next: what `make up` says at its end, in containers as natively.

python -m deploy.ways_in
"""

from __future__ import annotations

from shared import config
from shared.config import Settings


def lines(settings: Settings) -> list[str]:
    """The address of the desk, how one logs in there, and what to do next."""
    desk = f"The desk of staff: {settings.desk_public_url}"
    if settings.has_invented_people:
        return [
            desk,
            "Log in: one click there, or ./vilkar login --as kari",
            "Next: make demo   (make status, make logs, make down)",
        ]
    return [
        desk,
        "Log in: with a passkey there, then ./vilkar login",
        "On the first day: ./vilkar staff invite CODE, once for each of the first two administrators",
        "Next: make status   (make logs, make backup, make down)",
    ]


if __name__ == "__main__":
    print("\n".join(lines(config.load())))
