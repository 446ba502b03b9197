"""The exchange of the key-encryption key on the real keyring, under services that go on, killed and resumed."""

from __future__ import annotations

import os
import signal
import threading
import time
from uuid import uuid4

import psycopg
import pytest

from deploy.keys.files import HOLDERS
from shared.errors import Transient
from shared.privacy import Kek, KekMissingError, Keyring, Subject, Vault
from shared.privacy.kek_rotation import KEK_LOCK
from shared.privacy.keys import TamperedError, fingerprint, kek_id
from tests import forked
from tests.integration.privacy.keyring_env import NOW, KeyringEnv, minted
from tests.waiting import until

pytestmark = pytest.mark.integration

PLACE = {"table": "account_user", "column": "name"}
WAIT_SECONDS = 120


# ── the whole of it ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_exchange_keeps_every_data_key_and_leaves_the_old_key_with_the_keeper_alone(
    keyring_env, rings, keeper
) -> None:
    before = minted(rings["account"], 450)
    (old,) = {each[0] for each in keyring_env.ids().values()}
    seen: list[tuple[int, int]] = []
    new = keyring_env.rotation(keeper, progress=lambda done, total: seen.append((done, total))).run()
    assert new != old
    assert keyring_env.ids() == {holder: [new] for holder in HOLDERS}
    assert keyring_env.under() == {new: 450}
    assert seen == [(200, 450), (400, 450), (450, 450)]
    assert rings["account"].keys(before) == before
    assert rings["audit"].keys(before) == before
    assert [each.id for each in keyring_env.files.kept()] == [old]
    assert keyring_env.files.next() is None
    assert {(keyring_env.root / holder / "kek").stat().st_mode & 0o777 for holder in HOLDERS} == {0o440}
    for ring in rings.values():
        ring.check()


def test_what_is_destroyed_stays_destroyed_and_what_is_fenced_stays_fenced(keyring_env, rings, keeper) -> None:
    gone, fenced, live = minted(rings["account"], 3)
    rings["retention"].fence(gone.account_id, None, NOW)
    rings["retention"].destroy(gone.account_id, None, NOW)
    rings["retention"].fence(fenced.account_id, None, NOW)
    before = keyring_env.query("SELECT * FROM data_key WHERE subject_id = %s", gone.id)
    keyring_env.rotation(keeper).run()
    assert keyring_env.query("SELECT * FROM data_key WHERE subject_id = %s", gone.id) == before
    assert [rings["account"].state(each) for each in (gone, fenced, live)] == ["destroyed", "fenced", "live"]
    assert len(rings["retention"].destroy(fenced.account_id, None, NOW)) == 1


def live_on(rings, stop: threading.Event, kept: list, failures: list) -> None:
    while not stop.is_set():
        try:
            kept.extend(live_once(rings))
        except Transient:  # a busy machine; the services try again as well
            continue
        except BaseException as error:  # noqa: BLE001  # told by the test's assertion
            failures.append(error)
            return


def live_once(rings) -> list[tuple]:
    """Three persons come, one is erased, the names of the others are opened elsewhere."""
    subjects = [Subject.person(uuid4(), uuid4()) for _ in range(3)]
    rings["account"].mint(subjects, NOW)
    rows = [uuid4() for _ in subjects]
    sealed = Vault(rings["account"]).seal_many(
        [(each, *PLACE.values(), row, "Kari") for each, row in zip(subjects, rows, strict=True)]
    )
    rings["retention"].fence(subjects[0].account_id, None, NOW)
    assert len(rings["retention"].destroy(subjects[0].account_id, None, NOW)) == 1
    stay = list(zip(subjects, rows, sealed, strict=True))[1:]
    for each, row, text in stay:
        assert Vault(rings["audit"]).open(each, **PLACE, row=row, sealed=text) == "Kari"
    for ring in rings.values():
        ring.check()
    return stay


def test_services_go_on_while_the_key_is_exchanged_again_and_again(keyring_env, rings, keeper) -> None:
    minted(rings["account"], 300)
    stop, kept, failures = threading.Event(), [], []
    threads = [threading.Thread(target=live_on, args=(rings, stop, kept, failures)) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            reached = len(kept) + 6
            keyring_env.rotation(keeper).run()
            deadline = time.monotonic() + WAIT_SECONDS
            while len(kept) < reached and not failures and time.monotonic() < deadline:
                time.sleep(0.01)
    finally:
        stop.set()
        for thread in threads:
            thread.join(WAIT_SECONDS)
    assert failures == []
    assert len(kept) > 30
    (only,) = keyring_env.under()
    assert keyring_env.ids() == {holder: [only] for holder in HOLDERS}
    vault = Vault(rings["audit"])
    assert {vault.open(each, **PLACE, row=row, sealed=text) for each, row, text in kept} == {"Kari"}


@pytest.mark.parametrize(
    "place",
    [
        "kek.begun", "kek.spread", "kek.spread:kill@2", "kek.first", "kek.first:kill@2", "kek.batch",
        "kek.batch:kill@2", "kek.retired", "kek.kept", "kek.taken_out", "kek.taken_out:kill@2",
    ],
)  # fmt: skip
def test_killed_anywhere_everything_is_readable_and_a_second_run_finishes(
    keyring_env, rings, keeper, place
) -> None:
    before = minted(rings["account"], 450)
    (old,) = keyring_env.under()
    where = (keyring_env.access.dsn("keyring_keeper"), keyring_env.root)
    env = os.environ | {"VILKAR_FAILPOINT": place if ":" in place else f"{place}:kill"}
    killed = forked.run("tests.integration.privacy.run_rotation", *where, env=env, limit_s=WAIT_SECONDS)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    begun = keyring_env.files.next()
    assert begun is not None
    for holder in ("account", "audit"):
        afresh = keyring_env.ring(holder)
        afresh.open()
        assert afresh.keys(before) == before
        afresh.close()
    more = minted(rings["account"], 3)
    new = keyring_env.rotation(keeper).run()
    assert new == kek_id(begun)
    assert keyring_env.under() == {new: 453}
    assert keyring_env.ids() == {holder: [new] for holder in HOLDERS}
    assert rings["audit"].keys([*before, *more]) == before | more
    assert [each.id for each in keyring_env.files.kept()] == [old]
    assert keyring_env.files.next() is None


# ── what could go wrong between two looks ─────────────────────────────────────────────────────────────────────


class Slow:
    """A key file that a process looked at before the exchange, and looks at again only when it has to."""

    def __init__(self, keyring_env: KeyringEnv) -> None:
        self.stale = Kek.parse((keyring_env.root / "account/kek").read_text())
        self.file = keyring_env.source("account")
        self.looks = 0

    def current(self) -> Kek:
        self.looks += 1
        return self.stale if self.looks == 1 else self.file.current()

    def read(self) -> Kek:
        return self.file.read()


def test_nothing_is_laid_under_a_retired_key_by_who_looked_at_the_file_too_early(
    keyring_env, rings, keeper
) -> None:
    minted(rings["account"], 1)
    late = Keyring(keyring_env.access.dsn("account"), kek=Slow(keyring_env))
    late.open()
    new = keyring_env.rotation(keeper).run()
    subject = Subject.company(uuid4())
    late.mint([subject], NOW)
    assert keyring_env.under() == {new: 2}
    assert rings["account"].key(subject) == late.key(subject)
    late.close()


def test_who_looked_at_the_file_too_early_still_opens_what_was_wrapped_since(keyring_env, rings, keeper) -> None:
    before = minted(rings["account"], 2)
    late = Keyring(keyring_env.access.dsn("account"), kek=Slow(keyring_env))
    late.open()
    keyring_env.rotation(keeper).run()
    assert late.keys(before) == before
    late.close()


def test_a_file_that_goes_back_to_a_retired_key_makes_no_data_key(keyring_env, rings, keeper) -> None:
    minted(rings["account"], 1)
    former = (keyring_env.root / "account/kek").read_bytes()
    keyring_env.rotation(keeper).run()
    (keyring_env.root / "account/kek").chmod(0o600)
    (keyring_env.root / "account/kek").write_bytes(former)
    with pytest.raises(KekMissingError, match="begins with the retired key"):
        rings["account"].mint([Subject.company(uuid4())], NOW)


def test_a_key_that_is_being_minted_is_waited_for_before_the_old_one_is_retired(keyring_env, rings, keeper) -> None:
    (old,) = {each[0] for each in keyring_env.ids().values()}
    account = psycopg.connect(keyring_env.access.dsn("account"))
    company = Subject.company(uuid4())
    kek = keyring_env.source("account").current()
    account.execute(
        "INSERT INTO data_key (kind, subject_id, account_id, wrapped, kek_id, fingerprint, state, created_at) "
        "VALUES ('company', %s, %s, %s, %s, %s, 'live', %s)",
        (company.id, company.id, kek.wrap(company, b"k" * 32), old, fingerprint(b"k" * 32), NOW),
    )
    thread = threading.Thread(target=keyring_env.rotation(keeper).run)
    thread.start()
    waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
    until(lambda: keyring_env.query(waiting, KEK_LOCK), what="an exchange that waits", seconds=WAIT_SECONDS)
    account.commit()
    account.close()
    thread.join(WAIT_SECONDS)
    (new,) = {each[0] for each in keyring_env.ids().values()}
    assert keyring_env.under() == {new: 1}
    assert rings["account"].key(company) == b"k" * 32


def test_keys_that_somebody_holds_locked_are_left_for_later_and_waited_for_by_nobody(
    keyring_env, rings, keeper
) -> None:
    held, other = minted(rings["account"], 2)
    (old,) = keyring_env.under()
    keyring_env.files.write("account", [os.urandom(32), *keyring_env.files.keys("account")])
    kek = keyring_env.source("account").current()
    with psycopg.connect(keyring_env.access.dsn("retention")) as retention:
        retention.execute("UPDATE data_key SET state = 'fenced' WHERE subject_id = %s", [held.id])
        batch = keeper.rewrap(kek, old, after=None)
        assert (batch.done, batch.last) == (1, other)
        assert keeper.retire([old], NOW) == {old: 1}
        retention.rollback()
    assert keeper.rewrap(kek, old, after=None).done == 1
    assert keeper.retire([old], NOW) == {}


def test_a_wrapped_key_that_is_not_the_one_it_says_stops_the_exchange_and_nothing_is_lost(
    keyring_env, rings, keeper
) -> None:
    before = minted(rings["account"], 3)
    spoilt = next(iter(before))
    keyring_env.query("UPDATE data_key SET fingerprint = 'another' WHERE subject_id = %s", spoilt.id)
    with pytest.raises(TamperedError):
        keyring_env.rotation(keeper).run()
    assert len(keyring_env.ids()["account"]) == 2
    assert rings["account"].keys(before) == before
    keyring_env.query(
        "UPDATE data_key SET fingerprint = %s WHERE subject_id = %s", fingerprint(before[spoilt]), spoilt.id
    )
    keyring_env.rotation(keeper).run()
    assert rings["account"].keys(before) == before
