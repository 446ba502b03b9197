"""Backups in a store that speaks S3: a server over HTTP that checks every signature and what a key may do."""

from __future__ import annotations

import secrets as random_words
from collections.abc import Iterator
from datetime import timedelta

import pytest

from deploy.backup.errors import BackupFailed
from shared.backup_record import DATA
from tests.integration.backup.s3_store import Store, running_store

pytestmark = [pytest.mark.integration, pytest.mark.clause("BACKUP-1")]

PLAIN = "Kari Nordmann, Storgata 1"


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with running_store() as running:
        yield running


@pytest.fixture
def elsewhere(world, store):
    """A system whose backups go to a place of its own in the store."""
    made = world.told(target=store.target(random_words.token_hex(4)))
    let(made, store.credentials("keeper"))
    return made


def let(world, credentials: str) -> None:
    (world.settings.secrets.folder / "s3_credentials").write_text(credentials)


def lying(store, world) -> list[str]:
    return store.objects(world.settings.target.rpartition("/")[2])


def test_in_a_store_a_backup_is_taken_restored_and_forgotten_in_time_and_a_reader_of_it_changes_nothing(
    elsewhere, store
):
    event = elsewhere.event("account", published_at=None)
    elsewhere.run("account", "UPDATE outbox SET subject = %s", PLAIN)
    (first,) = elsewhere.backups.take((DATA,))
    elsewhere.event("account", published_at=None)
    there = lying(store, elsewhere)
    assert not any(PLAIN.encode() in store.content(key) for key in there)

    let(elsewhere, store.credentials("reader"))
    (listed,) = elsewhere.backups.listing((DATA,))
    assert [each.short_id for each in listed.snapshots] == [first.id]
    assert listed.stored_bytes > 0
    elsewhere.backups.restore()
    assert elsewhere.events("account").keys() == {event}
    assert lying(store, elsewhere) == there

    let(elsewhere, store.credentials("keeper"))
    elsewhere.clock.move(timedelta(days=30))
    (second,) = elsewhere.backups.take((DATA,))
    left = [key for key in lying(store, elsewhere) if "/data/snapshots/" in key]
    assert len(left) == 1
    assert left[0].rpartition("/")[2].startswith(second.id)
    assert list(elsewhere.settings.work.iterdir()) == []


def test_a_key_that_may_only_read_makes_no_repository_and_that_is_told(elsewhere, store):
    let(elsewhere, store.credentials("reader"))
    with pytest.raises(BackupFailed, match=r"does not let the key in s3_credentials do this: .*Access Denied"):
        elsewhere.backups.take((DATA,))
    assert lying(store, elsewhere) == []


@pytest.mark.parametrize("wrong", ["secret", "id"])
def test_wrong_credentials_are_told_as_such_and_not_shown(elsewhere, store, wrong):
    guess = random_words.token_hex(16)
    text = store.credentials("keeper", secret=guess)
    if wrong == "id":
        text = f"[default]\naws_access_key_id = {guess}\naws_secret_access_key = {guess}\n"
    let(elsewhere, text)
    with pytest.raises(BackupFailed, match="does not let the key in s3_credentials do this") as caught:
        elsewhere.backups.take((DATA,))
    assert guess not in str(caught.value)
    assert lying(store, elsewhere) == []
    assert elsewhere.backups.record().repositories == {}
