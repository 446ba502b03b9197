"""`vilkar`, or `python -m services.desk`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NoReturn

import typer
import typer.main
from typer.exceptions import TyperException

from services.desk.cli.app import app
from services.desk.cli.output import REFUSED, harmless
from shared import started

NAME: Final = "vilkar"
ABORTED: Final = 1
OF_NUMBERS: Final = {
    "int_parsing": "not a whole number",
    "int_parsing_size": "not a number that can be meant",
    "int_from_float": "not a whole number",
    "float_parsing": "not a number",
    "finite_number": "not a number",
    "greater_than_equal": "less than {ge}",
    "less_than_equal": "more than {le}",
    "greater_than": "not more than {gt}",
    "less_than": "not less than {lt}",
}
"""What is said of a number that cannot be meant, by what the library calls the fault."""
LONGEST: Final = 300
"""Characters of what is said about wrong arguments; whoever gave them knows them."""


def run(arguments: Sequence[str]) -> int:
    """Carry out one command; its exit code. What is wrong with the arguments is told in one line."""
    try:
        ended = _command().main(args=list(arguments), prog_name=NAME, standalone_mode=False)
    except TyperException as wrong:
        sys.stderr.write(_told(wrong) + "\n")
        return REFUSED
    except typer.Abort:
        sys.stderr.write("Aborted.\n")
        return ABORTED
    return ended if isinstance(ended, int) else 0


@cache
def _command() -> Any:
    return typer.main.get_command(app)


def _told(wrong: TyperException) -> str:
    """One line and where to read more; or the help, for a group of which no command was named."""
    _say_in_words_of_ours(wrong)
    message = wrong.format_message()
    if "\n" in message:
        return message
    message = harmless(message.replace(" Value error,", ""))
    shown = message if len(message) <= LONGEST else message[:LONGEST] + "…"
    context = getattr(wrong, "ctx", None)
    return f"{shown} ({context.command_path if context else NAME} --help)"


def _say_in_words_of_ours(wrong: TyperException) -> None:
    """The library that reads numbers has its own words for what is none."""
    errors: list[dict[str, Any]] = getattr(wrong.__cause__, "errors", list)()
    for error in errors[:1]:
        if (said := OF_NUMBERS.get(error["type"])) is not None:
            wrong.message = said.format_map(error.get("ctx", {}))


def main() -> NoReturn:
    """The entry point of the `vilkar` command."""
    started.loaded()
    raise SystemExit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
