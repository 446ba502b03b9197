"""How often one address may log in, sign up and ask for letters; how it is counted is in `shared/http`."""

from __future__ import annotations

from typing import Final

from shared.http.rate_limits import Rate

RATES: Final = {
    "login": Rate(burst=200, per_minute=120),
    "sign_up": Rate(burst=120, per_minute=60),
    "letter": Rate(burst=60, per_minute=30),
}
"""For each address. Many people of one company may share an address, so these only stop floods."""
