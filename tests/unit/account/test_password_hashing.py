from __future__ import annotations

import pytest

from services.account.authentication.password_hashing import PasswordHashing
from shared.errors import Permanent

pytestmark = pytest.mark.unit
PASSWORD = "Snøen smelter i april 7"


@pytest.fixture(scope="module")
def passwords() -> PasswordHashing:
    return PasswordHashing()


def test_digests_have_the_parameters_that_owasp_names(passwords) -> None:
    kept = passwords.hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.hash(PASSWORD) != kept
    assert passwords.matches(kept, PASSWORD)
    assert not passwords.matches(kept, f"{PASSWORD} ")
    assert not passwords.is_outdated(kept)
    assert PasswordHashing(passes=3).is_outdated(kept)


def test_where_there_is_no_digest_the_same_work_says_no(passwords) -> None:
    assert not passwords.matches(None, PASSWORD)


def test_something_else_than_a_digest_is_a_fault_that_shows(passwords) -> None:
    with pytest.raises(Permanent):
        passwords.matches("hemmelig", PASSWORD)


def test_all_heavy_work_goes_where_it_holds_up_nobody() -> None:
    done: list[str] = []

    def run(function, *args):
        done.append(function.__name__)
        return function(*args)

    passwords = PasswordHashing(memory_kib=64, passes=1, run=run)
    kept = passwords.hash(PASSWORD)
    for candidate in (kept, None):
        passwords.matches(candidate, PASSWORD)
    assert done == ["hash", "_compare", "_compare"]
