"""The token of an unsubscribe link."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.letters.values import LetterClass
from services.notification.preferences.rules import read_unsubscribe_token, unsubscribe_token
from shared.errors import Invalid

pytestmark = pytest.mark.unit

USER, ACCOUNT, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
KEY = b"k" * 32


@pytest.mark.clause("MAIL-1")
@given(user_id=st.uuids(), account_id=st.uuids(), letter_class=st.sampled_from(LetterClass))
def test_a_token_names_user_company_and_class(user_id, account_id, letter_class) -> None:
    token = unsubscribe_token(KEY, user_id=user_id, account_id=account_id, letter_class=letter_class)
    assert read_unsubscribe_token(KEY, token) == (user_id, account_id, letter_class)
    with pytest.raises(Invalid):
        read_unsubscribe_token(b"another key", token)


@pytest.mark.parametrize("token", ["", "ø", "????", "AAAA", "A" * 100])
def test_a_token_we_did_not_make_is_refused(token) -> None:
    with pytest.raises(Invalid):
        read_unsubscribe_token(KEY, token)


def test_a_changed_token_is_refused() -> None:
    token = unsubscribe_token(KEY, user_id=USER, account_id=ACCOUNT, letter_class=LetterClass.MARKETING)
    for place in (0, 20, 50, len(token) - 2):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(Invalid):
            read_unsubscribe_token(KEY, changed)
