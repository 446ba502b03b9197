"""Serving the sandbox: waitress with real threads, able to hang up on a caller as vendors at times do."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import WSGITask

from sandbox.app import DROP_KEY, Sandbox
from sandbox.faults import Fault
from sandbox.settings import SandboxSettings
from shared.clock import Clock

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.store import Document

THREADS: Final = 32
CHANNEL_TIMEOUT_SECONDS: Final = 180
STOP_SECONDS: Final = 10


class _Task(WSGITask):  # type: ignore[misc]  # waitress is untyped
    """Lets the application close the connection it is answering on."""

    def get_environment(self) -> dict[str, Any]:
        """The WSGI environment with one more function in it."""
        environ: dict[str, Any] = super().get_environment()
        environ[DROP_KEY] = self.channel.hang_up
        return environ


class _Channel(HTTPChannel):  # type: ignore[misc]  # waitress is untyped
    """A connection that can be closed in the middle of a call."""

    task_class = _Task

    def hang_up(self) -> None:
        """Close for the caller at once; waitress notices and tidies up."""
        with contextlib.suppress(OSError):  # the caller may have hung up before us
            self.socket.shutdown(socket.SHUT_RDWR)


class RunningSandbox:
    """A sandbox that answers on `url` until `stop`. The same things can be done over HTTP under /control."""

    def __init__(self, sandbox: Sandbox, *, host: str, port: int) -> None:
        """Listen on `host`:`port` (0: any free port) from now on."""
        self.sandbox = sandbox
        self._server = create_server(
            sandbox,
            host=host,
            port=port,
            threads=THREADS,
            channel_timeout=CHANNEL_TIMEOUT_SECONDS,
            ident=None,
        )
        self._server.channel_class = _Channel
        self.port = int(self._server.effective_port)
        self.url = f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
        sandbox.tripletex.listening_on(self.url.removeprefix("http://"))
        self._thread = threading.Thread(target=self._server.run, name="sandbox-http", daemon=True)
        sandbox.start()
        self._thread.start()

    @property
    def mailgun_url(self) -> str:
        """Base URL to be used for https://api.eu.mailgun.net."""
        return f"{self.url}/mailgun"

    @property
    def tripletex_url(self) -> str:
        """Base URL to be used for https://tripletex.no/v2."""
        return f"{self.url}/tripletex"

    @property
    def register_url(self) -> str:
        """Base URL to be used for https://data.brreg.no/enhetsregisteret/api."""
        return f"{self.url}/register"

    @property
    def duty_hook_url(self) -> str:
        """Where a pager takes calls to whoever is on duty."""
        return f"{self.url}/pager/hook"

    def fail(
        self,
        vendor: str,
        mode: str,
        *,
        calls: int = 1,
        seconds: float = 0.0,
        method: str = "",
        path: str = "",
    ) -> None:
        """Let the next `calls` calls of `vendor` fail as `mode` of `sandbox.faults.MODES` says."""
        self.sandbox.faults.add(
            Fault(vendor=vendor, mode=mode, calls=calls, seconds=seconds, method=method, path=path)
        )

    def configure(self, vendor: str, **changes: Any) -> dict[str, Any]:
        """Change settings of one vendor's stand-in; returns all of them."""
        return self.sandbox.vendors[vendor].configure(changes)

    def pages(self) -> list[Document]:
        """Every call to whoever is on duty that the pager took, oldest first."""
        return self.sandbox.pager.calls.values()

    def letters(self) -> list[Document]:
        """Every letter that Mailgun took, oldest first."""
        return self.sandbox.mailgun.letters.values()

    def calls(self, vendor: str) -> list[Document]:
        """Every call to `vendor`, oldest first, with its answer."""
        return self.sandbox.journal.of(vendor)

    def planned(self) -> int:
        """How much is still to happen by itself: events of letters, webhooks and their repetitions."""
        return len(self.sandbox.scheduler.pending())

    def reset(self) -> None:
        """Forget everything, settings and faults too."""
        self.sandbox.reset()

    def wait(self) -> None:
        """Until somebody stops it."""
        self._thread.join()

    def stop(self) -> None:
        """Stop answering, finish what is under way, close the file."""
        self.sandbox.hurry()
        # First the workers, while there is still a loop for them to wake; then the loop itself.
        self._server.task_dispatcher.shutdown()
        if self._thread.is_alive():
            self._server.trigger.pull_trigger(self._close_all)
            self._thread.join(timeout=STOP_SECONDS)
        self.sandbox.stop()

    def _close_all(self) -> None:
        # Runs in the server's own thread; with an empty map its loop ends.
        wasyncore.close_all(self._server._map, ignore_all=True)  # noqa: SLF001  # waitress offers no stop


def start(
    port: int = 0,
    *,
    settings: SandboxSettings | None = None,
    clock: Clock | None = None,
    state_dir: Path | None = None,
    webhook_url: str | None = None,
) -> RunningSandbox:
    """A sandbox in this process, answering on the loopback interface when this returns.

    `clock` may be any clock of `shared.clock`; without one the movable clock of the state directory is used.
    """
    chosen = settings or SandboxSettings()
    chosen = replace(
        chosen,
        port=port,
        state_dir=state_dir or chosen.state_dir,
        webhook_url=webhook_url or chosen.webhook_url,
    )
    used = clock or Clock(chosen.clock_dir or chosen.state_dir, environment=chosen.environment)
    return RunningSandbox(Sandbox(chosen, used), host=chosen.host, port=chosen.port)
