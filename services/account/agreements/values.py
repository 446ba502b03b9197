"""By what right somebody accepts the terms for a company."""

from __future__ import annotations

from typing import Final

AUTHORITIES: Final = ("managing_director", "chair", "signatory", "procuration", "proprietor", "mandate")
"""By what right the creator says to act: signatory right, procuration, as sole trader, or under a mandate."""
