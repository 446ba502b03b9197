"""Support correspondence on a real database and keyring: sealed under the person's key, read by nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from services.account.support import rules
from services.account.support.feature import Support
from services.account.support.rules import daily_limit
from services.account.support.values import MESSAGES_MOST, TEXT_LIMIT
from shared.bus.rpc_client import encode
from shared.errors import Conflict, Forbidden, Locked, NotFound, TooMany
from shared.events import BODY_LIMIT_BYTES
from shared.hold_scope import Held
from shared.privacy import Keyring
from tests.in_process import feature, seen
from tests.plugins.lock_wait import until_somebody_waits

pytestmark = pytest.mark.integration

TEXT = "Hvordan legger jeg til Åse?\nHun begynner på mandag."
STAFF = "staff:kari"


@pytest.fixture(scope="module")
def retention_keyring(keyring_database):
    ring = Keyring(keyring_database.dsn("retention"), kek=None)
    ring.open()
    yield ring
    ring.close()


def who(member, actor=None):
    return {"account_id": member.account_id, "actor": actor or member.actor}


def begin(world, member, text=TEXT, **changes):
    return world.call("begin_support", **who(member) | {"text": text} | changes)


def write_on(world, member, thread_id, text="Det haster."):
    return world.call("write_on", **who(member), thread_id=thread_id, text=text)


def thread(world, member, thread_id, actor=None, **asked):
    return world.call("support_thread", **who(member, actor), thread_id=thread_id, **asked)


def threads(world, member, actor=None, **asked):
    return world.call("support_threads", **who(member, actor), **asked)


def answer(world, member, thread_id, version, text="Under Brukere, med knappen øverst.", actor=STAFF):
    return world.call("answer_support", **who(member, actor), thread_id=thread_id, version=version, text=text)


def told(world, member, kind):
    return [each for each in world.outbox(kind) if each["account_id"] == str(member.account_id)]


def impose(world, member, categories, kind="hold"):
    hold_id = uuid4()
    with world.database.transaction() as tx:
        tx.run(
            "INSERT INTO restricted (id, kind, account_id, user_id, categories, since) "
            "VALUES (%(id)s, %(kind)s, %(account_id)s, %(user_id)s, %(categories)s, now())",
            id=hold_id, kind=kind, account_id=member.account_id, user_id=member.user_id, categories=categories,
        )  # fmt: skip
    return hold_id


def rows_of(world, member):
    return world.rows("SELECT user_id, text_sealed FROM support_message WHERE account_id = %s", member.account_id)


@pytest.mark.clause("SUPPORT-1", "ISOLATE-1")
def test_a_person_writes_is_answered_and_nobody_else_of_the_company_reads_it(world) -> None:
    owner, stranger = world.sign_up(), world.sign_up()
    user = world.add_user(owner)
    with pytest.raises(Forbidden):
        begin(world, owner, actor=STAFF)
    with pytest.raises(NotFound):
        begin(world, owner, actor=stranger.actor)
    taken = begin(world, user)
    id_ = taken["thread_id"]
    assert taken["reference"].startswith("V-")
    assert all("Åse".encode() not in bytes(sealed) for _, sealed in rows_of(world, owner))
    assert threads(world, owner)["threads"] == [], "an owner is not entitled to what an employee asks"
    for actor in (owner.actor, stranger.actor):
        with pytest.raises(NotFound):
            thread(world, user, id_, actor)
        with pytest.raises(NotFound):
            world.call("write_on", **who(user, actor), thread_id=id_, text="?")
    read = thread(world, user, id_, STAFF)
    assert [(each["written_by"], each["text"]) for each in read["messages"]] == [("person", TEXT)]
    (waiting,) = (each for each in _waiting(world) if each["thread_id"] == id_)
    assert waiting["answer_due"] == taken["answer_due"]
    write_on(world, user, id_)
    with pytest.raises(Conflict) as refused:
        answer(world, user, id_, read["version"])
    assert refused.value.details["reason"] == "written_since"
    with pytest.raises(Forbidden):
        answer(world, user, id_, 2, actor=user.actor)
    assert answer(world, user, id_, 2)["state"] == "answered"
    shown = thread(world, user, id_)
    assert [each["written_by"] for each in shown["messages"]] == ["person", "person", "support"]
    assert shown["messages"][-1]["text"].startswith("Under Brukere")
    assert (shown["answer_due"], shown["earlier"]) == (None, None)
    assert not any(each["thread_id"] == id_ for each in _waiting(world))
    (listed,) = threads(world, user)["threads"]
    assert listed["opening"] == "Hvordan legger jeg til Åse? Hun begynner på mandag."
    (event,) = told(world, owner, "support.answered")
    assert (event["thread_id"], event["_envelope"]["actor"]) == (id_, STAFF)
    assert [each["_envelope"]["actor"] for each in told(world, owner, "support.written")] == [user.actor] * 2
    assert "Åse" not in str(world.outbox()), "what was written goes on no bus"


def _waiting(world):
    return world.call("waiting_support", limit=500)["threads"]


def test_what_waits_keeps_its_time_and_is_an_alarm_once_it_has_passed(world) -> None:
    owner = world.sign_up()
    taken = begin(world, owner)
    world.clock.at += timedelta(days=2)
    again = write_on(world, owner, taken["thread_id"])
    assert again["answer_due"] == taken["answer_due"], "nothing resets it"
    world.clock.at += timedelta(days=8)
    late = overdue(world)
    settle = {"thread_id": taken["thread_id"], "version": 2, "reason": "answered_by_telephone"}
    assert world.call("settle_support", **who(owner, STAFF), **settle)["state"] == "settled"
    assert overdue(world) == late - 1
    assert told(world, owner, "support.settled")[0]["reason"] == "answered_by_telephone"
    with pytest.raises(Conflict):
        world.call("settle_support", **who(owner, STAFF), **settle | {"version": 3})
    write_on(world, owner, taken["thread_id"], "Det virker ikke likevel.")
    assert thread(world, owner, taken["thread_id"])["state"] == "waiting"


def overdue(world) -> int:
    with world.database.transaction() as tx:
        found = feature(world.service, Support).unanswered(tx, world.clock.now())
    return found.count if found else 0


def test_one_person_who_writes_all_day_is_bounded_and_a_long_thread_is_read_in_parts(world, databases) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    longest = "\U0001f642" * TEXT_LIMIT
    id_ = begin(world, user, longest)["thread_id"]
    for _ in range(daily_limit(world.clock.now()) - 2):
        world.clock.at += timedelta(seconds=1)
        write_on(world, user, id_, longest)
    with psycopg.connect(world.owner_dsn) as held, ThreadPoolExecutor(2) as pool:
        held.execute("SELECT FROM account_user WHERE id = %s FOR UPDATE", (user.user_id,))
        both = [pool.submit(write_on, world, user, id_, longest) for _ in range(2)]
        until_somebody_waits(databases.superuser_dsn("account"))
        held.rollback()
        refusals = [each.exception(timeout=60) for each in both]
    assert sorted(map(type, refusals), key=str) == sorted((type(None), TooMany), key=str), "one was the last one"
    begin(world, owner)
    numbers, before = [], None
    for _ in range(MESSAGES_MOST):
        part = thread(world, user, id_, STAFF, before=before)
        assert len(encode(part)) < BODY_LIMIT_BYTES
        numbers = [each["number"] for each in part["messages"]] + numbers
        before = part["earlier"]
        if before is None:
            break
    assert numbers == list(range(1, daily_limit(world.clock.now()) + 1))


@pytest.mark.clause("HOLD-1", "RIGHTS-4")
def test_what_is_held_or_restricted_is_read_while_an_answer_is_waited_for_and_not_forgotten(world) -> None:
    """The person goes on writing and reading; staff without a claim to look into read only what waits for them."""
    owner = world.sign_up()
    user = world.add_user(owner)
    id_ = begin(world, user)["thread_id"]
    answer(world, user, id_, 1)
    hold = impose(world, user, ["support"])
    with pytest.raises(Conflict) as refused:
        thread(world, user, id_, STAFF)
    assert refused.value.details["reason"] == "restricted"
    with pytest.raises(Conflict):
        answer(world, user, id_, 2)
    assert threads(world, owner, STAFF)["threads"][0]["opening"] is None
    assert thread(world, user, id_)["messages"][0]["text"] == TEXT
    write_on(world, user, id_)
    assert thread(world, user, id_, STAFF)["messages"][0]["text"] == TEXT
    assert answer(world, user, id_, 3)["state"] == "answered"
    world.clock.at += timedelta(days=200)
    world.run("purge_expired")
    assert len(rows_of(world, owner)) == 4
    with world.database.transaction() as tx:
        tx.run("DELETE FROM restricted WHERE id = %(id)s", id=hold)
    world.run("purge_expired")
    assert rows_of(world, owner) == []


@pytest.mark.clause("ERASE-1", "HOLD-1")
def test_s08_threads_go_with_the_person_unless_just_they_are_held(world, retention_keyring) -> None:
    owner = world.sign_up()
    kept, gone = world.add_user(owner), world.add_user(owner)
    ids = {each.email: begin(world, each)["thread_id"] for each in (owner, kept, gone)}
    for each in (kept, gone):
        fields = {**who(owner), "user_id": each.user_id, "version": world.version(each, of_user=True)}
        world.call("deactivate_user", **fields)
    with pytest.raises(Locked):
        begin(world, gone)
    with pytest.raises(Conflict) as refused:
        answer(world, gone, ids[gone.email], 1)
    assert refused.value.details["reason"] == "user_inactive"
    world.order_erasure(uuid4(), owner.account_id, gone.user_id)
    assert {user_id for user_id, _ in rows_of(world, owner)} == {owner.user_id, kept.user_id}
    counts = world.outbox("erasure.step_completed")[-1]["counts"]
    assert counts["support_messages"] == 1
    world.order_erasure(uuid4(), owner.account_id, kept.user_id, held=Held.over([kept.user_id], ["support"]))
    assert {user_id for user_id, _ in rows_of(world, owner)} == {owner.user_id, kept.user_id}
    retention_keyring.fence(owner.account_id, owner.user_id, world.clock.now())
    with pytest.raises(Locked):
        begin(world, owner)
    assert thread(world, owner, ids[owner.email], STAFF)["messages"][0]["text"] is None, "nobody reads it any more"


def test_a_thread_is_forgotten_after_half_a_year_but_never_while_it_waits(world) -> None:
    owner = world.sign_up()
    answered, waiting = (begin(world, owner)["thread_id"] for _ in range(2))
    answer(world, owner, answered, 1)
    world.clock.at += timedelta(days=190)
    world.run("purge_expired")
    assert [each["thread_id"] for each in threads(world, owner)["threads"]] == [waiting]


@pytest.mark.clause("SUPPORT-1")
def test_the_probe_sees_a_message_that_nobody_with_a_session_can_have_written(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    id_ = begin(world, user)["thread_id"]
    before = seen(world.service)["written_without_session"]
    world.call("deactivate_user", **who(owner), user_id=user.user_id, version=world.version(user, of_user=True))
    assert seen(world.service)["written_without_session"] == before
    with psycopg.connect(world.owner_dsn) as connection:
        connection.execute(
            "UPDATE support_message SET written_at = written_at + interval '1 hour' WHERE thread_id = %s", (id_,)
        )
    assert seen(world.service)["written_without_session"] != before


def reply_name(world, member, thread_id):
    facts = world.call("letter_facts", user_id=member.user_id, letter="support_answered", thread_id=thread_id)
    return facts["reply_name"]


def by_mail(world, name, author, **changes):
    fields = {"is_proved": True, "text": "Takk!", "attachments": 0, "key": "ab" * 32} | changes
    return world.call("take_support_mail", name=name, author=author, **fields)["verdict"]


@pytest.mark.clause("SUPPORT-1")
def test_a_reply_by_mail_goes_on_with_a_thread_of_its_person_and_of_nobody_else(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    id_ = begin(world, user)["thread_id"]
    name, other = reply_name(world, user, id_), reply_name(world, owner, begin(world, owner)["thread_id"])
    assert reply_name(world, owner, id_) is None, "whoever is not the person of the thread gets no address in it"
    assert reply_name(world, user, uuid4()) is None, "a case that staff entered has no thread"
    forged = name[: -rules.SIGNATURE_LETTERS] + other[-rules.SIGNATURE_LETTERS :]
    assert by_mail(world, forged, user.email) == "unknown", "signed for another thread it opens nothing"
    assert by_mail(world, name, owner.email) == "other_sender"
    assert by_mail(world, name[:-2] + "aa", user.email) == "unknown"
    assert by_mail(world, "post", user.email) == "unknown"
    answer(world, user, id_, 1)
    assert by_mail(world, name, user.email.upper(), text="Takk!\r\n-- \r\nOla") == "taken"
    assert by_mail(world, name, user.email, text="Takk!\r\n-- \r\nOla") == "repeated", "Mailgun says it again"
    shown = thread(world, user, id_)
    assert (shown["state"], shown["messages"][-1]["text"], shown["messages"][-1]["way"]) == (
        "waiting",
        "Takk!",
        "mail",
    )
    assert [each["way"] for each in told(world, owner, "support.written")] == ["page", "page", "mail"]
    assert [each["reason"] for each in told(world, owner, "support.mail_declined")] == ["other_sender"]


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"is_proved": False}, "sender_not_proved"),
        ({"author": "evil@firma.example"}, "other_sender"),
        ({"author": "?"}, "other_sender"),
        ({"text": "Nummeret mitt er 01819012365."}, "identity_number"),
        ({"text": "x" * (TEXT_LIMIT + 1)}, "too_long"),
        ({"text": " > "}, "empty"),
    ],
)
def test_what_is_not_taken_is_told_once_a_day_and_kept_nowhere(world, changes, verdict) -> None:
    owner = world.sign_up()
    id_ = begin(world, owner)["thread_id"]
    name = reply_name(world, owner, id_)
    for key in ("ab", "cd"):
        assert by_mail(world, name, **{"author": owner.email, "key": key * 32} | changes) == verdict
    assert [each["reason"] for each in told(world, owner, "support.mail_declined")] == [verdict]
    assert len(rows_of(world, owner)) == 1
    world.clock.at += timedelta(hours=24)
    by_mail(world, name, **{"author": owner.email, "key": "ef" * 32} | changes)
    assert len(told(world, owner, "support.mail_declined")) == 2


def test_attachments_are_left_out_with_a_word_and_who_is_inactive_writes_no_more(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    id_ = begin(world, user)["thread_id"]
    name = reply_name(world, user, id_)
    assert by_mail(world, name, user.email, attachments=2) == "taken"
    assert [each["reason"] for each in told(world, owner, "support.mail_declined")] == ["attachments"]
    world.call("deactivate_user", **who(owner), user_id=user.user_id, version=world.version(user, of_user=True))
    assert by_mail(world, name, user.email, key="cd" * 32) == "inactive"
    assert len(told(world, owner, "support.mail_declined")) == 1
    assert len(rows_of(world, owner)) == 2
