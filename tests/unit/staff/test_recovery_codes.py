"""Recovery codes as they are written, typed and kept."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.staff.recovery import rules
from services.staff.recovery.calls import RecoveryProof
from shared.errors import Invalid
from shared.records import schema_of

pytestmark = pytest.mark.unit

LETTERS = st.lists(st.integers(0, 31), min_size=23, max_size=23)
KARI, OLA = UUID(int=1), UUID(int=2)


@given(LETTERS)
def test_what_is_shown_is_understood_however_it_is_typed(letters):
    code = rules.code_of(letters)
    shown = rules.spaced(code)
    assert [len(group) for group in shown.split("-")] == [4] * 6
    for typed in (shown, shown.lower(), shown.replace("-", " "), f"  {code} ", shown.replace("-", "\u2013")):
        assert rules.understood(typed) == code
    assert rules.understood(shown.replace("0", "O").replace("1", "l")) == code


@given(LETTERS, st.integers(0, 23), st.integers(1, 31))
def test_a_slip_of_one_letter_is_seen(letters, at, by):
    code = rules.code_of(letters)
    other = rules.ALPHABET[(rules.ALPHABET.index(code[at]) + by) % 32]
    assert rules.understood(code[:at] + other + code[at + 1 :]) is None


def test_swapped_neighbours_are_seen_but_for_one_pair_in_five_hundred():
    unseen = 0
    for first in range(32):
        for second in range(first):
            one = rules.code_of([0] * 10 + [first, second] + [0] * 11)
            swapped = one[:10] + one[11] + one[10] + one[12:]
            unseen += rules.understood(swapped) is not None
    assert unseen <= 1


@pytest.mark.parametrize("text", ["", "7K3M", "U" * 24, "0" * 25, "0" * 23, "å" * 24, "0" * 23 + "\n1", "=" * 24])
def test_what_cannot_be_a_code_is_none(text):
    assert rules.understood(text) is None


def test_what_cannot_be_a_code_is_told_before_it_counts_as_a_failure():
    with pytest.raises(Invalid) as refused:
        RecoveryProof.from_json({"staff_code": "kari", "code": "0" * 23 + "1"})
    assert "slip in typing" in str(refused.value.details)
    long = {"staff_code": "kari", "code": "0" * 100_000}
    with pytest.raises(Invalid):
        RecoveryProof.from_json(long)
    assert schema_of(RecoveryProof).fields["code"].metadata["format"] == "password"


def test_what_was_read_is_read_again_as_the_same():
    code = rules.code_of(range(23))
    proof = RecoveryProof.from_json({"staff_code": "kari", "code": rules.spaced(code).lower()})
    assert proof.code == code
    assert RecoveryProof.from_json(proof.to_json()) == proof
    assert code not in repr(proof)


def test_a_digest_is_of_one_persons_code():
    code = rules.code_of(range(23))
    assert len(rules.digest(KARI, code)) == 32
    assert rules.digest(KARI, code) == rules.digest(KARI, code)
    assert rules.digest(KARI, code) != rules.digest(OLA, code)


def test_a_code_takes_23_letters():
    with pytest.raises(ValueError, match="23"):
        rules.code_of(range(22))
