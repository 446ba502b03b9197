"""What every line of every log must be: one JSON object, whose event is a sentence and never a format string."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

FORMAT: Final = re.compile(r"%(\([^)]*\))?[-+ #0]*\d*(\.\d+)?[diouxXeEfFgGcrsa]|\{[a-z_]*\}")
LEVELS: Final = {"debug", "info", "warning", "error", "critical"}


def fault_of(line: dict[str, Any]) -> str | None:
    """What is wrong with a line of a log, None where nothing is."""
    event = line.get("event")
    if not isinstance(event, str) or not event or FORMAT.search(event):
        return "its event is no sentence"
    if line.get("level") not in LEVELS or not isinstance(line.get("service"), str):
        return "it has no level or no service"
    try:
        aware = datetime.fromisoformat(str(line.get("time"))).tzinfo is not None
    except ValueError:
        aware = False
    return None if aware else "it has no instant"


def faults_in(log: Path) -> list[str]:
    """The lines of a program's log that are not as they should be; what programs of tests print is no log."""
    found = []
    for number, text in enumerate(log.read_text(errors="replace").splitlines(), start=1):
        if not text.startswith('{"') or '"event":' not in text:
            continue
        try:
            fault = fault_of(json.loads(text))
        except ValueError:
            fault = "it is not JSON"
        if fault is not None:
            found.append(f"{log.name}:{number}: {fault}: {text[:300]}")
    return found[:5]
