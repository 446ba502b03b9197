"""Who may read and write what natively: the same as the volumes of the compose file say."""

from __future__ import annotations

import os

import pytest

from deploy.native import confine, users
from deploy.provision import secrets

pytestmark = pytest.mark.unit

WHOSE = users.Users({name: users.FIRST + number for number, name in enumerate(users.NAMES)})
STATE = {
    "VILKAR_CERTIFICATES_DIR": "/home/state/certificates",
    "VILKAR_CHECKPOINTS_DIR": "/home/state/audit",
    "VILKAR_BACKUP_STATE_DIR": "/home/state/backup",
    "VILKAR_SANDBOX_STATE_DIR": "/home/state/sandbox",
    "VILKAR_LEDGER_DIR": "/home/ledger",
    "VILKAR_LEDGER_COPIES_DIR": "/home/ledger-copies",
    "VILKAR_BACKUP_WORK_DIR": "/home/backup-work",
    "VILKAR_BACKUP_TARGET": "/home/backups",
}


def environment(name: str, **more: str) -> dict[str, str]:
    return {**STATE, "VILKAR_SECRETS_DIR": f"/home/secrets/{name}", **more}


def places(name: str, **more: str) -> dict[str, users.Place]:
    return {place.path.removeprefix("/home/"): place for place in WHOSE.places(name, environment(name, **more))}


def test_each_process_with_secrets_has_a_user_or_is_roots_hand():
    hands = {"vilkar", "keyring_keeper", "rabbitmq", "postgres", "keyring"}
    assert set(users.PROCESSES) == set(secrets.FOLDERS) - hands
    assert set(users.PROCESSES) <= WHOSE.owners().keys()


@pytest.mark.parametrize("name", users.PROCESSES)
def test_secrets_are_roots_and_read_by_one_process_which_cannot_change_them(name):
    place = places(name)[f"secrets/{name}"]
    assert (place.uid, place.gid, place.folder_mode, place.file_mode) == (0, WHOSE.ids[name], 0o750, 0o440)
    assert WHOSE.owners()[name] == secrets.Owner(0, WHOSE.ids[name])


@pytest.mark.parametrize(
    ("name", "written", "read_by"),
    [
        ("retention", "ledger", users.LEDGER),
        ("retention", "ledger-copies", users.BACKUP),
        ("retention", "state/certificates", users.BACKUP),
        ("audit", "state/audit", users.BACKUP),
    ],
)
def test_what_one_writes_a_group_may_read(name, written, read_by):
    place = places(name)[written]
    assert (place.uid, place.gid) == (WHOSE.ids[name], WHOSE.ids[read_by])
    assert (place.folder_mode, place.file_mode) == (0o2750, 0o640)


def test_every_written_folder_is_written_by_one_process():
    written = [path for name in users.PROCESSES for path in places(name) if not path.startswith("secrets/")]
    assert len(written) == len(set(written))
    assert set(written) >= {folder.removeprefix("/home/") for folder in STATE.values()} - {"backups"}


def test_repositories_elsewhere_are_given_to_nobody_here():
    told = places(users.BACKUP, VILKAR_BACKUP_TARGET="sftp://somebody@elsewhere/backups")
    assert not any("elsewhere" in path for path in told)
    assert {f"backups/{name}" for name in ("data", "keyring", "ledger", "proofs")} <= set(places(users.BACKUP))
    assert "backups" not in places(users.BACKUP), "what else lies at a target is not ours"


def test_a_plan_does_not_depend_on_the_order_of_an_environment():
    env = environment("account")
    backwards = dict(reversed(env.items()))
    assert WHOSE.start("account", ["x"], env)[0] == WHOSE.start("account", ["x"], backwards)[0]


def test_no_program_is_told_roots_home():
    _, env = WHOSE.start("account", ["x"], environment("account", HOME="/root"))
    assert env["HOME"] == users.HOME


@pytest.mark.skipif(os.geteuid() != 0, reason="who is not root is himself")
def test_ids_are_kept_and_belong_to_nobody_else(tmp_path):
    chosen = users.choose(tmp_path)
    assert len(set(chosen.ids.values())) == len(users.NAMES)
    assert all(users.FIRST <= each < users.BEYOND for each in chosen.ids.values())
    users.save(chosen, tmp_path)
    assert users.load(tmp_path) == users.choose(tmp_path) == chosen
    users.save(None, tmp_path)
    assert users.load(tmp_path) is None


@pytest.mark.parametrize(
    ("paths", "left"),
    [(["/closed", "/closed/a", "/closed-too", "/b/c"], ["/b/c", "/closed", "/closed-too"]), ([], [])],
)
def test_of_folders_within_each_other_the_outer_ones_count(paths, left):
    assert confine.topmost(paths) == left
