"""Key files and a keyring for the tests of keys."""

from __future__ import annotations

import base64
import os

import pytest

from deploy.keys.files import HOLDERS
from shared.privacy.kek_rotation import Keeper
from tests.integration.privacy.keyring_env import KeyringEnv


@pytest.fixture
def keyring_env(tmp_path, keyring_database):
    first = base64.b64encode(os.urandom(32)).decode()
    for holder in HOLDERS:
        (tmp_path / holder).mkdir()
        (tmp_path / holder / "kek").write_text(first)
        (tmp_path / holder / "kek").chmod(0o440)
    (tmp_path / "keyring_keeper").mkdir()
    made = KeyringEnv(tmp_path, keyring_database)
    made.query("TRUNCATE data_key, fence, retired_kek, renewal, reseal_report")
    return made


@pytest.fixture
def rings(keyring_env):
    made = {holder: keyring_env.ring(holder) for holder in (*HOLDERS, "retention")}
    for ring in made.values():
        ring.open()
    yield made
    for ring in made.values():
        ring.close()


@pytest.fixture
def keeper(keyring_env):
    made = Keeper(keyring_env.access.dsn("keyring_keeper"))
    made.open()
    yield made
    made.close()
