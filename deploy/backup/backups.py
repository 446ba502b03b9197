"""Taking backups, forgetting them in time, and restoring from one.

    Backups(settings, clock=clock).take()
    Backups(settings, clock=clock).restore("latest", (DATA,))

One of these works at a time: a lock beside the record keeps the others waiting.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from deploy.backup import ledger_copies, restore_test, rules, scratch, targets
from deploy.backup.databases import Databases
from deploy.backup.errors import BackupFailed
from deploy.backup.ledger_copies import SENT_FILE, LedgerCopies
from deploy.backup.proof_copies import SENT_FILE as PROOFS_SENT_FILE
from deploy.backup.proof_copies import Fetched, ProofCopies
from deploy.backup.repository import Repository
from deploy.backup.rules import LATEST, Snapshot
from deploy.backup.settings import LEDGER, PROOFS, BackupSettings
from deploy.provision import secrets as secret_files
from shared import append_only, backup_record
from shared.backup_record import COPIES, DATA, KEYRING, SETS, BackupRecord, ProvenRestore, SetRecord
from shared.clock import Clock
from shared.errors import VilkarError
from shared.wait_bounds import noted_by

LOCK: Final = "backup.lock"
LOCK_SECONDS: Final = 60.0
KEPT_DAYS: Final = {LEDGER: ledger_copies.KEEP.days, PROOFS: rules.MONTHLY_COPIES.days}
"""How long copies are kept at most."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A backup taken now. Sizes in bytes: of the dumps, and what the repository has grown by."""

    set: str
    id: str
    at: datetime
    dumped_bytes: int
    added_bytes: int
    skew_ms: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which backup a restore takes of a set."""

    set: str
    snapshot: Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A set restored, from which backup and in what time."""

    set: str
    id: str
    taken_at: datetime
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What lies in one repository, oldest first; of the copies no size is told."""

    set: str
    window_days: int
    snapshots: tuple[Snapshot, ...]
    stored_bytes: int | None


class Backups:
    """The backups of one system at one target."""

    def __init__(
        self, settings: BackupSettings, *, clock: Clock, say: Callable[[str], None] = lambda _: None
    ) -> None:
        """`say` hears what is being done."""
        self._settings = settings
        self._clock = clock
        self._say = say
        self._repositories: dict[str, Repository] = {}

    # ── taking ──────────────────────────────────────────────────────────────────────────────────────────────────

    def take(self, sets: Sequence[str] = SETS) -> list[Taken]:
        """Back up these sets, copy ledger and proofs; forget what has reached its age.

        The keyring comes last: it has the key to whatever the dumps of the data hold. A set that fails does not
        keep the others from being taken, nor from being forgotten. Raises `BackupFailed` at the end, naming each.
        """
        taken: list[Taken] = []
        troubles: list[str] = []
        with self._alone():
            now = self._clock.now()
            for name in sets:
                done = self._attempt(partial(self._take, name, now), troubles)
                if done is not None:
                    taken.append(done)
                self._attempt(partial(self._expire, name, now), troubles)
            for name in COPIES:
                self._attempt(partial(self._send, name, now), troubles)
        if troubles:
            raise BackupFailed("; ".join(dict.fromkeys(troubles)))
        return taken

    def copy(self, name: str) -> bool:
        """Send the ledger or the proofs to the target where they have grown; says whether. Raises `VilkarError`."""
        with self._alone():
            return self._send(name, self._clock.now())

    def _send(self, name: str, now: datetime) -> bool:
        sent = (self._ledger_copies if name == LEDGER else self._proof_copies).send(now)
        backup_record.write(self._settings.record_dir, backup_record.with_copy(self.record(), name, now))
        return sent

    def _attempt(self, step: Callable[[], R], troubles: list[str]) -> R | None:
        try:
            return step()
        except VilkarError as error:
            troubles.append(str(error))
            return None

    def _take(self, name: str, now: datetime) -> Taken:
        begun = time.monotonic()
        self._say(f"dumping {name}")
        repository = self._opened(name, make=True)
        with self._folder(f"dump-{name}") as folder:
            dumped = self._databases(name).dump(folder, now)
            self._say(f"storing {name}")
            stored = repository.store(folder, now)
        return Taken(
            set=name, id=stored.id, at=now, dumped_bytes=dumped.bytes, added_bytes=stored.added_bytes,
            skew_ms=dumped.skew_ms, seconds=time.monotonic() - begun,
        )  # fmt: skip

    def _expire(self, name: str, now: datetime) -> None:
        """Forget what is due, look that it is gone and that the rest is whole, and note what there is."""
        repository, window = self._opened(name), self._settings.set_of(name).window_days
        record = backup_record.after_looking(self.record(), self._clock.unmoved())
        backup_record.write(self._settings.record_dir, record)
        if record.stopped_at is not None:
            self._note(name, repository, now)
            self._say(f"{name}: nothing is forgotten: the clock jumped (docs/runbooks/clock-off.md)")
            return
        due = rules.expiring(repository.snapshots(), now, window)
        repository.forget(due)
        repository.check()
        left = self._note(name, repository, now)
        if rules.expiring(left, now, window):
            raise BackupFailed(f"backups of {name} that had to be forgotten are still there")
        self._say(f"{name}: {len(left)} backups, {len(due)} forgotten")

    def confirm_clock(self, last_ran: date, today: date) -> None:
        """A person says that the clock is right: old backups are forgotten again. Raises `Conflict`."""
        with self._alone():
            now = self._clock.unmoved()
            record = backup_record.confirmed(self.record(), now, last_ran=last_ran, today=today)
            backup_record.write(self._settings.record_dir, record)

    # ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────

    def listing(self, sets: Sequence[str] = SETS) -> list[Listed]:
        """What there is, from the repositories themselves. Raises `BackupFailed`."""
        with self._alone():
            return [self._list(each.name, each.window_days) for each in self._settings.sets if each.name in sets]

    def copies(self) -> list[Listed]:
        """The copies of ledger and proofs, from the repositories themselves. Raises `BackupFailed`."""
        with self._alone():
            return [self._list_copies(name, window) for name, window in KEPT_DAYS.items()]

    def _list_copies(self, name: str, window_days: int) -> Listed:
        """A repository that nobody knows of may not be there yet: the first is made when there is something."""
        try:
            present = self._opened(name).snapshots()
        except BackupFailed:
            if any(address.endswith(f"/{name}") for address in self.record().repositories):
                raise
            present = []
        return Listed(set=name, window_days=window_days, snapshots=tuple(present), stored_bytes=None)

    def record(self) -> BackupRecord:
        """What the last look showed, without looking."""
        return backup_record.read(self._settings.record_dir)

    def _list(self, name: str, window_days: int) -> Listed:
        repository = self._opened(name)
        found = self._note(name, repository, self._clock.now())
        return Listed(
            set=name, window_days=window_days, snapshots=tuple(found), stored_bytes=repository.stored_bytes()
        )

    def _note(self, name: str, repository: Repository, now: datetime) -> list[Snapshot]:
        present = repository.snapshots()
        seen = SetRecord(
            newest=max((each.at for each in present if noted_by(each.at, now)), default=None),
            oldest=present[0].at if present else None,
            count=len(present),
            window_days=self._settings.set_of(name).window_days,
        )
        record = backup_record.with_set(self.record(), name, seen, now=now, off_site=repository.off_site)
        backup_record.write(self._settings.record_dir, record)
        return present

    # ── restoring ───────────────────────────────────────────────────────────────────────────────────────────────

    def choose(self, wish: str, sets: Sequence[str] = (DATA,)) -> list[Choice]:
        """Which backups a restore would take: see `rules.choose` for `wish`. Raises `RestoreRefused`.

        Where both sets are restored the wish is for the data; of the keyring always the newest is taken. It has
        every key that older data need, and fewer that were destroyed.
        """
        with self._alone():
            return self._choose(wish, sets)

    def restore(self, wish: str = LATEST, sets: Sequence[str] = (DATA,)) -> list[Restored]:
        """Put whole sets back as they were. Nothing else is served until the services have replayed the ledger.

        The services must be stopped. Every database is filled beside the one in use; only when all are complete
        they are exchanged. Raises `RestoreRefused` where something still works on them or there is no such backup,
        and `BackupFailed`; before the exchange everything is as it was.
        """
        with self._alone(), self._folder("restore") as folder:
            choices = self._choose(wish, sets)
            servers = {each.set: self._databases(each.set, superuser=True) for each in choices}
            for server in servers.values():
                server.refuse_while_used()
            timed = [self._prepare(each, servers[each.set], folder / each.set) for each in choices]
            for server in servers.values():
                server.refuse_while_used()
            for each in choices:
                self._say(f"exchanging {each.set}")
                servers[each.set].switch()
        return timed

    def _choose(self, wish: str, sets: Sequence[str]) -> list[Choice]:
        both = {DATA, KEYRING} <= set(sets)
        return [
            Choice(set=name, snapshot=self._pick(name, LATEST if both and name == KEYRING else wish))
            for name in SETS
            if name in sets
        ]

    def _pick(self, name: str, wish: str) -> Snapshot:
        window = self._settings.set_of(name).window_days
        return rules.choose(self._opened(name).snapshots(), wish, self._clock.now(), window)

    def _prepare(self, choice: Choice, server: Databases, folder: Path) -> Restored:
        begun = time.monotonic()
        self._say(f"fetching {choice.set} {choice.snapshot.short_id} of {choice.snapshot.at:%Y-%m-%d %H:%M} UTC")
        files = self._opened(choice.set).fetch(choice.snapshot, folder)
        self._say(f"filling {choice.set}")
        server.load(files, choice.snapshot.at)
        return Restored(
            set=choice.set,
            id=choice.snapshot.short_id,
            taken_at=choice.snapshot.at,
            seconds=time.monotonic() - begun,
        )

    def fetch_ledger(self, folder: Path) -> Path:
        """Write the newest copy of the ledger into `folder`, verified; returns the file. Nothing is replaced."""
        with self._alone():
            return self._ledger_copies.fetch(folder)

    def fetch_proofs(self, folder: Path | None = None) -> list[Fetched]:
        """Bring certificates and checkpoints back where they belong, or below `folder`; see `ProofCopies.fetch`."""
        places = {name: folder / name for name in self._settings.proofs} if folder else None
        with self._alone():
            return self._proof_copies.fetch(places)

    # ── proving ─────────────────────────────────────────────────────────────────────────────────────────────────

    def prove(self, sets: Sequence[str] = SETS) -> list[tuple[str, ProvenRestore]]:
        """Restore the newest backup of these sets into a server that serves nobody, look at it, throw it away.

        Notes when that was shown last. Raises `BackupFailed` at the end, naming each that could not be restored.
        """
        proven: list[tuple[str, ProvenRestore]] = []
        troubles: list[str] = []
        with self._alone(), scratch.running(self._settings.work) as socket:
            for name in sets:
                proof = self._attempt(partial(self._prove, name, socket), troubles)
                if proof is not None:
                    proven.append((name, proof))
        if troubles:
            raise BackupFailed("; ".join(dict.fromkeys(troubles)))
        return proven

    def _prove(self, name: str, socket: str) -> ProvenRestore:
        begun, snapshot = time.monotonic(), self._pick(name, LATEST)
        with self._folder(f"prove-{name}") as folder:
            files = self._opened(name).fetch(snapshot, folder)
            ledger = self._ledger_copies.as_it_lies()
            looked = restore_test.prove(self._settings.set_of(name), files, socket, ledger, self._say)
        proof = ProvenRestore(
            at=self._clock.now(), taken_at=snapshot.at, rows=looked.rows, seconds=round(time.monotonic() - begun, 1)
        )
        backup_record.write(
            self._settings.record_dir, backup_record.with_proven_restore(self.record(), name, proof)
        )
        return proof

    def clear(self) -> None:
        """Remove what a run that was killed has left in clear; else the next run would, hours later."""
        with self._alone():
            pass  # whoever works alone clears first

    # ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._settings.record_dir.mkdir(parents=True, exist_ok=True)
        with append_only.locked(self._settings.record_dir / LOCK, wait_seconds=LOCK_SECONDS):
            self._settings.work.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._clear()
            try:
                yield
            finally:
                self._clear()

    def _clear(self) -> None:
        """Remove what an earlier run, or one that was killed, has left in clear."""
        self._repositories.clear()
        scratch.clear(self._settings.work)
        for left in self._settings.work.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()

    @contextmanager
    def _folder(self, name: str) -> Iterator[Path]:
        folder = self._settings.work / name
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder)

    def _target(self) -> targets.Target:
        settings = self._settings
        return targets.parse(
            settings.target,
            settings.secrets,
            self._private(),
            folder_is_off_site=settings.folder_is_off_site,
            in_the_clear=settings.s3_in_the_clear,
        )

    def _private(self) -> Path:
        folder = self._settings.work / "private"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def _databases(self, name: str, *, superuser: bool = False) -> Databases:
        chosen, settings = self._settings.set_of(name), self._settings
        if superuser:
            password = secret_files.read(settings.superusers, chosen.server, "superuser_password")
        else:
            password = settings.secrets.read(chosen.password)
        return Databases(chosen, password=password, private=self._private())

    def _opened(self, name: str, *, make: bool = False) -> Repository:
        """The repository of a set, after finding that it is the one it was; `make` where a backup is taken."""
        if name in self._repositories:
            return self._repositories[name]
        secret = f"{name}_backup_key"
        self._settings.secrets.read(secret)
        repository = Repository(
            name, self._target(), key_file=self._settings.secrets.folder / secret, scratch=self._private()
        )
        record = self.record()
        known = record.repositories.get(repository.address)
        repository_id = repository.open(known, make=make)
        if known is None:
            repositories = {**record.repositories, repository.address: repository_id}
            backup_record.write(self._settings.record_dir, replace(record, repositories=repositories))
        self._repositories[name] = repository
        return repository

    @property
    def _ledger_copies(self) -> LedgerCopies:
        settings = self._settings
        return LedgerCopies(
            settings.ledger,
            keys=settings.secrets,
            sent=settings.record_dir / SENT_FILE,
            scratch=self._private(),
            opened=lambda make: self._opened(LEDGER, make=make),
        )

    @property
    def _proof_copies(self) -> ProofCopies:
        settings = self._settings
        return ProofCopies(
            settings.proofs,
            sent=settings.record_dir / PROOFS_SENT_FILE,
            scratch=self._private(),
            opened=lambda make: self._opened(PROOFS, make=make),
        )
