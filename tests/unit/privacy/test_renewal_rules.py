"""When a renewal is finished, and when the keys before it are needed by nobody: rules without any database."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from deploy.keys.reseal import newest_backup
from shared import backup_record, config
from shared.backup_record import DATA, KEYRING, BackupRecord, SetRecord
from shared.privacy import Kek, KeyGoneError, Sealed, Subject
from shared.privacy.key_rotation_rules import (
    FRESH,
    HOLDERS,
    MARGIN,
    Renewal,
    Report,
    is_finished,
    known_generation,
    left_before,
    needed_until,
    next_generation,
    sealing_generation,
    unfinished,
    unneeded_before,
)
from shared.privacy.keys import KeySet, TamperedError
from shared.privacy.vault import FIRST_FORM, LATER_FORM, Vault, generation_of, reseal

pytestmark = pytest.mark.unit

CLEAR = datetime(2026, 11, 22, 9, tzinfo=UTC)
WINDOW = timedelta(days=30)
DUE = CLEAR + WINDOW + MARGIN
RENEWAL = Renewal(20261122, CLEAR, CLEAR, CLEAR)


def reports(*, looked_at: datetime = DUE, generation: int = 20261122) -> list[Report]:
    return [Report(holder, generation, 0, 0, looked_at, CLEAR) for holder in HOLDERS]


@pytest.mark.parametrize(
    ("known", "expected"), [([], 20261122), ([20260101], 20261122), ([20261122], 20261123), ([20300101], 20300102)]
)
def test_a_generation_is_named_by_its_day_and_never_given_twice(known, expected) -> None:
    assert next_generation(known, date(2026, 11, 22)) == expected


def test_nothing_is_sealed_under_a_generation_before_its_time() -> None:
    assert sealing_generation([]) == 1
    assert sealing_generation([RENEWAL, Renewal(20261123, CLEAR, CLEAR, None)]) == 20261122


def test_a_backup_between_both_steps_knows_the_generation_that_is_about_to_be_sealed_under() -> None:
    keyed = replace(RENEWAL, sealing_from=None)
    assert (known_generation([keyed]), sealing_generation([keyed])) == (20261122, 1)
    assert known_generation([replace(keyed, keyed_at=None)]) == 1


def test_a_renewal_is_finished_when_every_holder_has_said_so() -> None:
    account, audit = reports()
    assert is_finished(RENEWAL, [account, audit])
    assert not is_finished(RENEWAL, [account])
    assert not is_finished(RENEWAL, [account, replace(audit, left_over=1, clear_since=None)])
    assert not is_finished(replace(RENEWAL, sealing_from=None), [account, audit])
    assert unfinished([RENEWAL], [account]) == RENEWAL
    assert unfinished([RENEWAL], [account, audit]) is None
    assert unfinished([], []) is None


def test_old_keys_are_needed_for_a_window_and_a_day_after_the_last_holder_was_clear() -> None:
    account, audit = reports()
    later = replace(audit, clear_since=CLEAR + timedelta(hours=5))
    assert needed_until(RENEWAL, [account, audit], WINDOW) == DUE
    assert needed_until(RENEWAL, [account, later], WINDOW) == DUE + timedelta(hours=5)
    assert needed_until(RENEWAL, [account], WINDOW) is None


def test_retired_keys_are_destroyed_when_due_and_not_before() -> None:
    just_before = DUE - timedelta(microseconds=1)
    assert unneeded_before([RENEWAL], reports(), WINDOW, DUE) == 20261122
    assert unneeded_before([RENEWAL], reports(looked_at=just_before), WINDOW, just_before) is None


def test_nothing_is_destroyed_on_an_old_report_since_which_a_database_may_have_been_restored() -> None:
    assert unneeded_before([RENEWAL], reports(looked_at=DUE - FRESH), WINDOW, DUE) == 20261122
    stale = reports(looked_at=DUE - FRESH - timedelta(microseconds=1))
    assert unneeded_before([RENEWAL], stale, WINDOW, DUE) is None
    assert unneeded_before([RENEWAL], [reports()[0], stale[1]], WINDOW, DUE) is None


def test_a_second_renewal_does_not_put_off_what_the_first_has_made_due() -> None:
    second = Renewal(20261201, CLEAR, CLEAR, CLEAR)
    open_ones = [Report(holder, 20261201, 5, 0, DUE, None) for holder in HOLDERS]
    assert unneeded_before([RENEWAL, second], reports() + open_ones, WINDOW, DUE) == 20261122


def test_rows_are_counted_before_each_generation() -> None:
    assert left_before([2, 3, 9], {1: 5, 2: 7, 3: 1}) == {2: 5, 3: 12, 9: 13}


# ── the form of a sealed value ────────────────────────────────────────────────────────────────────────────────


class OneSet:
    """A keyring with the keys of one subject."""

    def __init__(self, keys: KeySet) -> None:
        self.found = keys

    def key_set(self, _subject: Subject) -> KeySet:
        return self.found

    def key_sets(self, subjects) -> dict[Subject, KeySet]:
        return dict.fromkeys(subjects, self.found)


PERSON = Subject.person(uuid4(), uuid4())
PLACE = {"table": "t", "column": "c", "row": uuid4()}
OLD, NEW = os.urandom(32), os.urandom(32)
FIRST_ONLY, BOTH = KeySet({1: OLD}, 1), KeySet({1: OLD, 20261122: NEW}, 20261122)


def test_a_value_names_the_generation_it_lies_under_and_opens_before_and_after() -> None:
    old = Vault(OneSet(FIRST_ONLY)).seal(PERSON, **PLACE, text="Kari")
    new = Vault(OneSet(BOTH)).seal(PERSON, **PLACE, text="Kari")
    assert (old[:1], new[:1]) == (FIRST_FORM, LATER_FORM)
    assert (generation_of(old), generation_of(new), generation_of(b"")) == (1, 20261122, None)
    for sealed in (old, new):
        assert Vault(OneSet(BOTH)).open(PERSON, **PLACE, sealed=sealed) == "Kari"


def test_a_key_that_is_made_but_not_sealed_under_yet_seals_nothing() -> None:
    waiting = KeySet({1: OLD, 20261122: NEW}, 1)
    assert waiting.current == OLD
    assert generation_of(Vault(OneSet(waiting)).seal(PERSON, **PLACE, text="Kari")) == 1


def test_sealing_anew_changes_the_key_and_nothing_else() -> None:
    old = Vault(OneSet(FIRST_ONLY)).seal(PERSON, **PLACE, text="Kari")
    value = Sealed(PERSON, PLACE["table"], PLACE["column"], PLACE["row"], old)
    new = reseal(BOTH, value)
    only_new = Vault(OneSet(KeySet({20261122: NEW}, 20261122)))
    assert only_new.open(PERSON, **PLACE, sealed=new) == "Kari"
    with pytest.raises(TamperedError):
        only_new.open(PERSON, **PLACE | {"row": uuid4()}, sealed=new)
    with pytest.raises(TamperedError):
        reseal(BOTH, replace(value, column="another"))


@pytest.mark.parametrize("position", [1, 4, 5, -1])
def test_a_changed_byte_anywhere_of_the_later_form_does_not_open(position) -> None:
    sealed = bytearray(Vault(OneSet(BOTH)).seal(PERSON, **PLACE, text="Kari"))
    sealed[position] ^= 1
    with pytest.raises((TamperedError, KeyGoneError)):
        Vault(OneSet(BOTH)).open(PERSON, **PLACE, sealed=bytes(sealed))


def test_the_first_form_put_in_front_of_a_later_value_does_not_open() -> None:
    same = Vault(OneSet(KeySet({1: OLD, 20261122: OLD}, 20261122)))
    sealed = same.seal(PERSON, **PLACE, text="Kari")
    with pytest.raises(TamperedError):
        same.open(PERSON, **PLACE, sealed=FIRST_FORM + sealed[5:])


def test_a_value_under_a_key_that_is_gone_is_told_from_one_that_was_changed() -> None:
    sealed = Vault(OneSet(BOTH)).seal(PERSON, **PLACE, text="Kari")
    behind = Vault(OneSet(FIRST_ONLY))
    with pytest.raises(KeyGoneError, match="no key of the generation 20261122"):
        behind.open(PERSON, **PLACE, sealed=sealed)
    value = Sealed(PERSON, PLACE["table"], PLACE["column"], PLACE["row"], sealed)
    assert behind.unseal_many([value]) == [None]


def test_an_older_wrapped_key_in_the_place_of_a_newer_one_does_not_open() -> None:
    kek = Kek([os.urandom(32)])
    wrapped = kek.wrap(PERSON, OLD)
    assert kek.unwrap(PERSON, wrapped, kek.id) == OLD
    with pytest.raises(TamperedError):
        kek.unwrap(PERSON, wrapped, kek.id, 20261122)


def test_the_backup_that_a_renewal_waits_for_is_the_keyrings_wherever_the_record_lies(tmp_path):
    folders = {"VILKAR_STATE_DIR": str(tmp_path), "VILKAR_BACKUP_STATE_DIR": str(tmp_path / "backup")}
    apart = config.load({"VILKAR_ENVIRONMENT": "test", **folders})
    taken_at = datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert newest_backup(apart) is None
    known = {
        name: SetRecord(newest=at, oldest=at, count=1, window_days=7)
        for name, at in ((DATA, taken_at + timedelta(hours=1)), (KEYRING, taken_at))
    }
    (tmp_path / "backup").mkdir()
    backup_record.write(tmp_path / "backup", BackupRecord(sets=known))
    assert newest_backup(apart) == taken_at
