"""The commands of `vilkar`, as the library has them that reads them.

Made once a process: it takes a fifth of a second, and was done again for each page and each alarm.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import typer.main

from deploy.vilkar import app

Words = tuple[str, ...]


@cache
def program() -> Any:
    """The program, as a group of groups and commands."""
    return typer.main.get_command(app)


@cache
def commands() -> dict[Words, Any]:
    """Every command, by the words that lead to it."""
    return dict(_below(program()))


def of_the_desk() -> dict[Words, Any]:
    """Those of staff. The others work on the machine alone."""
    return {words: each for words, each in commands().items() if each.callback.__module__.startswith("services.")}


def _below(group: Any, before: Words = ()) -> Iterator[tuple[Words, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _below(command, (*before, name))
        else:
            yield (*before, name), command
