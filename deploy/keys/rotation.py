"""The exchange of the key-encryption key under running services. ADR 0014 has the reasons.

Every step may be interrupted and is found again from what there is: the files, the keyring, and the keeper's
`kek_next`, which exists as long as an exchange is under way. At every moment each process has every key that
anything in the keyring lies under.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from deploy.keys.errors import KeysRefused, RotationStuck
from deploy.keys.files import Kept, KeyFiles
from shared.failpoints import Failpoints
from shared.privacy.kek_rotation import Batch, Keeper
from shared.privacy.keys import Kek, kek_id
from shared.terms import parameter

ROUNDS: Final = 60
PAUSE_SECONDS: Final = 0.5
"""Between rounds: what somebody was changing is taken in the next one."""
MARGIN: Final = timedelta(days=1)
"""A backup that was being taken when a key was retired."""

Progress = Callable[[int, int], None]


def needed_until(kept: Kept) -> datetime:
    """The instant from which on no backup of the keyring needs an old key."""
    return kept.retired_at + timedelta(days=parameter("backup.keyring_max_age").default) + MARGIN


class Rotation:
    """One exchange, begun or resumed."""

    def __init__(
        self,
        files: KeyFiles,
        keeper: Keeper,
        *,
        now: Callable[[], datetime],
        failpoints: Failpoints,
        say: Callable[[str], None],
        progress: Progress,
    ) -> None:
        """`say` hears each step, `progress` how many data keys of how many lie under the new key."""
        self._files = files
        self._keeper = keeper
        self._now = now
        self._failpoints = failpoints
        self._say = say
        self._progress = progress

    def run(self) -> str:
        """Exchange the key; returns the id of the new one.

        Raises `KeysRefused` where nothing can be begun, `RotationStuck` where keys stay under the old one.
        """
        with self._files.alone():
            self._bring_back()
            new = self._new()
            self._spread(new)
            self._put_first(new)
            kek = Kek([new, *self._olds(new).values()])
            self._wrap_all(kek)
            self._take_out(new)
            self._files.end()
        self._say(f"the key-encryption key is {kek.id}")
        return kek.id

    # ── the steps ───────────────────────────────────────────────────────────────────────────────────────────────

    def _bring_back(self) -> None:
        """A restored keyring lies under a key that was taken out since: back with it, until all is wrapped anew."""
        needed = set(self._keeper.by_kek())
        kept = {each.id: each.key for each in self._files.kept()}
        held = self._files.all_keys()
        known = {kek_id(key) for keys in held.values() for key in keys}
        lost = sorted(needed - known - kept.keys())
        if lost:
            raise KeysRefused(
                f"keys of the keyring lie under {', '.join(lost)}, and nobody here has that key: put it back into "
                "the key files as a further line (docs/keys.md)"
            )
        everything = {kek_id(key): key for keys in held.values() for key in keys}
        everything |= {each: kept[each] for each in needed - known}
        for holder, keys in held.items():
            have = {kek_id(key) for key in keys}
            lacking = [everything[each] for each in sorted(needed - have)]
            if lacking:
                self._say(f"{holder} gets {', '.join(map(kek_id, lacking))} back")
                self._files.write(holder, [*keys, *lacking])

    def _new(self) -> bytes:
        begun = self._files.next()
        if begun is not None:
            self._say(f"going on with the exchange for {kek_id(begun)}")
            return begun
        new = self._files.begin()
        self._say(f"the new key is {kek_id(new)}")
        self._failpoints.hit("kek.begun")
        return new

    def _spread(self, new: bytes) -> None:
        """Everybody can unwrap with the new key before anything is wrapped by it."""
        for holder, keys in self._files.all_keys().items():
            if new not in keys:
                self._files.write(holder, [*keys, new])
                self._failpoints.hit("kek.spread")
        self._say("every process can open with it")

    def _put_first(self, new: bytes) -> None:
        for holder, keys in self._files.all_keys().items():
            if keys[0] != new:
                self._files.write(holder, [new, *(key for key in keys if key != new)])
                self._failpoints.hit("kek.first")
        self._say("every new data key is wrapped by it")

    def _olds(self, new: bytes) -> dict[str, bytes]:
        return {kek_id(key): key for keys in self._files.all_keys().values() for key in keys if key != new}

    def _wrap_all(self, kek: Kek) -> None:
        """Until nothing lies under an old key, and then retire these."""
        olds = [each for each in kek.ids if each != kek.id]
        for _ in range(ROUNDS):
            before = self._keeper.by_kek()
            total, done = sum(before.values()), before.get(kek.id, 0)
            for old in olds:
                for wrapped in self._wrapped(kek, old):
                    done += wrapped
                    self._progress(done, max(total, done))
                    self._failpoints.hit("kek.batch")
            left = self._keeper.retire(olds, self._now())
            if not left:
                self._failpoints.hit("kek.retired")
                self._say(f"all {sum(self._keeper.by_kek().values())} data keys lie under it, none under another")
                return
            time.sleep(PAUSE_SECONDS)
        raise RotationStuck(
            f"{sum(left.values())} data keys could not be had: somebody holds them locked; run again"
        )

    def _wrapped(self, kek: Kek, old: str) -> Iterator[int]:
        batch: Batch | None = None
        while True:
            batch = self._keeper.rewrap(kek, old, after=batch)
            if batch.last is None:
                return
            yield batch.done

    def _take_out(self, new: bytes) -> None:
        """The old keys leave the processes; the keeper keeps them for backups of the keyring."""
        kept = self._files.kept()
        known, now = {each.id for each in kept}, self._now()
        added = [Kept(key, now) for each, key in self._olds(new).items() if each not in known]
        # A key that a restore brought back is needed from its second retirement on.
        again = [Kept(each.key, now) if each.id in self._olds(new) else each for each in kept]
        self._files.keep([*again, *added])
        self._failpoints.hit("kek.kept")
        for holder, keys in self._files.all_keys().items():
            if keys != [new]:
                self._files.write(holder, [new])
                self._failpoints.hit("kek.taken_out")
        for each in added:
            self._say(f"{each.id} is kept for backups of the keyring until {needed_until(each):%Y-%m-%d}")


def forget(files: KeyFiles, now: datetime) -> tuple[list[str], list[Kept]]:
    """Destroy the old keys that no backup needs any more; returns their ids, and those that are still kept."""
    with _together(files) as kept:
        stays = [each for each in kept if now < needed_until(each)]
        gone = [each.id for each in kept if each not in stays]
        if gone:
            files.keep(stays)
    return gone, stays


@contextmanager
def _together(files: KeyFiles) -> Iterator[list[Kept]]:
    with files.alone():
        yield files.kept()
