"""Runs a program of ours to its end as a process of its own, forked from one that has read the program already.

    ended = run("deploy.vilkar", "ping", "--json", env=environment)

What the program sees and says is what it would after `python -m deploy.vilkar ping --json`, but only the first of a
program takes the second of a core that reading it takes. The program is the module's `main`; importing the module
does nothing. What a start itself does is shown by the tests that start.

deploy.native.fork_server forks too, but daemons that outlive it, as another user, of a kind that it knows before;
nobody gives them input or learns their exit code. Here any program runs to its end, and a test reads what it said.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from shared import started

REPOSITORY: Final = Path(__file__).resolve().parents[1]
LIMIT_SECONDS: Final = 240.0


def run(
    module: str,
    *arguments: object,
    env: Mapping[str, str],
    cwd: Path = REPOSITORY,
    given: str = "",
    limit_s: float = LIMIT_SECONDS,
) -> subprocess.CompletedProcess[str]:
    """Run a program with `given` as its standard input to its end, whatever that is.

    Raises `subprocess.TimeoutExpired` where it takes longer than `limit_s`; it is killed then.
    """
    words = list(map(str, arguments))
    with tempfile.TemporaryDirectory(prefix="vilkar-forked-") as folder:
        streams = [Path(folder) / name for name in ("input", "output", "errors")]
        streams[0].write_text(given)
        code = _loaded(module).ask(
            arguments=words, env=dict(env), cwd=str(cwd), streams=list(map(str, streams)), limit_s=limit_s
        )
        output, errors = (each.read_text() for each in streams[1:])
    if code is None:
        raise subprocess.TimeoutExpired([module, *words], limit_s, output, errors)
    return subprocess.CompletedProcess([module, *words], code, output, errors)


class _Loaded:
    """A process that has read a program, and forks another for each that is to run it."""

    def __init__(self, module: str) -> None:
        self._one_at_a_time = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked", module],
            cwd=REPOSITORY,
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self._process.communicate)

    def ask(self, **asked: Any) -> int | None:
        """The exit code; None where the program took too long."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._one_at_a_time:
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            code: int | None = json.loads(self._process.stdout.readline())
        return code


_loaded = cache(_Loaded)


def _serve(main: Callable[[], Any]) -> None:
    """Until whoever asks is gone."""
    while line := sys.stdin.readline():
        asked = json.loads(line)
        streams = [
            os.open(path, flags | os.O_CREAT, 0o600)
            for path, flags in zip(asked["streams"], (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY), strict=True)
        ]
        child = os.fork()
        if child == 0:
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
                os.close(stream)
            os.environ.clear()
            os.environ.update(asked["env"])
            os.chdir(asked["cwd"])
            sys.argv = [sys.argv[1], *asked["arguments"]]
            sys.exit(main())
        for stream in streams:
            os.close(stream)
        print(json.dumps(_code_of(child, asked["limit_s"])), flush=True)


def _code_of(child: int, limit_s: float) -> int | None:
    watched = os.pidfd_open(child)
    ended, _, _ = select.select([watched], [], [], limit_s)
    os.close(watched)
    if not ended:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) if ended else None


if __name__ == "__main__":
    program = importlib.import_module(sys.argv[1])
    started.loaded()
    _serve(program.main)
