"""One generator of bad input for every parser of what others send.

`spoilt` takes something good, as JSON, and gives it back with one thing wrong at a time, in every place: missing,
null, of another type, empty, huge, negative, far past and far future, in another spelling. `spoilt_texts` does the
same to its text: cut off, twice, in another encoding, too deep. `spoilt_arguments` does it to an argument of a
command line.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

MISSING = object()

VALUES: dict[str, Any] = {
    "missing": MISSING,
    "null": None,
    "true": True,
    "zero": 0,
    "negative": -1,
    "huge number": 2**40,
    "number of 400 digits": 10**400,
    "fraction": 0.5,
    "infinite": 1e308 * 10,
    "empty text": "",
    "blank": " \t ",
    "text": "x",
    "dotted": "5.1.1",
    "huge text": "x" * 20_000,
    "NUL": "a\x00b" * 10,
    "half a character": "a\ud800b" * 10,
    "control": "a\r\nBcc: b@x.example",
    "invisible": "\u200b\u3164",
    "right to left": "\u202ex",
    "full width": "\uff21\uff11",
    "far past": "0001-01-01T00:00:00Z",
    "far future": "9999-12-31T23:59:59+14:00",
    "no day": "2027-02-30",
    "empty list": [],
    "list": [1, "x", None],
    "empty object": {},
    "object": {"a": {"b": [None]}},
}


def places(sample: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a sample, itself first; of a list its first element stands for all."""
    yield at
    if isinstance(sample, dict):
        for name, value in sample.items():
            yield from places(value, (*at, name))
    elif isinstance(sample, list) and sample:
        yield from places(sample[0], (*at, 0))


def put(sample: Any, at: tuple[str | int, ...], value: Any) -> Any:
    """A copy of the sample with one place changed."""
    if not at:
        return None if value is MISSING else copy.deepcopy(value)
    changed = copy.deepcopy(sample)
    inner = changed
    for step in at[:-1]:
        inner = inner[step]
    if value is MISSING:
        del inner[at[-1]]
    else:
        inner[at[-1]] = copy.deepcopy(value)
    return changed


def other_spellings(value: Any) -> Iterator[tuple[str, Any]]:
    """What means the same to a generous reader."""
    if isinstance(value, str):
        yield from (("capitals", value.upper()), ("with blanks", f" {value} "), ("in a list", [value]))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from (("as text", str(value)), ("as a fraction", float(value)))


def spoilt(sample: Any) -> Iterator[tuple[str, Any]]:
    """Each way in which a sample can be wrong, with what it is called."""
    for at in places(sample):
        where = ".".join(map(str, at)) or "all of it"
        good = sample
        for step in at:
            good = good[step]
        for what, value in (*VALUES.items(), *other_spellings(good)):
            yield f"{where}: {what}", put(sample, at, value)


def spoilt_arguments(good: str) -> Iterator[tuple[str, list[str]]]:
    """Each way in which an argument of a command line can be wrong: what is given for it, mostly once."""
    for what, value in (*VALUES.items(), *other_spellings(good)):
        if value is not MISSING:
            yield what, [value if isinstance(value, str) else json.dumps(value)]
    yield "missing", []
    yield "half of it", [good[: len(good) // 2]]
    yield "twice", [good, good]
    yield "another beside it", [good, "x"]
    yield "bytes that are no text", [good + "\udcff\udcfe"]
    yield "more than it", [good + "\x1b[2J\x1b]0;x\x07"]
    yield "the name of an option", [f"--{good}"]
    yield "an end of options", ["--"]
    yield "a file to read", ["@/etc/hostname"]
    yield "5000 digits", ["9" * 5000]
    yield "markup", ["[/red][bold]x[/nothing]"]


def spoilt_texts(sample: Any) -> Iterator[tuple[str, bytes]]:
    """Each way in which the JSON text of a sample can be wrong."""
    text = json.dumps(sample).encode()
    yield "nothing", b""
    yield "half of it", text[: len(text) // 2]
    yield "two of it", text + text
    yield "a byte order mark", b"\xef\xbb\xbf" + text
    yield "UTF-16", text.decode().encode("utf-16")
    yield "no UTF-8", text + b"\xff\xfe"
    yield "a page", b"<html><body>502 Bad Gateway</body></html>"
    yield "deep", b"[" * 100_000
    yield "not a number", b'{"a": NaN, "b": -Infinity}'
    yield "a number of 5000 digits", b'{"a": ' + b"9" * 5000 + b"}"
    if isinstance(sample, dict):
        for name, value in sample.items():
            doubled = json.dumps({name: None})[1:-1] + ", " + json.dumps({name: value})[1:-1]
            yield f"{name} twice", ("{" + doubled + "}").encode()
