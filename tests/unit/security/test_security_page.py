"""SECURITY.md says who holds which secret; it is read against the table that makes them."""

from __future__ import annotations

import re

import pytest

from deploy.native.plan import REPOSITORY
from deploy.provision import secrets

pytestmark = pytest.mark.unit

PAGE = (REPOSITORY / "SECURITY.md").read_text()
ROWS = dict(re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \|", PAGE, re.MULTILINE))
SERVERS = {"postgres", "keyring", "rabbitmq"}
IN_OTHER_WORDS = {"migrate", "sandbox", "keyring_keeper"}


def held(folder: str) -> set[str]:
    return {secret.name for secret in secrets.SECRETS if folder in secret.folders}


def test_every_holder_of_secrets_has_a_row():
    assert set(secrets.FOLDERS) - SERVERS <= set(ROWS)
    assert all(f"`{server}`" in PAGE for server in SERVERS)


@pytest.mark.parametrize("folder", sorted(set(secrets.FOLDERS) - SERVERS - IN_OTHER_WORDS))
def test_a_row_names_exactly_what_its_process_holds(folder):
    assert {name.strip() for name in ROWS[folder].split(",")} == held(folder)


def test_the_pair_that_opens_everything_is_the_one_that_holds_the_key():
    holders = {folder for secret in secrets.SECRETS if secret.name == "kek" for folder in secret.folders}
    sentence = re.search(r"key-encryption key and wrapped keys \(([^)]*)\)", PAGE)
    assert sentence
    assert set(re.findall(r"`(\w+)`", sentence.group(1))) == holders
