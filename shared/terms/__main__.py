"""`python -m shared.terms`: every promise, what enforces it, what checks it, and how it stands."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from shared.terms import listing, outcomes
from shared.terms.discovery import load_rules
from shared.terms.status import status

FORMS = {"text": listing.as_text, "json": listing.as_json, "markdown": listing.as_markdown}


def main(arguments: list[str] | None = None) -> int:
    """Print the list; the exit status is 1 when a promise is broken, so that a build can stop on it."""
    parser = argparse.ArgumentParser(prog="python -m shared.terms", description=__doc__)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", dest="form", action="store_const", const="json", help="for machines")
    form.add_argument("--markdown", dest="form", action="store_const", const="markdown", help="for docs/terms.md")
    parser.add_argument("--outcomes", type=Path, default=outcomes.OUTCOMES_FILE, help="the recorded checks")
    parser.set_defaults(form="text")
    asked = parser.parse_args(arguments)
    load_rules()
    statuses = status(outcomes.read(asked.outcomes))
    sys.stdout.write(FORMS[asked.form](statuses))
    return int(any(each.standing.value == "failed" for each in statuses))


if __name__ == "__main__":
    sys.exit(main())
