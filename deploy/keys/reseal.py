"""The renewal of the data keys under running services. ADR 0016 has the reasons.

Two steps, with a backup of the keyring between them: everybody gets a new key, then everything is sealed anew.
The services do the work (they have keys and grants); here it is begun, watched, and told. Either step may be
interrupted and is found again from what the keyring says.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from deploy.keys.errors import KeysRefused, RotationStuck
from deploy.keys.files import KeyFiles
from shared import backup_record
from shared.calendar import oslo_date
from shared.config import Settings
from shared.failpoints import Failpoints
from shared.privacy import key_rotation_rules
from shared.privacy.kek_rotation import Keeper
from shared.privacy.key_rotation_rules import HOLDERS, Renewal, Report
from shared.terms import parameter

PAUSE_SECONDS: Final = 1.0
PATIENCE_SECONDS: Final = 180.0
"""So long nothing may move before the watch is given up; the services go on by themselves."""

Progress = Callable[[int, int], None]


def window() -> timedelta:
    """How old a backup of the databases may become."""
    return timedelta(days=parameter("backup.max_age").default)


def newest_backup(settings: Settings) -> datetime | None:
    """When the keyring was backed up last, by the system's clock; None where no backup is known."""
    known = backup_record.read(settings.backup_dir).sets.get(backup_record.KEYRING)
    return known.newest if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instants:
    """The clock that the services go by and backups are dated by; and the instant of the newest of the keyring."""

    now: Callable[[], datetime]
    newest_backup: Callable[[], datetime | None]


class Reseal:
    """One renewal, begun or resumed."""

    def __init__(
        self,
        files: KeyFiles,
        keeper: Keeper,
        *,
        instants: Instants,
        failpoints: Failpoints,
        say: Callable[[str], None],
        progress: Progress,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """`say` hears each step, `progress` how much of how much is done; `patience` is in seconds."""
        self._files = files
        self._keeper = keeper
        self._instants = instants
        self._failpoints = failpoints
        self._say = say
        self._progress = progress
        self._patience = patience

    def renew(self) -> int:
        """Have a new data key made for everybody; returns the generation.

        Raises `KeysRefused` while the key-encryption key is being exchanged, `RotationStuck` where nothing moves.
        """
        with self._files.alone():
            renewal = self._begun() or self._begin()
            if renewal.keyed_at is None:
                self._await(lambda: self._keeper.keyed(renewal.generation), "companies and persons lack a new key")
                # A backup dated later than this began later, and has all of them.
                self._keeper.note_keyed(renewal.generation, self._instants.now())
                self._failpoints.hit("renewal.keyed")
        self._say(f"everybody has a key of the renewal {renewal.generation}; next a backup of the keyring")
        return renewal.generation

    def reseal(self) -> int:
        """Have everything sealed anew under the keys that `renew` made; returns the generation.

        Raises `KeysRefused` without a backup of the keyring that has these keys, `RotationStuck` where nothing
        moves.
        """
        with self._files.alone():
            renewal = self._begun()
            if renewal is None or renewal.keyed_at is None:
                raise KeysRefused("there are no new keys to seal anything with: make reseal begins with them")
            if renewal.sealing_from is None:
                self._check_backup(renewal.keyed_at)
                self._keeper.seal_from(renewal.generation, self._instants.now())
                self._failpoints.hit("renewal.sealing")
            self._say(f"everything is sealed under the keys of the renewal {renewal.generation} from now on")
            self._await(lambda: self._rows(renewal.generation), "rows lie under older keys")
        for line in told(*self._keeper.renewals()):
            self._say(line)
        return renewal.generation

    # ── the steps ───────────────────────────────────────────────────────────────────────────────────────────────

    def _begun(self) -> Renewal | None:
        renewal = key_rotation_rules.unfinished(*self._keeper.renewals())
        if renewal is not None:
            self._say(f"going on with the renewal {renewal.generation}")
        return renewal

    def _begin(self) -> Renewal:
        if self._files.next() is not None or len(self._keeper.by_kek()) > 1:
            raise KeysRefused("the exchange of the key-encryption key comes first: make rotate-kek")
        known, _ = self._keeper.renewals()
        now = self._instants.now()
        generation = key_rotation_rules.next_generation((each.generation for each in known), oslo_date(now))
        self._keeper.begin_renewal(generation, now)
        self._failpoints.hit("renewal.begun")
        self._say(f"the renewal {generation} has begun")
        return Renewal(generation, now, None, None)

    def _check_backup(self, keyed_at: datetime) -> None:
        """Without one, whoever loses the keyring now loses everything sealed anew with it."""
        newest = self._instants.newest_backup()
        if newest is None or newest <= keyed_at:
            raise KeysRefused("no backup of the keyring has the new keys yet: make backup, then again")

    def _rows(self, generation: int) -> tuple[int, int]:
        """How many rows are done, as far as that is known, and how many are left; one where nobody has said so."""
        _, reports = self._keeper.renewals()
        mine = {each.holder: each.left_over for each in reports if each.generation == generation}
        return 0, sum(mine.get(holder, 1) for holder in HOLDERS)

    def _await(self, look: Callable[[], tuple[int, int]], missing: str) -> None:
        most, left, moved = 0, -1, time.monotonic()
        while True:
            done, now_left = look()
            most = max(most, done + now_left)
            self._progress(most - now_left, most)
            if now_left == 0:
                return
            if now_left != left:
                left, moved = now_left, time.monotonic()
            elif time.monotonic() - moved > self._patience:
                raise RotationStuck(f"{left} {missing} and nothing moves: do all services run? Then run again")
            time.sleep(PAUSE_SECONDS)


def told(renewals: Sequence[Renewal], reports: Sequence[Report]) -> list[str]:
    """What there is to say of all renewals, a line each and one for each holder."""
    lines = []
    for renewal in renewals:
        mine = [each for each in reports if each.generation == renewal.generation]
        sealing = "sealed under since" if renewal.sealing_from else "keys are being made since"
        lines.append(f"renewal {renewal.generation}: {sealing} {_text(renewal.sealing_from or renewal.begun_at)}")
        for each in mine:
            lost = f", {each.unreadable} that nothing opens" if each.unreadable else ""
            lines.append(f"  {each.holder:8} {each.left_over} rows under older keys{lost}")
        until = key_rotation_rules.needed_until(renewal, mine, window())
        if until is not None:
            lines.append(f"  keys before it open older backups, and are destroyed from {_text(until)} on")
    return lines


def _text(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
