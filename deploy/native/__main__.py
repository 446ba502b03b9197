"""`python -m deploy.native`: the system without Docker."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from deploy.native.infrastructure import Infrastructure

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)


def _say(text: str) -> None:
    typer.echo(text)


@app.command("infra-up")
def infra_up(root: Path) -> None:
    """Start servers for tests below ROOT and leave them running."""
    infrastructure = Infrastructure(root, for_tests=True, say=_say)
    infrastructure.start()
    typer.echo(f"running; use with VILKAR_TEST_INFRASTRUCTURE={infrastructure.root}")


@app.command("infra-down")
def infra_down(root: Path) -> None:
    """Stop the servers below ROOT and remove it."""
    infrastructure = Infrastructure(root, say=_say)
    infrastructure.stop()
    infrastructure.remove()


if __name__ == "__main__":
    sys.exit(app())
