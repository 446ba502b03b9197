"""The codes of changes to a company."""

from __future__ import annotations

from typing import Final

NUMBER_REASONS: Final = ("typing_error",)
"""Why staff change an organisation number: the company is the same one. Another company signs up anew."""
