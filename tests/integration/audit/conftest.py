from __future__ import annotations

import pytest

from tests.integration.audit.audit_stage import open_keyrings, staged


@pytest.fixture(scope="module")
def keyrings(keyring_database):
    with open_keyrings(keyring_database) as made:
        yield made


@pytest.fixture
def stage(infrastructure, keyrings, tmp_path):
    """A database of the test's own, because a trail cannot be emptied."""
    with staged(infrastructure, keyrings, tmp_path) as made:
        yield made
