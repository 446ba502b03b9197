"""Tables for other programs (CSV): no cell of them is taken for a formula, whatever stands in it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TextIO

FORMULA: Final = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r])")
"""Where a program for tables begins a cell that it computes: also after what it may take for the end of another."""


def write_csv(names: Sequence[str], rows: Iterable[Mapping[str, Any]], file: TextIO) -> None:
    """Rows of JSON values with a column for each name."""
    writer = csv.writer(file)
    writer.writerow(names)
    for row in rows:
        writer.writerow([cell(row[name]) for name in names])


def cell(value: Any) -> str:
    """A value as a cell that no program computes: pairs as name=value, and several values, stand side by side."""
    return FORMULA.sub(r"\1'", _text(value))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return " ".join(f"{name}={_text(each)}" for name, each in sorted(value.items()) if each is not None)
    if isinstance(value, list | tuple):
        return " | ".join(map(_text, value))
    return str(value)
