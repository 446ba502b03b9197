"""Every letter, in both languages: it can be made, it says what it must, and no name breaks out of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from html.parser import HTMLParser
from uuid import UUID

import pytest
from jinja2 import UndefinedError

from deploy.letter_gallery import CAMPAIGN, alerts, changed_security, notice, variants
from services.account.accounts.values import TRIGGERS
from services.account.accuracy.values import Because
from services.account.companies.calls import CORRECTED_BECAUSE
from services.account.corrections.calls import REASONS as CORRECTED_FOR
from services.account.sign_up.rules import SIGN_UP_ABANDONED_AFTER
from services.account.support.values import DECLINED_BECAUSE
from services.account.takeover.values import SUSPICIONS
from services.cases.costs.values import CUSTOMER_REASONS, VENDOR_REASONS
from services.cases.kinds.complaint import REJECTED_FOR, UPHELD_FOR
from services.cases.kinds.dispute import OUTCOMES
from services.cases.kinds.enquiry import WRITTEN_IN
from services.cases.kinds.nonconformity import ANSWERS, CORRECTED_BY
from services.cases.kinds.rights_request import (
    ANSWERED_WITH,
    DOUBTS,
    EXTENDED_FOR,
    FEE_FOR,
    FEE_NOT_PAID,
    KEPT_FOR,
    NOT_IDENTIFIED,
    REFUSED_FOR,
)
from services.cases.kinds.table import PRESENT
from services.cases.rights_requests.values import Right
from services.notification.letters.figures import FIGURES, number_word
from services.notification.letters.kinds import KINDS, LETTERS
from services.notification.letters.rendering import CASE_KINDS, FOLDER, TO_STAFF, LinkMissing, Renderer, language_of
from services.notification.letters.values import Audience, Facts, LetterKind
from services.notification.recipients.values import Person
from services.retention.erasure.values import Trigger
from services.retention.holds.values import REASONS
from services.retention.restrictions.values import GROUNDS
from shared.dates_in_words import long_date
from shared.terms.parameters import parameter
from shared.terms.texts import LANGUAGES
from shared.vendor_imprint import Imprint

pytestmark = pytest.mark.unit

CERTIFICATE = UUID("0192f6c0-0000-7000-8000-0000000000aa")
NOW = datetime(2026, 12, 5, 9, tzinfo=UTC)
WHOLE = Facts(
    certificate_id=CERTIFICATE,
    case_id=CERTIFICATE,
    due_on=date(2027, 3, 5),
    backups_expire_on=date(2027, 4, 4),
    noticed_on=date(2026, 12, 10),
    notice_ends_on=date(2027, 1, 31),
    happened_at=datetime(2027, 3, 4, 23, 5, tzinfo=UTC),
    started_on=date(2027, 2, 1),
    review_on=date(2027, 5, 1),
    notice=notice("late follow-up"),
    campaign=CAMPAIGN,
)
IMPRINT = Imprint(
    name="Semje Software AS",
    org_number="803 772 096",
    seat="Kirkenær",
    phone="413 78 216",
    contact="post@semje.com",
    product="Nøgd",
    privacy_url="https://semje.example/personvern",
)
EVERY = [(kind, language) for kind in KINDS for language in LANGUAGES]
each = pytest.mark.parametrize(("kind", "language"), EVERY, ids=lambda value: getattr(value, "code", value))


def person(**changes) -> Person:
    values = {
        "email": "kari@example.no", "name": "Kari", "company_name": "Fjord AS", "language": "nb",
        "link_token": "tok/en", "link_ends_at": datetime(2027, 3, 1, 8, 30, tzinfo=UTC),
    }  # fmt: skip
    return Person(**(values | changes))


@pytest.fixture(scope="module")
def letters() -> Renderer:
    return Renderer(base_url="https://nogd.example/", imprint=IMPRINT)


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


@each
def test_a_letter_has_subject_text_and_page(letters: Renderer, kind: LetterKind, language: str) -> None:
    made = letters.render(kind, person(language=language), WHOLE, now=NOW)
    assert 5 < len(made.subject) < 78
    assert "\n" not in made.subject
    for part in (made.subject, made.text, made.html):
        assert "{{" not in part
        assert "None" not in part
    assert made.text.startswith("Hei Kari," if language == "nb" else "Hello Kari,")
    assert f'<html lang="{language}">' in made.html


@each
def test_no_script_gets_out_of_a_name(letters: Renderer, kind: LetterKind, language: str) -> None:
    evil = person(language=language, name="<script>x", company_name='"><script>y AS')
    made = letters.render(kind, evil, WHOLE, now=NOW)
    assert "&lt;script&gt;x" in made.html
    assert {tag for tag, _ in Page(made.html).tags} <= {
        "html", "head", "meta", "title", "body", "div", "p", "br", "a",
    }  # fmt: skip


@each
def test_a_letter_loads_nothing_and_leads_only_to_us(letters: Renderer, kind: LetterKind, language: str) -> None:
    made = letters.render(kind, person(language=language), WHOLE, now=NOW)
    ways = ("https://nogd.example/", "mailto:post@semje.com", "tel:41378216", "https://semje.example/personvern")
    for _, attributes in Page(made.html).tags:
        assert "src" not in attributes
        assert attributes.get("href", "https://nogd.example/").startswith(ways)
    assert "url(" not in made.html


@each
def test_text_and_page_say_the_same(letters: Renderer, kind: LetterKind, language: str) -> None:
    made = letters.render(kind, person(language=language), WHOLE, now=NOW)
    page = " ".join(" ".join(Page(made.html.partition("</head>")[2]).words).split())
    for paragraph in made.text.split("\n\n"):
        for line in paragraph.removeprefix("-- \n").splitlines():
            words = " ".join(line.split())
            shown = words if "https://" not in words else words.partition("https://")[0].strip()
            assert shown.replace(" ", "") in page.replace(" ", "")


@each
def test_who_sends_it_is_told_below_a_mark_that_mail_programs_know(letters, kind, language) -> None:
    made = letters.render(kind, person(language=language), WHOLE, now=NOW)
    letter, mark, signature = made.text.partition("\n-- \n")
    assert letter
    assert mark
    for part in (IMPRINT.name, IMPRINT.org_number, IMPRINT.seat, IMPRINT.phone, IMPRINT.contact, "personvern"):
        assert part in signature
        assert part in made.html


@each
def test_language_and_looks_stand_on_the_inner_element_too(letters, kind, language) -> None:
    page = Page(letters.render(kind, person(language=language), WHOLE, now=NOW).html)
    (inner,) = [attributes for tag, attributes in page.tags if tag == "div"]
    assert inner["lang"] == language
    assert "font:" in inner["style"]


@each
def test_every_variant_that_rules_can_make_is_a_letter(letters, kind, language) -> None:
    for variant in variants(kind, language):
        made = letters.render(kind, variant.person, variant.facts, now=variant.now)
        flaw = re.search(r"\n{3}| {2,}| [.,]|^ | $|[{}]|None", made.text.replace("-- \n", ""), re.MULTILINE)
        assert flaw is None, (variant.label, flaw, made.text)
        assert [word for word in WORDS_OF_YESTERDAY[language] if word in made.text.lower()] == []


WORDS_OF_YESTERDAY = {
    "nb": ("brev", "brukeren din", "i bruk igjen", "aktiv alt", "utlevert", "notert", "intet", " støtte", " ham "),
    "en": ("letter", "handed over", "your user in", "take up", "taken up"),
}
"""One word for one thing: e-post, brukerkonto, aktivere igjen, kopi; e-mail, user account, reactivate, copy."""


def test_a_text_is_filled_with_known_variables_only() -> None:
    # StrictUndefined makes any other an error in the variants above; here: no text is left unread.
    texts = {path.parent.name for path in FOLDER.glob("*/*.txt")}
    assert texts == set(LETTERS) | {*TO_STAFF, "frame", "parts"}
    for folder in texts:
        assert {path.name for path in (FOLDER / folder).iterdir()} == {f"{each}.txt" for each in LANGUAGES}


@pytest.mark.parametrize("kind", [k for k in KINDS if k.link is not None], ids=lambda kind: kind.code)
def test_a_link_stands_in_text_and_page(letters: Renderer, kind: LetterKind) -> None:
    made = letters.render(kind, person(), WHOLE, now=NOW)
    ends = str(CERTIFICATE) if kind.farewell else "tok%2Fen" if kind.with_token else ""
    link = "/".join(part for part in ("https://nogd.example", kind.link, ends) if part)
    assert link in made.text
    assert f'href="{link}"' in made.html
    assert link not in "".join(Page(made.html).words)


@pytest.mark.clause("FORGET-1", "FORGET-2")
@pytest.mark.parametrize("code", ["account_erased", "user_erased"])
@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "nb",
            ("ødelegges til slutt", f"innen {number_word(FIGURES.key_copy_days, 'nb')} dager deretter",
             "Sikkerhetskopiene slettes senest søndag 4. april 2027", "Det som er holdt tilbake, står i beviset",
             "telefonnum", "passord", "pålogginger", "loggen over e-poster", "Tripletex", "Mailgun"),
        ),
        (
            "en",
            ("are destroyed last", f"within {number_word(FIGURES.key_copy_days, 'en')} days after that",
             "The backups are deleted by Sunday 4 April 2027", "What is held back stands in the certificate",
             "telephone number", "passwords" , "logins", "the log of e-mails", "Tripletex", "Mailgun"),
        ),
    ],
)  # fmt: skip
def test_a_farewell_tells_what_is_gone_what_comes_last_and_until_when_copies_exist(
    letters, code, language, told
) -> None:
    made = letters.render(LETTERS[code], person(language=language), WHOLE, now=NOW)
    for part in (made.text, made.html):
        assert str(CERTIFICATE) in part
        assert [each for each in told if each.removesuffix("s") not in part] == []
        assert "er ødelagt" not in part


@pytest.mark.clause("ERASE-1", "ERASE-2")
@pytest.mark.parametrize(
    "code", ["account_deactivated", "account_reminder", "return_by_link", "termination_noticed"]
)
@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "nb",
            ("fra fredag 5. mars 2027, senest fredag 12. mars 2027", "fem år", "3,5 år", "En tvist kan utsette"),
        ),
        ("en", ("from Friday 5 March 2027, by Friday 12 March 2027", "five years", "3.5 years", "A dispute may")),
    ],
)
def test_what_is_said_of_the_time_is_what_the_rules_do(letters, code, language, told) -> None:
    assert parameter("erasure.live_completion").default == (date(2027, 3, 12) - date(2027, 3, 5)).days
    assert parameter("accounting.vouchers").default == 5 * 12
    assert parameter("accounting.agreements").default == 3.5 * 12
    made = letters.render(LETTERS[code], person(language=language), WHOLE, now=NOW)
    for part in (made.text, made.html):
        assert [each for each in told if each not in part] == []


@pytest.mark.parametrize("code", ["email_confirmation", "invitation"])
@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "nb",
            ("fikk vi av", "berettigede interesse", "artikkel 6 nr. 1 bokstav f", "IP-adresse",
             "telefonnummeret ditt", "Mailgun (EU)", "Tripletex", "slettes tre måneder etter",
             "innsyn, retting, sletting, begrensning",
             "protestere", "Postboks 458 Sentrum, 0105 Oslo"),
        ),
        (
            "en",
            ("data from", "legitimate interest", "article 6(1)(f)", "IP address", "telephone number",
             "Mailgun (EU)", "Tripletex", "are erased three months after",
             "access, rectification, erasure, restriction", "object", "Postboks 458 Sentrum, 0105 Oslo"),
        ),
    ],
)  # fmt: skip
def test_whoever_did_not_give_the_data_is_told_what_articles_13_and_14_ask_for(
    letters, code, language, told
) -> None:
    assert parameter("retention.inactive_account").default == 3
    made = letters.render(LETTERS[code], person(language=language, link_kind="confirmation"), WHOLE, now=NOW)
    assert [each for each in told if each not in made.text.replace("We got the data", "data from")] == []


@pytest.mark.parametrize(("language", "told"), [("nb", "innen 14 dager"), ("en", "within 14 days")])
def test_the_letter_tells_when_a_sign_up_that_nobody_proves_ends(letters, language, told) -> None:
    assert timedelta(days=14) == SIGN_UP_ABANDONED_AFTER
    made = letters.render(LETTERS["email_confirmation"], person(language=language), WHOLE, now=NOW)
    assert told in made.text


@pytest.mark.parametrize(
    ("language", "company", "user"),
    [
        ("nb", "får eierne av kontoen en ny e-post", "får du en ny e-post"),
        ("en", "the owners of the account get another e-mail", "you get another e-mail"),
    ],
)
def test_another_letter_is_promised_only_to_whoever_gets_the_last_one(letters, language, company, user) -> None:
    assert LETTERS["account_erased"].audience is Audience.LEADERS
    assert LETTERS["erasure_postponed"].audience is Audience.EVERYBODY
    for about_user, told in ((False, company), (True, user)):
        facts = replace(WHOLE, about_user=about_user)
        assert told in letters.render(LETTERS["erasure_postponed"], person(language=language), facts, now=NOW).text


def test_figures_are_read_from_the_parameters() -> None:
    named = {
        "erasure.live_completion": FIGURES.completion_days,
        "backup.keyring_max_age": FIGURES.key_copy_days,
        "retention.inactive_account": FIGURES.erasure_months,
        "dsr.deadline": FIGURES.copy_months,
        "accuracy.repeat": FIGURES.accuracy_repeat,
        "accounting.vouchers": FIGURES.voucher_years * 12,
        "accounting.agreements": FIGURES.agreement_years * 12,
    }
    assert {key: parameter(key).default for key in named} == named
    assert (number_word(7, "nb"), number_word(90, "en"), number_word(Fraction(7, 2), "nb")) == ("sju", "90", "3,5")


@pytest.mark.clause("LINK-1")
@pytest.mark.parametrize("code", ["return_by_link", "return_by_company", "return_by_staff"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_about_being_inactive_tells_the_date_where_there_is_one(letters, code, language) -> None:
    values = person(language=language, link_ends_at=datetime(2026, 1, 1, tzinfo=UTC))
    with_date = letters.render(LETTERS[code], values, WHOLE, now=NOW)
    without = letters.render(LETTERS[code], values, replace(WHOLE, due_on=None), now=NOW)
    day = long_date(date(2027, 3, 5), language)
    for part, bare in ((with_date.text, without.text), (with_date.html, without.html)):
        assert day in part
        assert "2027" not in bare
        assert "\n\n\n" not in bare


ABOUT_AN_END = [
    "account_deactivated", "account_reminder", "company_closed", "termination_noticed", "user_deactivated",
    "user_reminder", "return_by_staff",
]  # fmt: skip
"""Renderer that say who can undo the end of an account, or answers for it."""
WAYS_BY_OWNERS = (
    *("spør en eier", "må en eier", "kan en eier", "svarer eierne", "med en lenke"),
    *("ask an owner", "an owner must", "an owner can", "by its owners", "with a link"),
)


@pytest.mark.parametrize("code", ABOUT_AN_END)
def test_without_a_bankruptcy_owners_or_staff_are_whom_one_asks(letters, code) -> None:
    """The words looked for below are those that the letters have."""
    reader = person(language="en", closed_by="customer", company_is_inactive=True)
    text = letters.render(LETTERS[code], reader, replace(WHOLE, cause=None), now=NOW).text
    assert any(way in text for way in WAYS_BY_OWNERS) == (code != "return_by_staff")


@pytest.mark.clause("SUSPECT-1")
@pytest.mark.parametrize("code", ABOUT_AN_END)
@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("nb", ("Enhetsregisteret har opplyst at Fjord AS er konkurs", "bostyreren", "skriv til", "eller ring")),
        ("en", ("told us that Fjord AS is bankrupt", "trustee of the estate", "write to", "or call")),
    ],
)
def test_of_a_bankrupt_company_no_letter_sends_anybody_to_its_owners(letters, code, language, told) -> None:
    """They decide nothing any more: whoever is sent to them, or is one of them, would go round in a circle."""
    for closed_by in ("customer", "staff", "contract_terminated"):
        reader = person(language=language, closed_by=closed_by, company_is_inactive=True, company_is_bankrupt=True)
        made = letters.render(LETTERS[code], reader, replace(WHOLE, cause=None), now=NOW)
        for part in (made.text, made.html):
            assert [words for words in (*told, "post@semje.com", "413 78 216") if words not in part] == []
        assert [way for way in WAYS_BY_OWNERS if way in made.text] == []


@pytest.mark.clause("SUSPECT-1")
@pytest.mark.parametrize(
    ("language", "subject", "told"),
    [
        ("nb", "Kontoen til Fjord AS i Nøgd er sperret", "Semje Software AS har sperret kontoen til Fjord AS"),
        ("en", "The account of Fjord AS in Nøgd is blocked", "Semje Software AS has blocked the account of Fjord"),
    ],
)
def test_who_asks_for_a_way_into_a_blocked_account_is_told_whom_to_ask(letters, language, subject, told) -> None:
    reader = person(language=language, company_is_blocked=True, closed_by=None)
    made = letters.render(LETTERS["return_by_staff"], reader, replace(WHOLE, due_on=None), now=NOW)
    assert made.subject == subject
    for part in (made.text, made.html):
        assert [words for words in (told, "post@semje.com", "413 78 216") if words not in part] == []
    assert "inaktiv" not in made.text
    assert "inactive" not in made.text


@pytest.mark.parametrize(("language", "not_told"), [("nb", "har gjort kontoen"), ("en", "has made the account")])
def test_staff_are_not_said_to_have_closed_what_the_customer_closed(letters, language, not_told) -> None:
    """Of a user whom staff made inactive, in a company that left by itself."""
    reader = person(language=language, company_is_inactive=True, closed_by="customer")
    assert not_told not in letters.render(LETTERS["return_by_staff"], reader, WHOLE, now=NOW).text


BEFORE_AN_ERASURE = [
    "account_deactivated", "company_closed", "user_deactivated", "account_reminder", "user_reminder",
    "termination_noticed",
]  # fmt: skip


@pytest.mark.clause("HOLD-1")
@pytest.mark.parametrize("code", [kind.code for kind in KINDS if kind.tells_held])
@pytest.mark.parametrize(
    ("language", "all_of_it", "some_of_it", "why"),
    [
        ("nb", "må foreløpig beholdes", "men noe av det må beholdes", "på grunn av en tvist"),
        ("en", "must be kept for now", "but some of it must be kept", "because of a dispute"),
    ],
)
def test_where_something_is_held_a_letter_says_so_in_place_of_a_date_that_does_not_hold(
    letters, code, language, all_of_it, some_of_it, why
) -> None:
    reader, day = person(language=language), long_date(date(2027, 3, 5), language)
    because = {"held_because": ("gdpr_17_3_e",), "review_on": date(2027, 5, 1)}
    kept, parted, erased = (
        letters.render(LETTERS[code], reader, replace(WHOLE, held=held, **because), now=NOW)
        for held in ("all", "some", None)
    )
    assert day not in kept.subject
    assert parted.subject == erased.subject
    for part in ("text", "html"):
        said = [getattr(each, part) for each in (kept, parted, erased)]
        assert [all_of_it in each for each in said] == [True, False, False]
        assert [some_of_it in each for each in said] == [False, True, False]
        assert [why in each for each in said] == [True, True, False]
        assert [day in each for each in said[1:]] == [True, True]


@pytest.mark.clause("ERASE-1", "ERASE-2")
@pytest.mark.parametrize("code", BEFORE_AN_ERASURE)
@pytest.mark.parametrize(
    ("language", "day", "choice"),
    [
        ("nb", "fredag 5. mars 2027", ("få en kopi", "senest torsdag 4. mars 2027", "JSON", "slettes")),
        ("en", "Friday 5 March 2027", ("get a copy", "no later than Thursday 4 March 2027", "JSON", "erased")),
    ],
)
def test_letters_before_an_erasure_tell_its_date_and_the_last_day_to_ask_for_a_copy(
    letters, code, language, day, choice
) -> None:
    made = letters.render(LETTERS[code], person(language=language), WHOLE, now=NOW)
    for part in (made.text, made.html):
        assert day in part
        assert [each for each in choice if each not in part] == []
        assert "post@semje.com" in part


@pytest.mark.clause("ERASE-1", "RIGHTS-2")
@pytest.mark.parametrize("code", [*BEFORE_AN_ERASURE, "return_by_link", "return_by_company", "return_by_staff"])
@pytest.mark.parametrize(
    ("language", "last", "over"),
    [
        ("nb", "torsdag 4. mars 2027", "Fristen for å be om en kopi av opplysningene er ute."),
        ("en", "Thursday 4 March 2027", "The last day to ask for a copy of the data has passed."),
    ],
)
@pytest.mark.parametrize(
    ("now", "is_over"),
    [
        (datetime(2027, 3, 4, 22, 59, tzinfo=UTC), False),
        (datetime(2027, 3, 4, 23, 0, tzinfo=UTC), True),
        (datetime(2027, 3, 20, tzinfo=UTC), True),
    ],
)
def test_once_the_erasure_may_have_begun_a_letter_says_that_no_copy_can_be_asked_for(
    letters, code, language, last, over, now, is_over
) -> None:
    made = letters.render(LETTERS[code], person(language=language), WHOLE, now=now)
    for part in (made.text, made.html):
        assert (last in part, over in part) == (not is_over, is_over)
        assert "\n\n\n" not in part


@pytest.mark.clause("INCIDENT-1")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_call_to_staff_is_a_letter_and_leads_to_the_case_alone(letters, language) -> None:
    facts = list(alerts())
    made = [letters.render_alert(each, language) for each in facts]
    assert len({each.text for each in made}) == len(facts) > 20
    made.append(letters.render_enrolment_link(facts[0].link, language))
    for letter in made:
        assert 5 < len(letter.subject) < 78
        flaw = re.search(r"\n{3}| {2,}| [.,]|^ | $|[{}]|None|_", letter.text.replace("-- \n", ""), re.MULTILINE)
        assert flaw is None, letter.text
        assert [word for word in WORDS_OF_YESTERDAY[language] if word in letter.text.lower()] == []
        ways = {attributes["href"] for tag, attributes in Page(letter.html).tags if tag == "a"}
        assert {way for way in ways if way.startswith("https://desk")} == {facts[0].link}


@pytest.mark.clause("INCIDENT-1")
@pytest.mark.parametrize(
    ("language", "answers_or_on_duty", "was_due", "is_due"),
    [
        (
            "nb",
            "Du har ansvaret for den, eller du har vakt.",
            "Den var fredag 5. mars",
            "Fristen er fredag 5. mars",
        ),
        ("en", "You answer for it, or you are on duty.", "It was due on Friday 5 March", "It is due on Friday 5"),
    ],
)
def test_a_call_to_staff_says_what_is_so_whoever_gets_it_and_however_late(
    letters, language, answers_or_on_duty, was_due, is_due
) -> None:
    for facts in alerts():
        text = letters.render_alert(facts, language).text
        assert (answers_or_on_duty in text) == (facts.level == "on_duty"), "an owner need not be on duty"
        is_over = facts.cause == "over"
        assert (was_due in text, is_due in text) == (
            bool(facts.due_at and is_over),
            bool(facts.due_at and not is_over),
        )


def test_a_call_to_staff_has_words_for_every_kind_of_case() -> None:
    assert set(CASE_KINDS) == {*PRESENT, "other"}


@pytest.mark.clause("COST-1")
@pytest.mark.parametrize(
    ("language", "said"),
    [("nb", "om hva vi fant, og hva vi har gjort."), ("en", "about what we found and what we have done.")],
)
def test_the_receipt_of_a_report_promises_an_answer_however_the_case_ends(letters, language, said) -> None:
    made = letters.render(LETTERS["nonconformity_received"], person(language=language), WHOLE, now=NOW)
    assert said in made.text


@pytest.mark.clause("COST-1")
@pytest.mark.parametrize(
    ("language", "free", "always"),
    [
        ("nb", "gratis, med de unntakene vilkårene nevner.", r"betaler ikke|uten kostnad"),
        ("en", "free of charge, with the exceptions that the terms name.", r"do not pay|no cost"),
    ],
)
def test_no_letter_promises_more_than_the_terms_about_who_pays(letters, language, free, always) -> None:
    """Two persons may decide that a customer pays for what it did recklessly, also once the case has ended."""
    causes = {"nonconformity_received": (None,), "nonconformity_answered": CORRECTED_BY}
    for code, cause in ((code, each) for code, several in causes.items() for each in several):
        made = letters.render(LETTERS[code], person(language=language), replace(WHOLE, cause=cause), now=NOW)
        assert free in made.text
        assert not re.search(always, made.text)


CODES_OF_CAUSES = {
    "account_deactivated": {Trigger.ACCOUNT_INACTIVATED, Trigger.CONTRACT_TERMINATED},
    "accuracy_asked": set(Because),
    "account_erased": set(Trigger) - {Trigger.USER_INACTIVATED},
    "user_erased": {Trigger.USER_INACTIVATED, Trigger.EARLY_REQUEST},
    "erasure_postponed": set(REASONS),
    "restriction_will_be_lifted": {*GROUNDS, None},
    "suspicious_attempt": set(SUSPICIONS),
    "support_mail_declined": set(DECLINED_BECAUSE),
    "nonconformity_answered": set(ANSWERS),
    "dispute_ended": set(OUTCOMES),
    "charge_decided": {*CUSTOMER_REASONS, *VENDOR_REASONS},
    "data_corrected": set(CORRECTED_FOR),
    "company_corrected": set(CORRECTED_BECAUSE),
    "rights_received": set(Right),
    "rights_identity": set(DOUBTS),
    "rights_extended": set(EXTENDED_FOR),
    "rights_answered": set(ANSWERED_WITH),
    "rights_answered_in_part": set(KEPT_FOR),
    "request_forwarded": set(Right),
    "request_reminded": set(Right),
    "rights_refused": {*REFUSED_FOR, *NOT_IDENTIFIED, FEE_NOT_PAID},
    "rights_fee": set(FEE_FOR),
    "enquiry_answered": set(WRITTEN_IN),
    "complaint_upheld": set(UPHELD_FOR),
    "complaint_rejected": set(REJECTED_FOR),
}
"""Which codes bring a letter about whose words depend on them."""


def test_a_letter_names_every_code_that_can_bring_it_about() -> None:
    assert {kind.code: set(kind.causes) for kind in KINDS if kind.causes} == CODES_OF_CAUSES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES_OF_CAUSES)
def test_every_cause_has_words_of_its_own_in_the_letter_it_brings_about(letters, code, language) -> None:
    causes = CODES_OF_CAUSES[code]
    made = [letters.render(LETTERS[code], person(language=language), replace(WHOLE, cause=cause), now=NOW)
            for cause in causes]  # fmt: skip
    assert len({each.text for each in made}) == len(causes)


@pytest.mark.clause("SUPPORT-1")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [kind.code for kind in KINDS if kind.takes_replies])
def test_a_letter_offers_a_reply_only_where_one_would_be_taken(letters, code, language) -> None:
    facts = replace(WHOLE, cause=next(iter(LETTERS[code].causes), None))
    offers = {"nb": "svare på denne e-posten", "en": "reply to this e-mail"}[language]
    for reply_name in (None, "reply+abc"):
        reader = replace(person(language=language), reply_name=reply_name)
        made = letters.render(LETTERS[code], reader, facts, now=NOW)
        assert (offers in made.text) == (reply_name is not None)


@pytest.mark.clause("RIGHTS-5")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "code",
    [
        "rights_refused",
        "rights_answered_in_part",
        "rights_extended",
        "rights_identity",
        "complaint_rejected",
        "rights_fee",
    ],
)
def test_s29_whoever_is_refused_or_has_to_wait_reads_why_and_where_to_complain(letters, code, language) -> None:
    to_court = {"nb": "bringe saken inn for domstolene", "en": "go to court"}[language]
    for cause in CODES_OF_CAUSES[code]:
        made = letters.render(LETTERS[code], person(language=language), replace(WHOLE, cause=cause), now=NOW).text
        assert "Datatilsynet, Postboks 458 Sentrum, 0105 Oslo" in made
        assert "datatilsynet.no" in made
        if code in {"rights_refused", "rights_answered_in_part", "complaint_rejected", "rights_fee"}:
            assert {"nb": "Grunnen er at", "en": "The reason is that"}[language] in made
            assert to_court in made


@each
def test_no_letter_shows_a_code_whatever_brought_it_about_and_whoever_closed(letters, kind, language) -> None:
    codes = {*map(str, Trigger), *REASONS, *TRIGGERS}
    for code in codes:
        facts = replace(WHOLE, cause=code)
        made = letters.render(kind, person(language=language, closed_by=code), facts, now=NOW)
        for part in (made.subject, made.text, made.html):
            assert [each for each in codes if "_" in each and each in part] == []


@pytest.mark.clause("ERASE-2")
@pytest.mark.parametrize(
    ("language", "days"),
    [
        ("nb", ("torsdag 10. desember 2026", "til og med søndag 31. januar 2027", "fredag 5. mars 2027")),
        ("en", ("Thursday 10 December 2026", "to the end of Sunday 31 January 2027", "Friday 5 March 2027")),
    ],
)
def test_the_letter_about_a_notice_tells_its_day_its_end_and_the_day_of_erasure(letters, language, days) -> None:
    made = letters.render(LETTERS["termination_noticed"], person(language=language), WHOLE, now=NOW)
    assert [day for day in days if day not in made.text or day not in made.html] == []


@pytest.mark.parametrize("code", BEFORE_AN_ERASURE)
def test_a_letter_whose_event_lacked_a_fact_is_an_error_and_not_a_gap(letters, code) -> None:
    with pytest.raises(UndefinedError):
        letters.render(LETTERS[code], person(), Facts(), now=NOW)


def test_a_letter_without_its_token_is_not_made(letters) -> None:
    with pytest.raises(LinkMissing):
        letters.render(LETTERS["password_reset"], person(link_token=None), WHOLE, now=NOW)


def test_a_farewell_without_a_certificate_is_not_made(letters) -> None:
    with pytest.raises(LinkMissing):
        letters.render(LETTERS["user_erased"], person(), Facts(backups_expire_on=date(2027, 4, 4)), now=NOW)


def test_bodies_hold_neither_address_nor_other_personal_facts(letters) -> None:
    for kind in KINDS:
        made = letters.render(kind, person(email="secret@hidden.example"), WHOLE, now=NOW)
        assert "hidden.example" not in made.subject + made.text + made.html


def test_a_greeting_without_a_usable_name_is_still_a_greeting(letters) -> None:
    made = letters.render(
        LETTERS["account_reactivated"], person(name="http://x", company_name="Finn.no AS"), WHOLE, now=NOW
    )
    assert made.text.startswith("Hei,")
    assert "Kontoen til virksomheten din" in made.text
    assert "Finn.no" not in made.text + made.subject


@pytest.mark.parametrize(
    ("tag", "language"), [("nb", "nb"), ("nn-NO", "nb"), ("no", "nb"), ("en", "en"), ("sv", "en"), ("", "en")]
)
def test_a_reader_gets_norwegian_or_english(tag, language) -> None:
    assert language_of(tag) == language


@pytest.mark.clause("ISOLATE-1")
@pytest.mark.parametrize(
    ("language", "instant"),
    [
        ("nb", "fredag 5. mars 2027 kl. 00.05 norsk tid"),
        ("en", "Friday 5 March 2027 at 00:05 Oslo time"),
    ],
)
def test_a_replaced_address_is_told_when_it_was_and_where_to_object(letters, language, instant) -> None:
    made = letters.render(LETTERS["address_changed"], person(language=language), WHOLE, now=NOW)
    for part in (made.text, made.html):
        assert instant in part
        assert "post@semje.com" in part
        assert "413 78 216" in part
        assert "nogd.example" not in part


@pytest.mark.clause("BREACH-1")
@pytest.mark.parametrize(
    ("language", "begins", "runs_on"),
    [
        ("nb", "senest med denne e-posten", "Et senere varsel forlenger den ikke."),
        ("en", "by this e-mail at the latest", "A later notice does not extend it."),
    ],
)
def test_the_time_of_a_customer_begins_with_the_first_notice_alone(letters, language, begins, runs_on) -> None:
    for how, says, says_not in (("whole", begins, runs_on), ("late follow-up", runs_on, begins)):
        facts = replace(WHOLE, notice=notice(how))
        text = letters.render(LETTERS["breach_notice"], person(language=language), facts, now=NOW).text
        assert says in " ".join(text.split())
        assert says_not not in " ".join(text.split())


@pytest.mark.clause("NOTICE-1")
@pytest.mark.parametrize(
    ("language", "promised"), [("nb", "får dere et eget varsel om det"), ("en", "we tell you separately")]
)
def test_a_notice_of_changed_security_claims_nothing_that_nobody_has_checked(letters, language, promised) -> None:
    facts = replace(WHOLE, notice=changed_security())
    text = letters.render(LETTERS["security_notice"], person(language=language), facts, now=NOW).text
    assert promised in " ".join(text.split())
    for claimed in ("har varslet", "have told", "forrige varsel", "last notice"):
        assert claimed not in text


def test_dates_are_written_out() -> None:
    assert long_date(date(2027, 12, 31), "nb") == "fredag 31. desember 2027"
    assert long_date(date(2027, 1, 1), "en") == "Friday 1 January 2027"
