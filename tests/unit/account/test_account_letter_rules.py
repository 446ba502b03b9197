from __future__ import annotations

import pytest

from services.account.letters.rules import LETTERS_WHEN_INACTIVE, check_letter
from services.notification.letters.kinds import LETTERS
from services.notification.letters.values import LetterClass
from shared.errors import Locked
from tests.unit.account.states import account, user

pytestmark = pytest.mark.unit


@pytest.mark.clause("LINK-1")
def test_after_the_link_is_cut_only_letters_about_that_leave() -> None:
    check_letter("password_changed", account(), user())
    for letter in LETTERS_WHEN_INACTIVE:
        check_letter(letter, account("inactive"), user())
    for at, who in ((account("inactive"), user()), (account(), user(state="inactive"))):
        with pytest.raises(Locked):
            check_letter("password_reset", at, who)
        check_letter("breach_person", at, who)
        with pytest.raises(Locked):
            check_letter("security_notice", at, who)


@pytest.mark.clause("LINK-1")
def test_but_for_legal_notices_only_the_way_back_and_a_replaced_address_are_told_to_who_is_inactive() -> None:
    others = {code for code in LETTERS_WHEN_INACTIVE if LETTERS[code].letter_class is not LetterClass.LEGAL}
    assert others == {"address_changed", "return_by_link", "return_by_company", "return_by_staff"}
