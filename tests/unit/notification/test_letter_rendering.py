"""Every letter, in both languages: it can be made, it says what it must, and no name breaks out of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from uuid import UUID

import pytest
from jinja2 import UndefinedError, meta

from services.notification.letters import FOLDER, LANGUAGES, Letters, LinkMissing, language_of, long_date
from services.notification.rules import KINDS, LETTERS
from services.notification.schemas import Facts, LetterKind, Person

pytestmark = pytest.mark.unit

CERTIFICATE = UUID("0192f6c0-0000-7000-8000-0000000000aa")
WHOLE = Facts(
    certificate_id=CERTIFICATE,
    due_on=date(2027, 3, 5),
    backups_expire_on=date(2027, 4, 4),
    noticed_on=date(2026, 12, 10),
    notice_ends_on=date(2027, 1, 31),
    happened_at=datetime(2027, 3, 4, 23, 5, tzinfo=UTC),
)
KNOWN = {
    "name", "company", "contact", "link", "certificate_id", "due_on", "backups_expire_on", "happened_at", "subject",
    "noticed_on", "notice_ends_on",
}  # fmt: skip
EVERY = [(kind, language) for kind in KINDS for language in LANGUAGES]
each = pytest.mark.parametrize(("kind", "language"), EVERY, ids=lambda value: getattr(value, "code", value))


def person(**changes) -> Person:
    values = {
        "email": "kari@example.no", "name": "Kari", "company_name": "Fjord AS", "language": "nb",
        "link_token": "tok/en",
    }  # fmt: skip
    return Person(**(values | changes))


@pytest.fixture(scope="module")
def letters() -> Letters:
    return Letters(base_url="https://nogd.example/", contact="post@semje.com")


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@each
def test_a_letter_has_subject_text_and_page(letters: Letters, kind: LetterKind, language: str) -> None:
    made = letters.render(kind, person(language=language), WHOLE)
    assert 5 < len(made.subject) < 78
    assert "\n" not in made.subject
    for part in (made.subject, made.text, made.html):
        assert "{{" not in part
        assert "None" not in part
    assert made.text.startswith("Hei Kari," if language == "nb" else "Hello Kari,")
    assert f'<html lang="{language}">' in made.html


@each
def test_no_script_gets_out_of_a_name(letters: Letters, kind: LetterKind, language: str) -> None:
    evil = person(language=language, name="<script>x", company_name='"><script>y AS')
    made = letters.render(kind, evil, WHOLE)
    assert "&lt;script&gt;x" in made.html
    assert {tag for tag, _ in Page(made.html).tags} <= {
        "html", "head", "meta", "title", "body", "div", "p", "br", "a",
    }  # fmt: skip


@each
def test_a_letter_loads_nothing_and_leads_only_to_us(letters: Letters, kind: LetterKind, language: str) -> None:
    made = letters.render(kind, person(language=language), WHOLE)
    for _, attributes in Page(made.html).tags:
        assert "src" not in attributes
        assert attributes.get("href", "https://nogd.example/").startswith("https://nogd.example/")
    assert "url(" not in made.html


@each
def test_templates_use_known_variables_only(letters: Letters, kind: LetterKind, language: str) -> None:
    environment = letters._environment
    for name in ("subject.txt", "body.txt", "body.html"):
        tree = environment.parse((FOLDER / kind.code / language / name).read_text(encoding="utf-8"))
        assert meta.find_undeclared_variables(tree) <= KNOWN


def test_there_is_a_folder_for_every_letter_and_no_other() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(LETTERS) | {"frame"}
    for kind in KINDS:
        for language in LANGUAGES:
            names = {path.name for path in (FOLDER / kind.code / language).iterdir()}
            assert names == {"subject.txt", "body.txt", "body.html"}


@pytest.mark.parametrize("kind", [k for k in KINDS if k.link is not None], ids=lambda kind: kind.code)
def test_a_link_stands_in_text_and_page(letters: Letters, kind: LetterKind) -> None:
    made = letters.render(kind, person(), WHOLE)
    ends = str(CERTIFICATE) if kind.farewell else "tok%2Fen" if kind.with_token else ""
    link = "/".join(part for part in ("https://nogd.example", kind.link, ends) if part)
    assert link in made.text
    assert f'href="{link}' in made.html


@pytest.mark.clause("FORGET-1", "FORGET-2")
@pytest.mark.parametrize("code", ["account_erased", "user_erased"])
@pytest.mark.parametrize(
    ("language", "copies", "gone"),
    [
        ("nb", "Uleselige kopier utløper 4. april 2027", ("telefonnum", "passord", "pålogginger", "brev")),
        ("en", "Unreadable copies expire on 4 April 2027", ("telephone number", "password", "logins", "letters")),
    ],
)
def test_a_farewell_tells_what_is_gone_its_certificate_and_until_when_unreadable_copies_exist(
    letters, code, language, copies, gone
) -> None:
    made = letters.render(LETTERS[code], person(language=language), WHOLE)
    for part in (made.text, made.html):
        assert str(CERTIFICATE) in part
        assert copies in part
        assert all(each in part for each in gone)


@pytest.mark.clause("LINK-1")
@pytest.mark.parametrize("code", ["return_by_link", "return_by_company", "return_by_staff"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_about_being_inactive_tells_the_date_where_there_is_one(letters, code, language) -> None:
    values = person(language=language)
    with_date = letters.render(LETTERS[code], values, WHOLE)
    without = letters.render(LETTERS[code], values, replace(WHOLE, due_on=None))
    day = long_date(date(2027, 3, 5), language)
    for part, bare in ((with_date.text, without.text), (with_date.html, without.html)):
        assert day in part
        assert "2027" not in bare
        assert "\n\n\n" not in bare


BEFORE_AN_ERASURE = ["account_deactivated", "user_deactivated", "erasure_reminder", "termination_noticed"]


@pytest.mark.clause("ERASE-1", "ERASE-2")
@pytest.mark.parametrize("code", BEFORE_AN_ERASURE)
@pytest.mark.parametrize(
    ("language", "day", "choice"),
    [("nb", "5. mars 2027", ("utlevert", "slettet")), ("en", "5 March 2027", ("handed over", "erased"))],
)
def test_letters_before_an_erasure_tell_its_date_and_leave_the_choice_of_return_or_erasure(
    letters, code, language, day, choice
) -> None:
    made = letters.render(LETTERS[code], person(language=language), WHOLE)
    for part in (made.text, made.html):
        assert day in part
        assert all(each in part for each in choice)
        assert "post@semje.com" in part


@pytest.mark.clause("ERASE-2")
@pytest.mark.parametrize(
    ("language", "days"),
    [
        ("nb", ("10. desember 2026", "til og med 31. januar 2027", "5. mars 2027")),
        ("en", ("10 December 2026", "to the end of 31 January 2027", "5 March 2027")),
    ],
)
def test_the_letter_about_a_notice_tells_its_day_its_end_and_the_day_of_erasure(letters, language, days) -> None:
    made = letters.render(LETTERS["termination_noticed"], person(language=language), WHOLE)
    assert [day for day in days if day not in made.text or day not in made.html] == []


@pytest.mark.parametrize("code", BEFORE_AN_ERASURE)
def test_a_letter_whose_event_lacked_a_fact_is_an_error_and_not_a_gap(letters, code) -> None:
    with pytest.raises(UndefinedError):
        letters.render(LETTERS[code], person(), Facts())


def test_a_letter_without_its_token_is_not_made(letters) -> None:
    with pytest.raises(LinkMissing):
        letters.render(LETTERS["password_reset"], person(link_token=None), WHOLE)


def test_a_farewell_without_a_certificate_is_not_made(letters) -> None:
    with pytest.raises(LinkMissing):
        letters.render(LETTERS["user_erased"], person(), Facts(backups_expire_on=date(2027, 4, 4)))


def test_bodies_hold_neither_address_nor_other_personal_facts(letters) -> None:
    for kind in KINDS:
        made = letters.render(kind, person(email="secret@hidden.example"), WHOLE)
        assert "hidden.example" not in made.subject + made.text + made.html


def test_a_greeting_without_a_usable_name_is_still_a_greeting(letters) -> None:
    made = letters.render(LETTERS["account_reactivated"], person(name="http://x", company_name=""), WHOLE)
    assert made.text.startswith("Hei,")
    assert "Virksomheten din" in made.text


@pytest.mark.parametrize(
    ("tag", "language"), [("nb", "nb"), ("nn-NO", "nb"), ("no", "nb"), ("en", "en"), ("sv", "en"), ("", "en")]
)
def test_a_reader_gets_norwegian_or_english(tag, language) -> None:
    assert language_of(tag) == language


@pytest.mark.clause("ISOLATE-1")
@pytest.mark.parametrize(
    ("language", "instant"), [("nb", "5. mars 2027 kl. 00.05"), ("en", "5 March 2027 at 00:05")]
)
def test_a_replaced_address_is_told_when_it_was_and_where_to_object(letters, language, instant) -> None:
    made = letters.render(LETTERS["address_changed"], person(language=language), WHOLE)
    for part in (made.text, made.html):
        assert instant in part
        assert part.count("post@semje.com") == 2
        assert "https://" not in part


def test_dates_are_written_out() -> None:
    assert long_date(date(2027, 12, 31), "nb") == "31. desember 2027"
    assert long_date(date(2027, 1, 1), "en") == "1 January 2027"
