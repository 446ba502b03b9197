"""Keys of nobody: made for a sign-up or a user whose rows were never written, and destroyed by a sweep.

A key is made before the transaction that writes what it seals, and lies in another database: where that transaction
fails, the key stays. It opens nothing; still nobody would ever destroy it. The sweep goes round all keys in
stretches, asks the account service whose rows it does not know, and destroys few at a time: what is destroyed by
mistake, say while a wrong backup is in place, is lost for ever.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.account.erasure.calls import SubjectNamed, UnknownSubjects
from shared import log
from shared.calls import Caller
from shared.privacy import Keyring, Subject

ORPHANED_AFTER: Final = timedelta(days=1)
"""No sign-up takes so long: what has no row by then will never have one."""
STRETCH: Final = 500
STRETCHES_A_TURN: Final = 20
DESTROYED_A_TURN: Final = 10
"""Companies with their persons, and single persons."""

logger = log.get("retention.orphaned_keys")


class OrphanedKeys:
    """Finds and destroys keys of nobody. Several replicas may do so at once."""

    def __init__(self, *, caller: Caller, keyring: Keyring) -> None:
        """`keyring` must be open."""
        self._caller = caller
        self._keyring = keyring
        self._after: Subject | None = None

    def sweep(self, now: datetime) -> int:
        """Look at the next keys; of how many companies and persons those were destroyed.

        Raises what the account service refuses with.
        """
        destroyed = 0
        for _ in range(STRETCHES_A_TURN):
            stretch = self._keyring.untouched(after=self._after, before=now - ORPHANED_AFTER, limit=STRETCH)
            orphans = self._unknown(stretch)
            for subject in orphans[: DESTROYED_A_TURN - destroyed]:
                self._destroy(subject, now)
            if destroyed + len(orphans) > DESTROYED_A_TURN:
                logger.warning("orphaned_keys_wait", count=destroyed + len(orphans) - DESTROYED_A_TURN)
                return DESTROYED_A_TURN
            destroyed += len(orphans)
            self._after = stretch[-1] if len(stretch) == STRETCH else None
            if self._after is None:
                break
        return destroyed

    def _unknown(self, stretch: list[Subject]) -> list[Subject]:
        """Those of whom the account service has no row; the keys of a company's persons go with the company's."""
        if not stretch:
            return []
        named = tuple(
            SubjectNamed(account_id=each.account_id, user_id=each.id if each.kind == "person" else None)
            for each in stretch
        )
        unknown = set(self._caller.ask(UnknownSubjects(subjects=named)).subjects)
        orphans = [each for each, name in zip(stretch, named, strict=True) if name in unknown]
        companies = {each.account_id for each in orphans if each.kind == "company"}
        return [each for each in orphans if each.kind == "company" or each.account_id not in companies]

    def _destroy(self, subject: Subject, now: datetime) -> None:
        user_id = subject.id if subject.kind == "person" else None
        self._keyring.fence(subject.account_id, user_id, now)
        self._keyring.destroy(subject.account_id, user_id, now)
        logger.info("orphaned_key_destroyed", account_id=subject.account_id, user_id=user_id)
