"""What a command takes as it is written: pages and commands take the same."""

from __future__ import annotations

import pytest

from services.desk.cli.arguments import staff
from shared.actor import Actor

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("written", ["ola", "staff:ola", " Ola ", "STAFF:OLA"])
def test_a_person_of_the_staff_is_named_by_the_code_as_on_pages(written) -> None:
    assert staff(written) == Actor("staff", name="ola")


@pytest.mark.parametrize("written", ["", "staff:", "Kari Nordmann", "user:7", "staff:staff:ola", "æ"])
def test_what_is_no_code_is_nobody(written) -> None:
    with pytest.raises(ValueError, match="such as kari"):
        staff(written)
