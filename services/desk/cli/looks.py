"""What a command looks at a customer for: it is said with `--purpose`, and asked for on a terminal.

The customer is told of each look and what it was for. So nothing is looked at for a purpose that nobody has named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Final

import typer

from services.desk.cli.arguments import OneOf, code_option
from services.desk.cli.connection import desk
from services.desk.client import Desk
from services.desk.queries.purposes import OF_CUSTOMERS, OF_READING, offered
from shared.errors import Invalid
from shared.staff import Purpose, acts

SAYS: Final = "What you look for, of what you are granted; the customer can read it:"
WhatFor = Annotated[str | None, code_option(*OF_CUSTOMERS, name="--purpose", says=SAYS)]
WhatForReading = Annotated[str | None, code_option(*OF_READING, name="--purpose", says=SAYS)]

NOT_GRANTED: Final = (
    "None of your roles is for this. Ask whoever manages roles for one if it is your work; what you have stands on "
    "your own page of the desk."
)


@contextmanager
def looking(purpose: str | None, act: str, *, known: Sequence[str] = OF_CUSTOMERS) -> Iterator[Desk]:
    """The services, asked for this purpose; where none is given a person at a terminal chooses one.

    What can be chosen is that for which one has a role now that does the `act`. Raises `Invalid` where there is
    nobody to choose, or nothing to be chosen.
    """
    with desk() as at:
        chosen = purpose or _asked(offered(at.ask, at.caller.token, acts()[act].act.roles, known))
        yield at.acting_for(Purpose(chosen))


def for_what(at: Desk) -> str:
    """What is looked for, as calls that are told it take it."""
    if at.purpose is None:
        raise TypeError("this desk looks for nothing")
    return at.purpose.value


def _asked(purposes: Sequence[str]) -> str:
    if not purposes:
        raise Invalid(NOT_GRANTED)
    listed = ", ".join(purposes)
    if not sys.stdin.isatty():
        raise Invalid(
            f"Say what you look at the customer for, with --purpose. You are granted: {listed}. Where you need "
            "another one, ask whoever manages roles for a new role."
        )
    chosen: str = typer.prompt(
        f"What do you look at the customer for? ({listed})", value_proc=_of(purposes), err=True
    )
    return chosen


def _of(purposes: Sequence[str]) -> Callable[[str], str]:
    read = OneOf(tuple(purposes))

    def value(text: str) -> str:
        try:
            return read(text)
        except ValueError as wrong:
            raise typer.BadParameter(str(wrong)) from None

    return value
