"""A Docker daemon of our own: its data, its socket and its containers are apart from every other on the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deploy.engine.machine import EngineError
from deploy.native import processes

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA: Final = Path("/var/lib/vilkar-engine")
"""Images and volumes; kept when the daemon ends, so that the next start need not build them again."""

RUN: Final = Path("/run/vilkar-engine")
_NAME: Final = "vilkar"
_ANSWER_SECONDS: Final = 20
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.2


def answers(env: Mapping[str, str] | None = None) -> bool:
    """Say whether a Docker engine answers to whoever has this environment (by default ours)."""
    if shutil.which("docker") is None:
        return False
    try:
        result = subprocess.run(
            ["docker", "info"], check=False, capture_output=True, timeout=_ANSWER_SECONDS,
            stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0


def others() -> list[int]:
    """Return the process ids of Docker daemons that run on this machine, whoever started them."""
    engines = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            name = (entry / "comm").read_text().strip()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if name == "dockerd" and processes.identity_of(int(entry.name)) is not None:
            engines.append(int(entry.name))
    return sorted(engines)


@dataclass(frozen=True)
class Daemon:
    """One daemon, described by where it keeps its data and where its socket lies."""

    data: Path = DATA
    run: Path = RUN

    @property
    def address(self) -> str:
        """What DOCKER_HOST must be to speak with it."""
        return f"unix://{self.run}/docker.sock"

    @property
    def log(self) -> Path:
        return self.data / "dockerd.log"

    @property
    def pid_file(self) -> Path:
        return self.data / "dockerd.json"

    def running(self) -> processes.ProcessIdentity | None:
        """Return the daemon's process, when it is the one we started."""
        return processes.load(self.pid_file)

    def start(self) -> None:
        """Start the daemon where it does not run, and wait until it answers.

        Two daemons would fight for the bridge and the packet filter's rules: beside a foreign one none is started.
        """
        identity = self.running()
        if identity is None:
            foreign = others()
            if foreign:
                raise EngineError(
                    f"a Docker daemon runs already (process {foreign[0]}) but does not answer here; "
                    "set DOCKER_HOST to its address"
                )
            identity = self._launch()
        self._wait(identity, time.monotonic() + _START_SECONDS)

    def _launch(self) -> processes.ProcessIdentity:
        program = shutil.which("dockerd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if program is None:
            raise EngineError("dockerd is not installed")
        for folder in (self.data, self.run):
            folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.log.unlink(missing_ok=True)
        argv = [
            program,
            "--host", self.address,
            "--data-root", str(self.data / "data"),
            "--exec-root", str(self.run / "exec"),
            "--pidfile", str(self.run / "dockerd.pid"),
            # Should the machine's containerd be used, our containers are in a room of their own there.
            "--containerd-namespace", _NAME,
            "--containerd-plugins-namespace", f"{_NAME}-plugins",
        ]  # fmt: skip
        environment = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}
        identity = processes.start(argv, log=self.log, env=environment, cwd=Path("/"))
        processes.save(identity, self.pid_file)
        return identity

    def _wait(self, identity: processes.ProcessIdentity, deadline: float) -> None:
        while not answers({"DOCKER_HOST": self.address}):
            if not identity.alive() or time.monotonic() > deadline:
                processes.end(identity, grace_s=_STOP_SECONDS)
                raise EngineError(f"dockerd did not start; {self.log}:\n{processes.tail(self.log)}")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> bool:
        """End the daemon with its containers; return whether it ran. Images and volumes stay."""
        identity = self.running()
        if identity is None:
            return False
        processes.end(identity, grace_s=_STOP_SECONDS)
        self.pid_file.unlink(missing_ok=True)
        ip = shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin")
        if ip is not None and not others():
            # dockerd leaves its bridge behind. Where it is gone already there is nothing to do: no error.
            subprocess.run([ip, "link", "delete", "docker0"], check=False, capture_output=True, timeout=10)
        return True

    def forget(self) -> None:
        """Delete images, volumes and everything else the daemon kept; it must be stopped."""
        if self.running() is not None:
            raise EngineError("the daemon still runs; stop it first")
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.run, ignore_errors=True)
