"""Logs that cannot carry personal data.

A log line is an event name and fields. Field values are numbers, booleans, ids, instants and short machine
words; any other text is withheld, whoever wrote it. Of an exception the class and the places in the code are
kept, never its message, unless it is one of our own, whose messages are written to hold no values. Lines of
libraries keep their template, with their arguments withheld where they are no short numbers; what has no arguments
may be text put together before, and is withheld whole. Each line has the correlation id of the work at hand.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import structlog

from shared import context
from shared.errors import VilkarError

WITHHELD: Final = "(withheld)"
SAFE_TEXT: Final = re.compile(r"[A-Za-z0-9_.:/>-]{1,120}")
LONG_DIGITS: Final = re.compile(r"\d([-.]?\d){6,}")
"""Seven digits and more, however they are grouped: telephones, organisation numbers, birth numbers."""
UUID_TEXT: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])")
DAY_TEXT: Final = re.compile(r"(?<!\d)(19|20)\d{2}-[01]\d-[0-3]\d(T[0-9:.]+Z?)?(?!\d)")
IP_TEXT: Final = re.compile(r"(?<!\d)\d{1,3}(\.\d{1,3}){3}(?!\d)|[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{0,4}){3,}|::")
SECRET_TEXT: Final = re.compile(r"(?=[A-Za-z_-]{0,200}\d)[A-Za-z0-9_-]{20,}")
"""Long and with a digit in it: a token, a key, a digest. Our own words are shorter or have no digits."""
SENTENCE: Final = re.compile(r"[A-Za-z0-9_ .,:;/()'%>-]{1,200}")
PLACE: Final = re.compile(r"%(\([^)]*\))?[-+ #0]*(\*|\d+)?(\.(\*|\d+))?[hlL]?(?P<kind>[diouxXeEfFgGcrsa%])")
"""A place in a format string that an argument fills."""
FRAMES: Final = 12


def configure(*, service: str, level: str = "INFO") -> None:
    """Log JSON lines to standard output for this process, libraries' lines included."""
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        add_correlation_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _add_service(service),
        only_safe,
        structlog.processors.JSONRenderer(sort_keys=True),
    ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=_StandardOutput,
        cache_logger_on_first_use=False,
    )
    handler = _LibraryHandler()
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


def get(room: str) -> Any:
    """A logger for one room: `log.info("event_name", account_id=…)`."""
    return structlog.get_logger(room=room)  # not bound yet: modules ask before `configure` has run


def safe_value(value: Any) -> Any:
    """`value` if its kind cannot hold personal data, else a mark that something was withheld."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (UUID, datetime, date)):
        return str(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [safe_value(item) for item in list(value)[:50]]
    if isinstance(value, Mapping):
        return {str(safe_value(str(key))): safe_value(item) for key, item in list(value.items())[:50]}
    if isinstance(value, str) and _is_machine_word(value):
        return value
    return WITHHELD


def _is_machine_word(text: str) -> bool:
    return bool(SAFE_TEXT.fullmatch(text)) and not _is_telling(text, (LONG_DIGITS, IP_TEXT, SECRET_TEXT))


def _is_telling(text: str, signs: Sequence[re.Pattern[str]]) -> bool:
    """Whether there is more to the text than words, ids and days."""
    rest = DAY_TEXT.sub(" ", UUID_TEXT.sub(" ", text))
    return any(sign.search(rest) for sign in signs)


def only_safe(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The processor that lets through only what cannot be personal data."""
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    safe: dict[str, Any] = {}
    for key, value in line.items():
        safe[key] = value if key in ("time", "level", "service") else safe_value(value)
    if isinstance(line.get("event"), str) and _is_sentence(line["event"]):
        safe["event"] = line["event"]
    if isinstance(error, BaseException):
        safe.update(describe(error))
    return safe


def add_correlation_id(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The processor that says to which request or message a line belongs, and what is undone again after it."""
    current = context.at_hand()
    if current is not None:
        line.setdefault("correlation_id", current.correlation_id)
    if context.is_rehearsal():
        line["rehearsal"] = True
    return line


def rendered(template: str, arguments: Any) -> str:
    """A library's line without anybody's values: each place in its template is filled with a number or a mark."""
    if not arguments:
        return "library message"
    given = iter(arguments if isinstance(arguments, tuple) else ())
    return PLACE.sub(lambda place: "%" if place["kind"] == "%" else _plain(next(given, None)), template)


def _plain(argument: Any) -> str:
    is_number = isinstance(argument, (int, float)) and not LONG_DIGITS.search(str(argument))
    return str(argument) if is_number else WITHHELD


def _is_sentence(text: str) -> bool:
    return bool(SENTENCE.fullmatch(text)) and not _is_telling(text, (LONG_DIGITS, IP_TEXT, SECRET_TEXT))


def describe(error: BaseException) -> dict[str, Any]:
    """What may be told of an exception: class, our own message, places in the code."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    description: dict[str, Any] = {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "places": [f"{frame.filename.rsplit('/', 3)[-1]}:{frame.lineno}:{frame.name}" for frame in frames],
    }
    if isinstance(error, VilkarError) and error.args and _is_sentence(str(error.args[0])):
        description["message"] = str(error.args[0])
    sqlstate = getattr(error, "sqlstate", None)
    if isinstance(sqlstate, str):
        description["sqlstate"] = sqlstate
    return description


def _add_service(service: str) -> Any:
    def add(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line["service"] = service
        return line

    return add


class _StandardOutput:
    """Writes a finished line to what standard output is at that moment, in one call."""

    def __init__(self, *_: Any) -> None:
        pass

    def msg(self, line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    debug = info = warning = error = critical = exception = log = msg


class _LibraryHandler(logging.Handler):
    """Takes the lines of libraries: the template stays, the arguments go."""

    def emit(self, record: logging.LogRecord) -> None:
        template = rendered(record.msg, record.args) if isinstance(record.msg, str) else "library message"
        fields: dict[str, Any] = {"library": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            fields["exc_info"] = record.exc_info[1]
        method = getattr(structlog.get_logger(), record.levelname.lower(), structlog.get_logger().warning)
        method(template if _is_sentence(template) else "library message", **fields)
