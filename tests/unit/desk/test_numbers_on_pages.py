"""A number that a page of the desk says is the one that a rule goes by, and every such number is known here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from services.account.termination.values import NOTICE_MONTHS_MAX
from services.audit.logins.rules import DISCLOSURE_DAYS, OWN_ACCESS_DAYS
from services.audit.staff_reads.rules import MONTHS
from services.notification.alarms.store import BATCH
from services.retention.holds.rules import ACTIVE_LIMIT
from services.staff.grants.values import MOST_ACCOUNTS
from services.staff.machine_doors.rules import SEEN_WITHIN
from services.staff.people.rules import LINK_LASTS
from services.staff.recovery.rules import CODES
from shared.form_drafts import KEPT
from shared.terms.parameters import in_force

pytestmark = pytest.mark.unit

DESK = Path(__file__).resolve().parents[3] / "services/desk"
NOW = date(2027, 1, 1)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), 12


@dataclass(frozen=True, kw_only=True)
class Number:
    """Where a number is said, in which words, and the rule beside what the words mean."""

    where: str
    says: tuple[str, str]
    rule: object
    means: object


NUMBERS = (
    Number(where="web/templates/undertaking.html", says=("to år", "two years"),
           rule=in_force("staff.undertaking", NOW).default, means=2 * YEAR),
    Number(where="web/acts/people.py", says=("to år", "two years"),
           rule=in_force("staff.training", NOW).default, means=2 * YEAR),
    Number(where="wording/refusals.py", says=("femti kunder", "fifty customers"), rule=MOST_ACCOUNTS, means=50),
    Number(where="wording/refusals.py", says=("første måneden", "first month"),
           rule=in_force("dsr.deadline", NOW).default, means=1),
    Number(where="wording/refusals.py", says=("én time", "an hour"), rule=LINK_LASTS, means=HOUR),
    Number(where="wording/refusals.py", says=("ti tilbakehold", "ten holds"), rule=ACTIVE_LIMIT, means=10),
    Number(where="web/acts/holds.py", says=("ti tilbakehold", "ten holds"), rule=ACTIVE_LIMIT, means=10),
    Number(where="web/acts/holds.py", says=("90 dager", "90 days"),
           rule=in_force("hold.review", NOW).default, means=90),
    Number(where="web/pages/logins.py", says=("31 dager", "31 days"), rule=DISCLOSURE_DAYS, means=31),
    Number(where="web/pages/logins.py", says=("et år", "a year"), rule=OWN_ACCESS_DAYS, means=366),
    Number(where="web/acts/letters.py", says=("Høyst 500", "At most 500"), rule=BATCH, means=500),
    Number(where="web/acts/customers.py", says=("Tre måneder", "Three months"),
           rule=in_force("retention.inactive_account", NOW).default, means=3),
    Number(where="web/acts/customers.py", says=("Fra 1 til 12", "From 1 to 12"), rule=NOTICE_MONTHS_MAX, means=12),
    Number(where="web/drafts.py", says=("én time", "an hour"), rule=KEPT, means=HOUR),
    Number(where="web/templates/enrolment_link.html", says=("en time", "an hour"), rule=LINK_LASTS, means=HOUR),
    Number(where="web/templates/machine.html", says=("et døgn", "a day"), rule=SEEN_WITHIN, means=DAY),
    Number(where="web/templates/holdings.html", says=("tolv månedene", "twelve months"), rule=MONTHS, means=YEAR),
    Number(where="web/templates/me.html", says=("ti nye", "ten new"), rule=CODES, means=10),
    Number(where="web/templates/recover.html", says=("ti kodene", "ten codes"), rule=CODES, means=10),
)  # fmt: skip
SAID = re.compile(
    r"\b(?:én|en|et|to|tre|fire|fem|seks|sju|åtte|ni|ti|tolv|femti|første|\d+) "
    r"(?:år|måned\w*|uken|uker|dager|døgn|timer?|kunder|kodene|nye|tilbakehold)\b",
    re.IGNORECASE,
)
NO_NUMBERS = ("et tilbakehold", "en uke", "én måned")
"""Words for one of something, which no rule says; a month is counted where it is shown."""


@pytest.mark.parametrize("number", NUMBERS, ids=lambda each: f"{each.where}: {each.says[0]}")
def test_a_number_on_a_page_is_the_one_of_its_rule(number) -> None:
    text = (DESK / number.where).read_text(encoding="utf-8")
    assert [each in text for each in number.says] == [True, True]
    assert number.rule == number.means


def test_no_page_says_a_number_of_which_nothing_is_known_here() -> None:
    known = {(each.where, each.says[0].lower()) for each in NUMBERS}
    files = [each for each in DESK.rglob("*") if each.suffix in {".py", ".html"}]
    said = {
        (str(path.relative_to(DESK)), found[0].lower())
        for path in files
        for found in SAID.finditer(path.read_text(encoding="utf-8"))
        if found[0].lower() not in NO_NUMBERS
    }
    assert len(said) > 10, "the pattern finds them"
    assert said - known == set()
