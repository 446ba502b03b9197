"""Takes backups when they are due: `python -m deploy.backup.daemon`.

Every backup is a program of its own (`python -m deploy.backup take`), so that this process answers while one is
taken, holds no password, and can end one that takes too long. When one is due is read from the record that the
program keeps, by the system's clock. Between them, ledger and proofs are sent to the target soon after they have
grown.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Final

from deploy.backup import rules
from deploy.backup import settings as backup_settings
from deploy.backup.settings import CERTIFICATES, CHECKPOINTS
from shared import backup_record, config, log
from shared.backup_record import COPIES, SETS, BackupRecord
from shared.clock import Clock
from shared.config import CERTIFICATES_FILE, CHECKPOINTS_FILE, SettingError, Settings
from shared.health_server import HealthServer

REPOSITORY: Final = Path(__file__).resolve().parents[2]
FIRST_LOOK_SECONDS: Final = 60.0
"""The system is up and has its tables before the first backup begins."""
LOOK_SECONDS: Final = 5.0
COPY_SECONDS: Final = 300.0
CHECKPOINTS_SECONDS: Final = 3600.0
"""A checkpoint is signed every minute in which something happens; the trail's day lies in the backups as well."""
TAKE_SECONDS: Final = 8 * 3600.0
PROVE_SECONDS: Final = 3600.0
CLEAR: Final = "clear"
CLEAR_SECONDS: Final = 600.0
GRACE_SECONDS: Final = 20.0
STOPPING_SECONDS: Final = 10.0
"""How long it may take to clear away when we are to stop: less, with the grace before it, than we are given."""
LOOK_AT_CHILD_SECONDS: Final = 0.2
FIRST_LOOK: Final = "VILKAR_BACKUP_FIRST_SECONDS"

_log = log.get("backup")


class Watch:
    """A file that is sent by a command soon after it has changed; times in seconds of a monotonic clock."""

    def __init__(self, command: str, file: Path, pause_s: float) -> None:
        """`pause_s` lies between two looks that led to something."""
        self.command = command
        self._file = file
        self._pause_s = pause_s
        self._not_before = 0.0
        self._seen: tuple[int, int] | None = None

    def due(self, at: float) -> bool:
        """Whether there is something that was not sent yet."""
        return at >= self._not_before and self.look() not in {None, self._seen}

    def look(self) -> tuple[int, int] | None:
        """How the file is now: its size, and when it was changed; None where there is none."""
        try:
            status = self._file.stat()
        except FileNotFoundError:
            return None
        return status.st_size, status.st_mtime_ns

    def done(self, at: float, seen: tuple[int, int] | None) -> None:
        """It was tried; `seen` is how the file was before, None where it failed."""
        self._not_before = at + self._pause_s
        self._seen = seen or self._seen


class Daemon:
    """Waits until a backup is due and has it taken. `run` returns after SIGTERM or SIGINT."""

    def __init__(self, settings: Settings) -> None:
        """Raises `SettingError` for a wrong setting."""
        self._settings = settings
        self._clock = Clock(settings.state_dir, environment=settings.environment)
        self._stop = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._failed_at: datetime | None = None
        self._unproven_at: datetime | None = None
        configured = backup_settings.load(settings.raw)
        self._watches = (
            Watch("copy-ledger", configured.ledger, COPY_SECONDS),
            Watch("copy-proofs", configured.proofs[CERTIFICATES] / CERTIFICATES_FILE, COPY_SECONDS),
            Watch("copy-proofs", configured.proofs[CHECKPOINTS] / CHECKPOINTS_FILE, CHECKPOINTS_SECONDS),
        )
        # An old backup makes nothing unready: restarting would not cure it.
        self._server = HealthServer(
            settings.health_host, settings.health_port, livez=_alive, readyz=_alive, metrics=self.metrics
        )

    def run(self) -> int:
        """Take backups until a signal comes."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self._server.start()
        _log.info("started")
        self._run(CLEAR, CLEAR_SECONDS)  # we were killed, perhaps, while something lay there in clear
        self._stop.wait(_first_look(self._settings))
        while not self._stop.is_set():
            if self.due():
                self._take()
            elif self.proving_due():
                self._prove()
            else:
                self._copy()
            self._stop.wait(LOOK_SECONDS)
        self._server.close()
        _log.info("stopped")
        return 0

    def due(self) -> bool:
        """Whether a backup is to be taken now."""
        now = self._clock.now()
        return rules.due_at(newest_of(self._record()), self._failed_at, now) <= now

    def proving_due(self) -> bool:
        """Whether it is to be proven now that the newest backup can be restored."""
        now, record = self._clock.now(), self._record()
        known = [record.proven[name].at if name in record.proven else None for name in SETS]
        proven_at = min(each for each in known if each) if all(known) else None
        due = rules.proving_due_at(proven_at, newest_of(record), self._unproven_at, now)
        return due is not None and due <= now

    def metrics(self) -> bytes:
        """`measures` in the text format of Prometheus."""
        return "".join(f"{name} {value:g}\n" for name, value in self.measures().items()).encode()

    def measures(self) -> dict[str, float]:
        """What monitoring is told: ages in seconds, and whether something is wrong."""
        now, record = self._clock.now(), self._record()
        figures: dict[str, float] = {}
        wrong = {each.set for each in backup_record.alarms(record, now)}
        for name in SETS:
            known = record.sets.get(name)
            figures[f'vilkar_backup_alarm{{set="{name}"}}'] = float(name in wrong)
            if known is None or known.newest is None or known.oldest is None:
                continue
            figures[f'vilkar_backup_newest_age_seconds{{set="{name}"}}'] = (now - known.newest).total_seconds()
            figures[f'vilkar_backup_oldest_age_seconds{{set="{name}"}}'] = (now - known.oldest).total_seconds()
            figures[f'vilkar_backup_snapshots{{set="{name}"}}'] = float(known.count)
        for name, proof in record.proven.items():
            figures[f'vilkar_backup_proven_age_seconds{{set="{name}"}}'] = (now - proof.at).total_seconds()
            figures[f'vilkar_backup_proof_seconds{{set="{name}"}}'] = proof.seconds
        for name in COPIES:
            figures[f'vilkar_backup_alarm{{set="{name}"}}'] = float(name in wrong)
            if name in record.copies:
                figures[f'vilkar_backup_copied_age_seconds{{set="{name}"}}'] = (
                    now - record.copies[name]
                ).total_seconds()
        return figures

    def _record(self) -> BackupRecord:
        return backup_record.read(self._settings.backup_dir)

    def _take(self) -> None:
        if self._run("take", TAKE_SECONDS):
            self._failed_at = None
            return
        self._failed_at = self._clock.now()
        _log.error(
            "backup_failed", alarms=[each.reason for each in backup_record.alarms(self._record(), self._failed_at)]
        )

    def _prove(self) -> None:
        if self._run("prove", PROVE_SECONDS):
            self._unproven_at = None
        elif not self._stop.is_set():
            self._unproven_at = self._clock.now()
            _log.error("proof_failed")

    def _copy(self) -> None:
        for watch in self._watches:
            if watch.due(time.monotonic()) and not self._stop.is_set():
                seen = watch.look()
                watch.done(time.monotonic(), seen if self._run(watch.command, TAKE_SECONDS) else None)

    def _run(self, command: str, limit_s: float) -> bool:
        """Run one command of the program to its end, or to ours; whether it went well."""
        _log.info("begun", command=command)
        begun = time.monotonic()
        argv = [sys.executable, "-m", "deploy.backup", command]
        self._child = subprocess.Popen(argv, cwd=REPOSITORY, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            while self._child.poll() is None and (command == CLEAR or not self._stop.is_set()):
                if time.monotonic() - begun > limit_s:
                    _log.error("took_too_long", command=command)
                    break
                time.sleep(LOOK_AT_CHILD_SECONDS)
            self._end_child()
        finally:
            code = self._child.wait()
        _log.info("ended", command=command, code=code, seconds=round(time.monotonic() - begun, 1))
        # A program that was killed, or was told to end while it cleared away, has left what lies in clear; the next
        # one may begin hours later.
        if command != CLEAR and (code < 0 or (code != 0 and self._stop.is_set())):
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)  # a scratch server and what fills it live on alone
            self._run(CLEAR, STOPPING_SECONDS if self._stop.is_set() else CLEAR_SECONDS)
        return code == 0

    def _end_child(self) -> None:
        """Ask the program and what it runs to end; it clears away what it has in clear. Then there is no choice."""
        child = self._child
        if child is None or child.poll() is not None:
            return
        os.killpg(child.pid, signal.SIGINT)
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()


def _alive() -> tuple[bool, dict[str, bool]]:
    return True, {"alive": True}


def newest_of(record: BackupRecord) -> datetime | None:
    """The oldest of the sets' newest backups; None where a set has none."""
    newest = [record.sets[name].newest if name in record.sets else None for name in SETS]
    known = [each for each in newest if each is not None]
    return min(known) if len(known) == len(newest) else None


def _first_look(settings: Settings) -> float:
    text = settings.raw.get(FIRST_LOOK, str(FIRST_LOOK_SECONDS))
    try:
        return max(0.0, float(text))
    except ValueError:
        raise SettingError(f"{FIRST_LOOK} must be a number of seconds, not {text!r}") from None


def main() -> int:
    """Run until told to stop."""
    settings = config.load_to_start("backup")
    log.configure(service="backup", level=settings.log_level)
    return Daemon(settings).run()


if __name__ == "__main__":
    sys.exit(main())
