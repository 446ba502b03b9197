"""What an erasure counts and keeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure counts and keeps."""

    counts: dict[str, int]
    retained: list[str]
