"""Writes every file that can be derived from the code, or says which of them are out of date.

    python -m deploy.generate            write them
    python -m deploy.generate --check    change nothing; fail where a file would change (`make verify`)

A generator is a function that returns the contents by path, relative to the repository. To add one, write it in
`deploy/generators/` and put it into the list below.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from deploy.generators import (
    acts,
    asyncapi,
    broker,
    broker_calls,
    cookies_page,
    data_map,
    events_page,
    golden,
    links_page,
    rpc_page,
    service_parts,
    terms_page,
)

ROOT: Final = Path(__file__).resolve().parents[1]
Generator = Callable[[], Mapping[str, str]]
GENERATORS: Final[tuple[Generator, ...]] = (
    acts.file,
    broker.definitions,
    broker.unheard,
    broker_calls.file,
    cookies_page.page,
    golden.files,
    events_page.page,
    links_page.page,
    rpc_page.page,
    service_parts.files,
    asyncapi.file,
    terms_page.page,
    data_map.page,
)


def wanted(generators: Sequence[Generator] = GENERATORS) -> dict[str, str]:
    """The contents of every generated file by path. Raises `ValueError` where two generators claim one path."""
    contents: dict[str, str] = {}
    for generator in generators:
        for path, text in generator().items():
            if path in contents:
                raise ValueError(f"{path} is generated twice")
            contents[path] = text
    return contents


def stale(contents: Mapping[str, str], root: Path = ROOT) -> list[str]:
    """The paths whose files differ from `contents`, or are missing."""
    return [path for path, text in sorted(contents.items()) if _read(root / path) != text]


def orphans(contents: Mapping[str, str], root: Path = ROOT) -> list[str]:
    """Golden files whose event class is gone: somebody may still hold such an event, so this is refused."""
    present = {str(path.relative_to(root)) for path in (root / golden.FOLDER).glob("*.json")}
    return sorted(present - set(contents))


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check; the exit status is 1 where a check found a difference."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.generate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    check = parser.parse_args(arguments).check
    try:
        contents = wanted()
    except (golden.FrozenError, broker_calls.UndecidedError) as error:
        print(f"generate: {error}", file=sys.stderr)
        return 1
    gone = orphans(contents)
    for path in gone:
        print(f"generate: {path} has no event class any more; keep the class as long as such events may exist")
    differing = stale(contents)
    for path in differing:
        print(f"generate: {path} {'is out of date' if check else 'written'}")
        if not check:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(contents[path], encoding="utf-8")
    return 1 if gone or (check and differing) else 0


if __name__ == "__main__":
    # What is made of a thousand parsed modules is needed to the end: looking for garbage in it is half of the work.
    gc.disable()
    raise SystemExit(main())
