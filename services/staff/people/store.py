"""The people and their enrolment links in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.staff.people.calls import FORMER
from services.staff.people.values import Admission, EnrolmentLink, LinkPurpose, Person, PersonState
from shared.actor import SYSTEM
from shared.database import Row, Transaction, load_queries
from shared.identifiers import new_id

Q: Final = load_queries(__file__)


def add(tx: Transaction, person: Person, *, by: str) -> bool:
    """Keep somebody invited; False where the code is or was somebody's."""
    return bool(tx.run(Q.add_person, id=person.id, code=person.code, by=by, now=person.invited_at))


def lock_people(tx: Transaction) -> None:
    """Nobody else adds somebody until the transaction ends."""
    tx.run(Q.lock_people)


def count(tx: Transaction) -> int:
    """How many there are."""
    row = tx.one(Q.count_people)
    return int(row["count"]) if row else 0


def everybody(tx: Transaction) -> list[Person]:
    """In order of their codes."""
    return [_person(row) for row in tx.all(Q.everybody)]


def by_code(tx: Transaction, code: str, *, locked: bool = False) -> Person | None:
    """Who is called so; `locked` keeps everybody else from changing them until the transaction ends."""
    return _one(tx, Q.lock_by_code if locked else Q.person_by_code, code=code)


def by_id(tx: Transaction, person_id: UUID, *, locked: bool = False) -> Person | None:
    """The person with this id."""
    return _one(tx, Q.lock_by_id if locked else Q.person_by_id, id=person_id)


def activate(tx: Transaction, person_id: UUID, now: datetime) -> bool:
    """They have enrolled; False where they were not waited for."""
    return bool(tx.run(Q.activate, id=person_id, now=now))


def leave(tx: Transaction, person_id: UUID, *, reason: str, by: str, now: datetime) -> bool:
    """They have left, and no link enrols anything for them; False where they had before."""
    tx.run(Q.drop_links, person_id=person_id)
    return bool(tx.run(Q.leave, id=person_id, reason=reason, by=by, now=now))


def leave_again(tx: Transaction, code: str, *, reason: str, by: str, at: datetime) -> None:
    """A backup does not know that they have left, or does not know them at all."""
    tx.run(Q.leave_again, id=new_id(), code=code, reason=reason, at=at, by=by)
    tx.run(Q.drop_links_of_code, code=code)


def drop_links_until(tx: Transaction, code: str, until: datetime) -> None:
    """The links end that who is called so had by then."""
    tx.run(Q.drop_links_until, code=code, until=until)


def is_link_of(tx: Transaction, code: str, until: datetime) -> bool:
    """Whether who is called so has a link from until then."""
    row = tx.one(Q.links_until, code=code, until=until)
    return bool(row and row["count"])


def is_empty(tx: Transaction) -> bool:
    """Whether nobody is known here."""
    return tx.one(Q.anybody) is None


def lapsed(tx: Transaction, before: datetime, *, limit: int) -> list[Person]:
    """Who was invited before then and has not come, locked; those that somebody else is changing are left out."""
    return [_person(row) for row in tx.all(Q.lapsed, before=before, limit=limit)]


def put_link(tx: Transaction, link: EnrolmentLink, *, digest: str, by: str, now: datetime) -> bool:
    """Keep a link; those that the person had before end. False where somebody else has one with this token."""
    tx.run(Q.drop_links, person_id=link.person_id)
    return bool(
        tx.run(
            Q.add_link,
            digest=digest,
            person_id=link.person_id,
            purpose=link.purpose.value,
            by=by,
            now=now,
            expires_at=link.expires_at,
        )
    )


def link(tx: Transaction, digest: str) -> EnrolmentLink | None:
    """The link. Whoever changes it has locked its person."""
    row = tx.one(Q.link_of_digest, digest=digest)
    return _link(row) if row else None


def links(tx: Transaction, person_id: UUID) -> list[EnrolmentLink]:
    """The links of a person: one at most that can be used."""
    return [_link(row) for row in tx.all(Q.links_of_person, person_id=person_id)]


def admissions(tx: Transaction) -> list[Admission]:
    """Who came by whose link, whatever became of the link, where nobody has vouched since."""
    return [Admission(**row | {"purpose": LinkPurpose(row["purpose"])}) for row in tx.all(Q.admissions)]


def vouch(tx: Transaction, person_id: UUID, purposes: Collection[LinkPurpose], *, by: AbstractSet[str]) -> bool:
    """These have looked at who came by links for that; False where nothing is settled by it."""
    return bool(tx.run(Q.vouch, person_id=person_id, purposes=[each.value for each in purposes], by=sorted(by)))


def unvouched(tx: Transaction) -> Row | None:
    """How many may do something of whom nobody has said that it was they who came, and since when."""
    return tx.one(Q.unvouched)


def use_link(tx: Transaction, digest: str, now: datetime) -> None:
    """It has enrolled what it was for: whoever made it could be the one who came."""
    tx.run(Q.use_link, digest=digest, now=now)
    tx.run(Q.admit, digest=digest, machine=str(SYSTEM))


def expire_links(tx: Transaction, before: datetime) -> int:
    """Forget links that ended before then; how many."""
    return tx.run(Q.expire_links, before=before)


def forget(tx: Transaction, before: datetime, *, limit: int) -> list[str]:
    """Forget who left before then; what they were called."""
    return [row["code"] for row in tx.all(Q.forget, before=before, limit=limit)]


def unname(tx: Transaction, actor: str) -> None:
    """What is recorded of others names this person no more as who did it."""
    word, other_word = FORMER
    tx.run(Q.unname_grantors, actor=actor, word=word, other_word=other_word)
    for query in (Q.unname_inviter, Q.unname_recorder, Q.unname_contact_setter, Q.unname_link_maker):
        tx.run(query, actor=actor, word=word)


def spend_code(tx: Transaction, digest: bytes, now: datetime) -> None:
    """A code was somebody's of whom nothing else is recorded."""
    tx.run(Q.spend_code, digest=digest, now=now)


def is_spent(tx: Transaction, digest: bytes) -> bool:
    """Whether a code was somebody's of whom nothing else is recorded."""
    return tx.one(Q.spent_code, digest=digest) is not None


def free_codes(tx: Transaction, before: datetime) -> int:
    """Codes that were spent before then may be somebody's again; how many."""
    return tx.run(Q.free_codes, before=before)


def _link(row: Row) -> EnrolmentLink:
    return EnrolmentLink(**row | {"purpose": LinkPurpose(row["purpose"])})


def _one(tx: Transaction, query: str, **parameters: Any) -> Person | None:
    row = tx.one(query, **parameters)
    return _person(row) if row else None


def _person(row: Row) -> Person:
    return Person(**row | {"state": PersonState(row["state"])})
