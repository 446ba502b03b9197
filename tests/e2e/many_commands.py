"""Runs many `vilkar` commands, each in a process of its own, but reads the program only once: it forks for each.

Reads a JSON list of argument lists from standard input, writes a list of [exit code, output, errors] as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import Any

from deploy.vilkar import main


def run(arguments: list[str]) -> list[Any]:
    """One command as the shell would run it."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if child == 0:
            os.dup2(output.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            sys.argv = ["vilkar", *arguments]
            main()  # ends the process with the command's exit code
        _, status = os.waitpid(child, 0)
        told = []
        for file in (output, errors):
            file.seek(0)
            told.append(file.read().decode())
        return [os.waitstatus_to_exitcode(status), *told]


if __name__ == "__main__":
    sys.stdout.write(json.dumps([run(arguments) for arguments in json.load(sys.stdin)]))
