"""The token of a link to what a user wants to get: ours alone, and no token of the one click."""

from __future__ import annotations

from uuid import UUID

import pytest

from services.notification.letters.values import LetterClass
from services.notification.preferences.rules import (
    OPTIONAL_CLASSES,
    preferences_token,
    read_preferences_token,
    read_unsubscribe_token,
    unsubscribe_token,
)
from services.notification.preferences.values import OPTIONAL
from shared.errors import Invalid

pytestmark = [pytest.mark.unit, pytest.mark.clause("MAIL-1")]

KEY = b"a key"
WHOSE = {"user_id": UUID(int=7), "account_id": UUID(int=9)}


def test_it_names_whom_it_was_made_for_and_only_we_can_make_one() -> None:
    token = preferences_token(KEY, **WHOSE)
    assert read_preferences_token(KEY, token) == (WHOSE["user_id"], WHOSE["account_id"])
    for wrong in (token[:-2], token[1:], "not-a-token", ""):
        with pytest.raises(Invalid):
            read_preferences_token(KEY, wrong)
    with pytest.raises(Invalid):
        read_preferences_token(b"another key", token)


def test_one_kind_of_token_is_none_of_the_other() -> None:
    with pytest.raises(Invalid):
        read_unsubscribe_token(KEY, preferences_token(KEY, **WHOSE))
    with pytest.raises(Invalid):
        read_preferences_token(KEY, unsubscribe_token(KEY, **WHOSE, letter_class=LetterClass.MARKETING))


def test_what_can_be_declined_is_what_the_classes_say() -> None:
    assert tuple(each.value for each in OPTIONAL_CLASSES) == OPTIONAL
