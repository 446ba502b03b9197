from __future__ import annotations

import pytest

from services.account.companies.rules import outcome_after_change

pytestmark = pytest.mark.unit


def test_only_a_new_name_or_number_is_checked_again() -> None:
    after = outcome_after_change
    assert after({"phone": "+4790012345"}, had_number=True) is None
    assert after({"name": "Nytt"}, had_number=True) == "provisional"
    assert after({"name": "Nytt"}, had_number=False) == "no_number"
    assert after({"org_number": "923609016"}, had_number=False) == "provisional"
    assert after({"org_number": None}, had_number=True) == "no_number"
