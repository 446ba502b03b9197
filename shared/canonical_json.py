"""JSON of which there is only one form: what is hashed or signed is the same wherever it is written."""

from __future__ import annotations

import json
from typing import Any

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical(value: Any) -> bytes:
    """Sorted keys, no blanks, ASCII. Raises `ValueError` and `TypeError` for what is not JSON."""
    return _encode(value).encode("ascii")
