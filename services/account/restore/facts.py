"""What the facts of the ledger mean in account's database, when a backup has set it back behind them.

Versions say what came first: a fact that the row has seen already changes nothing. They are kept by kind of fact,
for each kind comes to the ledger by a queue of its own. What a person had corrected cannot be brought back, for the
ledger holds no values; it is noted, so that the person can be asked again. A password that was changed since is not
valid any more, and a new one comes by letter.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from shared.calendar import oslo_date
from shared.database import Transaction, load_queries
from shared.identifiers import new_id
from shared.privacy.ledger_lines import Entry, Kind

if TYPE_CHECKING:
    from services.account.termination.feature import Termination

Q: Final = load_queries(__file__)
STATES: Final = {
    Kind.ACCOUNT_DEACTIVATED: "inactive",
    Kind.USER_DEACTIVATED: "inactive",
    Kind.ACCOUNT_REACTIVATED: "active",
    Kind.USER_REACTIVATED: "active",
}
STATE, NOTICE, BLOCK, CORRECTION = "state", "notice", "block", "correction"
TOPICS: Final = {
    **dict.fromkeys(STATES, STATE),
    **dict.fromkeys((Kind.NOTICE_GIVEN, Kind.NOTICE_WITHDRAWN), NOTICE),
    **dict.fromkeys((Kind.ACCOUNT_BLOCKED, Kind.ACCOUNT_UNBLOCKED), BLOCK),
    Kind.RECTIFIED: CORRECTION,
}
"""What each kind of change is about."""
LATEST: Final = (STATE, NOTICE, BLOCK)
"""The topics of which the latest change counts; `replayed` has a column for the version of each."""
PASSWORD: Final = "password"  # noqa: S105  # the name of a field
ENDS_LINKS: Final = frozenset({"email", "role"})
"""Fields whose change ended the links and sessions made before; with a password that was changed it is the same."""


class AccountFacts:
    """Makes blocks, deactivations, reactivations, notices and corrections true again."""

    facts = frozenset(TOPICS)

    def __init__(self, termination: Termination) -> None:
        """`termination` drops a notice that a return has used up."""
        self._termination = termination

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true, unless the row has seen it or a later one of its kind was applied already."""
        if entry.kind == Kind.RECTIFIED:
            self._void_old_password(tx, entry)
        present, version = _versions(tx, entry), _version(entry)
        if present is None or not present.lacks(version):
            return
        topic, after = TOPICS[Kind(entry.kind)], present.raised(version)
        if topic == CORRECTION:
            self._note_lost_correction(tx, entry)
            if entry.user_id is not None and ENDS_LINKS & set(_fields(entry)):
                _end_old_links(tx, entry)
        elif version > after.latest[topic]:
            change = {STATE: self._set_state, NOTICE: self._set_notice, BLOCK: self._set_block}[topic]
            after = after.settled({topic, *change(tx, entry, after)}, version)
        _keep(tx, entry, after)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing in the database contradicts the fact."""
        versions = _versions(tx, entry)
        if versions is None or not versions.lacks(_version(entry)):
            return True
        if entry.kind == Kind.RECTIFIED:
            subject = entry.user_id or entry.account_id
            noted = tx.one(Q.noted, id=subject, version=_version(entry)) is not None
            return versions.version >= _version(entry) and (noted or not _lost_fields(entry))
        return versions.latest[TOPICS[Kind(entry.kind)]] >= _version(entry)

    def _set_state(self, tx: Transaction, entry: Entry, before: _Versions) -> set[str]:
        """Inactive or active; returns what else ended with it: a block, a notice whose period was over.

        A block that is later than this change stays, for facts of several kinds come in any order.
        """
        state, ended = STATES[Kind(entry.kind)], set[str]()
        facts: dict[str, Any] = {
            "state": state,
            "inactivated_at": _since(entry) if state == "inactive" else None,
            "by": str(entry.data.get("by", "system")) if state == "inactive" else None,
            "reactivated_at": _since(entry) if state == "active" else None,
        }
        if entry.user_id is not None:
            tx.run(Q.replay_user_state, id=entry.user_id, **facts)
        else:
            tx.run(Q.replay_account_state, id=entry.account_id, **facts)
            if _version(entry) > before.latest[BLOCK]:
                tx.run(Q.replay_block, id=entry.account_id, blocked_at=None, reason=None)
                ended.add(BLOCK)
        if state == "inactive":
            tx.run(Q.end_links, account_id=entry.account_id, user_id=entry.user_id)
            tx.run(Q.void_links, account_id=entry.account_id, user_id=entry.user_id)
        elif entry.user_id is None:
            self._termination.drop_spent_notice(tx, entry.account_id, today=oslo_date(_since(entry)))
            if self._termination.notice(tx, entry.account_id) is None:
                ended.add(NOTICE)
        return ended

    @staticmethod
    def _set_notice(tx: Transaction, entry: Entry, _before: _Versions) -> set[str]:
        """The contract ends when it was to end, or goes on; nothing else ends with it."""
        tx.run(Q.drop_notice, account_id=entry.account_id)
        if entry.kind == Kind.NOTICE_GIVEN:
            tx.run(
                Q.give_notice_again,
                account_id=entry.account_id,
                noticed_on=entry.data["noticed_on"],
                ends_on=entry.data["notice_ends_on"],
                channel=entry.data["channel"],
                registered_at=_since(entry),
            )
        return set()

    @staticmethod
    def _set_block(tx: Transaction, entry: Entry, _before: _Versions) -> set[str]:
        """Closed by staff since then, or open again; either way what is older than the block has ended."""
        is_blocked = entry.kind == Kind.ACCOUNT_BLOCKED
        blocked_at, reason = (_since(entry), entry.text("reason")) if is_blocked else (None, None)
        tx.run(Q.replay_block, id=entry.account_id, blocked_at=blocked_at, reason=reason)
        _end_old_links(tx, entry)
        return set()

    @staticmethod
    def _void_old_password(tx: Transaction, entry: Entry) -> None:
        """A password that was changed since is not valid; where the present one stands nothing is to be undone.

        Facts are heard in a running system as well, in which whoever changed the password is still logged in.
        """
        if PASSWORD not in _fields(entry) or entry.user_id is None:
            return
        if tx.run(Q.drop_old_password, user_id=entry.user_id, since=_since(entry)):
            _end_old_links(tx, entry)

    @staticmethod
    def _note_lost_correction(tx: Transaction, entry: Entry) -> None:
        if lost := _lost_fields(entry):
            tx.run(
                Q.note_lost,
                id=new_id(),
                account_id=entry.account_id,
                user_id=entry.user_id,
                fields=lost,
                corrected_at=_since(entry),
                version=_version(entry),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Versions:
    """The version of a row, the versions that a restore took from it, and what is true again of each topic."""

    version: int
    base_version: int
    raised_to: int
    latest: Mapping[str, int]
    """By topic: the last change that was made true again."""

    def lacks(self, version: int) -> bool:
        """Whether the backup was from before the change with this version."""
        return version > self.version or self.base_version < version <= self.raised_to

    def raised(self, version: int) -> _Versions:
        """As it is once a change that is lacking was looked at; another restore begins another stretch."""
        if version <= self.version:
            return self
        begun = self.base_version if self.raised_to == self.version else self.version
        latest = dict.fromkeys(LATEST, 0) if begun == self.version else self.latest
        return replace(self, version=version, base_version=begun, raised_to=version, latest=latest)

    def settled(self, topics: Collection[str], version: int) -> _Versions:
        """As it is once the change with this version was made true in these topics."""
        latest = {topic: max(last, version) if topic in topics else last for topic, last in self.latest.items()}
        return replace(self, latest=latest)


def _versions(tx: Transaction, entry: Entry) -> _Versions | None:
    """What is known of the row; None where there is none, so that there is nothing to be made true."""
    row = tx.one(Q.user_versions if entry.user_id else Q.account_versions, id=entry.user_id or entry.account_id)
    if row is None:
        return None
    return _Versions(
        version=row["version"],
        base_version=row["base_version"] or 0,
        raised_to=row["raised_to"] or 0,
        latest={topic: row[f"{topic}_version"] or 0 for topic in LATEST},
    )


def _keep(tx: Transaction, entry: Entry, after: _Versions) -> None:
    subject = entry.user_id or entry.account_id
    tx.run(
        Q.keep_replayed,
        id=subject,
        account_id=entry.account_id,
        user_id=entry.user_id,
        base_version=after.base_version,
        raised_to=after.raised_to,
        **{f"{topic}_version": version for topic, version in after.latest.items()},
    )
    tx.run(Q.raise_user_version if entry.user_id else Q.raise_account_version, id=subject, version=after.version)


def _end_old_links(tx: Transaction, entry: Entry) -> None:
    """What the change of a user or of a whole company ended, and a backup brought back (`links`)."""
    before = {"account_id": entry.account_id, "user_id": entry.user_id, "since": _since(entry)}
    tx.run(Q.end_old_sessions, **before)
    tx.run(Q.void_old_links, **before)


def _fields(entry: Entry) -> list[str]:
    return _several(entry.data.get("fields", ()))


def _lost_fields(entry: Entry) -> list[str]:
    return [field for field in _fields(entry) if field != PASSWORD]


def _since(entry: Entry) -> datetime:
    since = entry.data.get("since")
    return datetime.fromisoformat(since) if isinstance(since, str) else entry.at


def _version(entry: Entry) -> int:
    """The version that the row had after the fact, written as `v12`; 0 where the fact does not tell."""
    return int(str(entry.data.get("version", "v0")).removeprefix("v"))


def _several(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
