"""The file of a copy, and until when it can be fetched."""

from __future__ import annotations

import io
import json
import re
import subprocess
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account.exports import package, rules, words
from services.account.exports.contributed import MOST_BYTES, MOST_PAGES, ContributionError, checked
from services.account.exports.values import Answerer, ContributedPage, Export, ExportState, Part, Withdrawal
from shared import held_data
from shared.errors import Conflict, Forbidden, Locked, NotFound
from shared.participation.calls import ExportPartShown
from shared.participation.export_values import ExportKind
from shared.signing import SigningKey
from shared.terms.parameters import HISTORY
from tests.plugins.exporting import KEY
from tests.unit.account.states import account, user

pytestmark = pytest.mark.unit

SEMJE = Answerer(vendor="Semje Software AS", keys_at="https://noegd.example/exports/keys")
RECIPE = Path(__file__).resolve().parents[3] / "services/gateway/templates/verify-export.sh"
NOW = datetime(2026, 12, 2, 9, tzinfo=UTC)
ACCOUNT, USER = UUID(int=1), UUID(int=2)
COPY = Export(
    id=UUID(int=3),
    wish_id=UUID(int=3),
    account_id=ACCOUNT,
    user_id=USER,
    asked_by=USER,
    kind=ExportKind.ACCESS,
    state=ExportState.COLLECTING,
    asked_at=NOW,
    wished_at=NOW,
    ready_at=None,
    package_bytes=None,
    package_sha256=None,
    chunks=None,
)
READY = replace(COPY, state=ExportState.READY, ready_at=NOW)


def page(contributor: str, table: str | None, *rows: dict[str, object]) -> ContributedPage:
    columns = [
        {"name": name, "nb": name, "en": name, "origin": "provided"} for name in (rows[0] if rows else ["name"])
    ]
    told = {"name": table, "nb": "Tabell", "en": "Table", "columns": columns}
    return ContributedPage(contributor=contributor, table=told if table else None, rows=rows)


def packed(*pages: ContributedPage) -> dict[str, bytes]:
    pieces: list[bytes] = []
    sink = package.Measured(lambda _, data: pieces.append(data))
    written = package.write(COPY, lambda: iter(pages), sink, key=KEY, answerer=SEMJE, now=NOW)
    whole = b"".join(pieces)
    assert written.size == len(whole)
    assert sum(written.rows.values()) == sum(len(each.rows) for each in pages)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


class TestFile:
    def test_pages_of_one_table_become_one_table(self):
        files = packed(
            page("account", "users", {"name": "Kari"}),
            page("account", "users", {"name": "Ola"}),
            page("account", "empty"),
            page("staff", None),
        )
        tables = {each["name"]: each["rows"] for each in json.loads(files["data.json"])["tables"]}
        assert tables == {"users": [{"name": "Kari"}, {"name": "Ola"}], "empty": []}
        assert files["tables/account.users.csv"].decode("utf-8-sig").split() == ["name", "Kari", "Ola"]
        counted = {each["name"]: each["tables"] for each in json.loads(files["manifest.json"])["contributors"]}
        assert counted == {"account": {"users": 2, "empty": 0}, "staff": {}}

    @pytest.mark.parametrize(
        "name", ["=1+1", "+4790012345", "-2", "@SUM(A1)", "\tx", "\rx", "a;=1", "\uff1d1", "  =1"]
    )
    def test_a_name_that_is_a_formula_is_none_in_a_table_and_itself_in_json(self, name):
        files = packed(page("account", "users", {"name": name}))
        assert "'" in files["tables/account.users.csv"].decode()
        assert json.loads(files["data.json"])["tables"][0]["rows"] == [{"name": name}]

    @given(st.text())
    def test_no_cell_begins_as_a_formula(self, value):
        assert (
            not package.cell(value)
            .lstrip()
            .startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))
        )

    def test_what_differs_from_one_reading_to_the_next_is_not_made(self):
        one, another = [page("account", "users", {"name": "Kari"})], [page("account", "users")]
        for readings in ([one, another], [one, one, another], [one, one, one, another]):
            left = iter(readings)
            sink = package.Measured(lambda *_: None)
            with pytest.raises(package.PackageError):
                package.write(COPY, lambda left=left: iter(next(left)), sink, key=KEY, answerer=SEMJE, now=NOW)

    def test_a_file_of_a_hundred_pages_is_written_a_page_at_a_time(self):
        def pages() -> Iterator[ContributedPage]:
            for number in range(100):
                yield page("account", "users", *({"name": f"{number} {at} " + "x" * 200} for at in range(200)))

        tracemalloc.start()
        package.write(COPY, pages, package.Measured(lambda *_: None), key=KEY, answerer=SEMJE, now=NOW)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 8_000_000


class TestReadable:
    """What a person reads of an answer: words and no codes, in either language, and nothing that runs."""

    @staticmethod
    def read(language: str, *rows: dict[str, object], codes: tuple[dict[str, str], ...] = ()) -> str:
        columns = [
            {"name": name, "nb": f"{name} nb", "en": f"{name} en", "origin": "observed", "codes": codes}
            for name in rows[0]
        ]
        table = {"name": "users", "nb": "Brukere", "en": "Users", "columns": columns}
        given = ContributedPage(contributor="account", table=table, rows=rows)
        return packed(given, page("registers", None))[f"copy.{language}.html"].decode()

    @pytest.mark.clause("RIGHTS-1")
    @pytest.mark.parametrize(
        ("language", "said"),
        [
            ("nb", ("Kontoer: Brukere", "state nb", "<td>aktiv</td>", "2. desember 2026 kl. 10.00 (+01:00)", "ja")),
            ("en", ("Accounts: Users", "state en", "<td>active</td>", "2 December 2026 at 10:00 (+01:00)", "yes")),
        ],
    )
    def test_codes_instants_and_flags_are_said_in_the_language_of_the_page(self, language, said):
        codes = ({"code": "is_active", "nb": "aktiv", "en": "active"},)
        row = {"state": "is_active", "at": NOW.isoformat(), "is_on": True, "list": ["is_active", "another"]}
        read = self.read(language, row, codes=codes)
        assert all(each in read for each in said)
        assert "is_active" not in read
        assert read.startswith("<!doctype html>")
        assert words.access_answer(SEMJE)[language].split("\n", 1)[0] in read

    def test_a_wide_table_is_read_row_by_row(self):
        read = self.read("nb", {f"c{number}": number for number in range(9)})
        assert "<dt>c8 nb</dt><dd>8</dd>" in read

    def test_a_table_without_rows_says_that_there_is_nothing(self):
        assert "<p>Nothing.</p>" in packed(page("account", "users"))["copy.en.html"].decode()

    def test_what_somebody_typed_runs_nowhere_and_keeps_no_copy_from_being_made(self):
        read = self.read(
            "nb", {"a": "<script>alert(1)</script>", "b": "2026-99-99", "c": "0001-01-01T00:00:00+00:00"}
        )
        assert "<script" not in read
        assert "&lt;script&gt;" in read
        assert "2026-99-99" in read
        assert "default-src 'none'" in read

    def test_what_is_taken_along_has_codes_and_what_they_mean_and_no_page(self):
        assert "codes" in json.dumps(package.SCHEMA)
        pieces: list[bytes] = []
        sink = package.Measured(lambda _, data: pieces.append(data))
        taken = replace(COPY, kind=ExportKind.PORTABILITY)
        package.write(taken, lambda: iter([page("a", "b", {"c": "d"})]), sink, key=KEY, answerer=SEMJE, now=NOW)
        with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
            assert not [
                name for name in archive.namelist() if name.endswith((".html", ".txt")) and "README" not in name
            ]


PERIODS = re.compile(r"(retention|log|file|accounting|backup)\.[a-z_]+|early_request\.kept")
NOT_OF_DATA = {
    "backup.interval": "how often there is a backup",
    "backup.proof_interval": "how often a restore is proved",
    "log.login_retention_cap": "what nobody may set the other one above",
}
"""Parameters named like a period for which data are kept, that are none."""


@pytest.mark.clause("RIGHTS-1")
@pytest.mark.parametrize("language", ["nb", "en"])
class TestAnswer:
    def test_every_item_of_article_15_is_told(self, language):
        items = words._items(language, SEMJE)
        assert tuple(items) == words.ITEMS
        assert all(told.strip() and "{" not in told for told in items.values())

    def test_recipients_are_named_from_one_list_and_whoever_keeps_the_books_too(self, language):
        answer = words.access_answer(replace(SEMJE, accountant="Grue Regnskap AS"))[language]
        for each in held_data.RECIPIENTS:
            assert each.name.partition(" (")[0] in answer
        assert "Grue Regnskap AS" in answer
        assert "Grue" not in words.access_answer(SEMJE)[language]

    def test_every_kind_of_data_has_its_purpose_basis_and_period_in_force(self, language):
        items = words._items(language, SEMJE)
        for kind in held_data.held_data(language):
            assert kind["what"] in items["b"]
            assert f"{kind['why']} ({kind['basis']})" in items["a"]
            assert f"{kind['what']}\n  {kind['until']}" in items["d"]

    def test_a_transfer_is_told_where_the_provider_of_mail_is_outside_the_eea(self, language):
        inside, outside = (words._items(language, replace(SEMJE, mail_in_eea=each)) for each in (True, False))
        assert "USA" not in "".join(inside.values())
        assert "46" in outside["transfers"]
        assert "Sinch Mailgun (USA)" in outside["c"]


def test_each_period_for_which_data_of_persons_are_kept_is_told():
    told = set(held_data.FIGURES.values()) | set(held_data.YEARS.values())
    assert {each.key for each in HISTORY if PERIODS.fullmatch(each.key)} - told == NOT_OF_DATA.keys()
    assert held_data.KEPT_DAYS["copy_days"] == rules.AVAILABLE.days


@pytest.mark.clause("RIGHTS-2")
@pytest.mark.parametrize("fault", ["none", "other_key", "changed_row", "further_file"])
def test_a_copy_is_checked_without_us_by_the_recipe_of_the_page(tmp_path, fault):
    pieces: list[bytes] = []
    sink = package.Measured(lambda _, data: pieces.append(data))
    pages = [page("account", "users", {"name": "Kari"})]
    package.write(COPY, lambda: iter(pages), sink, key=KEY, answerer=SEMJE, now=NOW)
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as made, zipfile.ZipFile(tmp_path / "copy.zip", "w") as copy:
        for name in made.namelist():
            data = made.read(name)
            copy.writestr(name, data.replace(b"Kari", b"Kara") if fault == "changed_row" else data)
        if fault == "further_file":
            copy.writestr("more.txt", "more")
    key = (SigningKey(b"another key than that one, 32 by") if fault == "other_key" else KEY).public.text()
    ended = subprocess.run(
        ["sh", str(RECIPE), "copy.zip", key], cwd=tmp_path, capture_output=True, check=False, timeout=60
    )
    assert (ended.returncode == 0) is (fault == "none"), ended.stderr


class TestTimes:
    def test_a_copy_is_over_a_week_after_it_was_ready_to_the_second(self):
        assert not rules.is_over(READY, NOW + timedelta(days=7, seconds=-1))
        assert rules.is_over(READY, NOW + timedelta(days=7))

    def test_one_dated_ahead_by_a_wrong_clock_is_over(self):
        assert rules.is_over(replace(READY, ready_at=NOW + timedelta(days=400)), NOW)

    def test_one_that_never_became_ready_is_over_only_once_a_person_answers_for_it(self):
        assert not rules.is_over(COPY, NOW + timedelta(days=400))
        with_a_person = replace(COPY, handed_over_at=NOW + timedelta(days=3))
        assert not rules.is_over(with_a_person, NOW + timedelta(days=89))
        assert rules.is_over(with_a_person, NOW + timedelta(days=90))

    def test_a_person_has_most_of_the_month_for_one_that_was_not_made(self):
        assert rules.handed_over_before(NOW) == NOW - timedelta(days=3)

    def test_one_that_was_withdrawn_is_shown_for_a_week_and_asked_for_anew(self):
        withdrawn = replace(
            COPY, state=ExportState.WITHDRAWN, withdrawn_at=NOW, withdrawn_because=Withdrawal.HELD, renewed_at=NOW
        )
        assert not rules.is_over(replace(withdrawn, renewed_at=None), NOW + timedelta(days=8))
        assert not rules.is_over(withdrawn, NOW + timedelta(days=7, seconds=-1))
        assert rules.is_over(withdrawn, NOW + timedelta(days=7))
        assert not rules.is_same(withdrawn, NOW, anew=False)

    def test_asked_again_from_outside_it_is_the_one_that_is_there_and_with_a_list_only_for_a_day(self):
        for days, outside, with_a_list in (
            (0.9, True, True),
            (1.1, True, False),
            (6.9, True, False),
            (7, False, False),
        ):
            later = NOW + timedelta(days=days)
            same = [rules.is_same(READY, later, anew=anew) for anew in (False, True)]
            assert same == [outside, with_a_list], days
        assert rules.is_same(COPY, NOW + timedelta(days=30), anew=True), "it is being made"

    def test_an_order_that_nobody_heard_is_told_anew_about_once_an_hour(self):
        assert [tries for tries in range(20) if rules.tells_anew(tries)] == [5, 11, 17]

    def test_the_pauses_grow_and_have_a_bound(self):
        pauses = [rules.next_try(tries, NOW) - NOW for tries in range(100)]
        assert pauses == sorted(pauses)
        assert pauses[0] == rules.FIRST_RETRY
        assert pauses[-1] == rules.LAST_RETRY


OWNER = user(id=USER, account_id=ACCOUNT, role="owner")
COMPANY = account(id=ACCOUNT)


class TestWhoFetches:
    def test_somebody_else_is_told_that_there_is_none(self):
        other = user(id=uuid4(), account_id=ACCOUNT)
        for export in (None, READY):
            with pytest.raises(NotFound):
                rules.check_fetched(export, COMPANY, other, NOW)

    def test_nobody_fetches_a_half_copy_or_one_that_was_withdrawn(self):
        for export in (COPY, replace(READY, state=ExportState.WITHDRAWN)):
            with pytest.raises(Conflict):
                rules.check_fetched(export, COMPANY, OWNER, NOW)

    @pytest.mark.parametrize("state", [{}, {"blocked": True}, {"register_outcome": "bankrupt"}])
    def test_whoever_asked_fetches_their_own_whatever_became_of_the_company(self, state):
        company = account(id=ACCOUNT, **state)
        assert rules.proof_refusal(company, OWNER) is None
        assert rules.check_fetched(READY, company, OWNER, NOW) is READY

    @pytest.mark.parametrize(
        ("company", "owner", "refusal"),
        [
            ({}, {"role": "user"}, Forbidden),
            ({}, {"state": "inactive"}, Forbidden),
            ({"blocked": True}, {}, Locked),
            ({"register_outcome": "bankrupt"}, {}, Conflict),
        ],
    )
    def test_the_companys_is_for_who_answers_for_it(self, company, owner, refusal):
        of_company = replace(READY, user_id=None)
        assert rules.check_fetched(of_company, COMPANY, OWNER, NOW) is of_company
        with pytest.raises(refusal):
            rules.check_fetched(of_company, account(id=ACCOUNT, **company), replace(OWNER, **owner), NOW)

    def test_an_estate_whose_owners_a_person_let_instruct_again_gets_it(self):
        estate = account(id=ACCOUNT, register_outcome="bankrupt", owner_may_instruct=True)
        rules.check_company_copy(estate, OWNER)


FIRST = Part(export_id=UUID(int=3), contributor="audit", following=None, pages=0, rows=0, tries=0)


def answer(following: str | None = None, **changes: object) -> ExportPartShown:
    column = {"name": "name", "nb": "navn", "en": "name", "origin": "provided"}
    page = {"table": "users", "nb": "Brukere", "en": "Users", "columns": [column], "rows": [{"name": "Kari"}]}
    return ExportPartShown.from_json({"page": {**page, **changes}, "following": following})


def column(name: str, origin: str = "provided") -> dict[str, str]:
    return {"name": name, "nb": "x", "en": "x", "origin": origin}


CODE = {"code": "on", "nb": "på", "en": "on"}


class TestWhatAContributorAnswers:
    def test_page_after_page_of_one_table_and_then_of_another_is_taken(self):
        first = checked(answer("users/1"), FIRST, ExportKind.ACCESS)
        part = replace(FIRST, pages=1, following=first.following, tables=first.tables, form=first.form)
        second = checked(answer("letters/"), part, ExportKind.ACCESS)
        assert second.tables == ("users",)
        part = replace(part, pages=2, following=second.following)
        third = checked(answer(table="letters"), part, ExportKind.ACCESS)
        assert (third.tables, third.rows, third.following) == (("users", "letters"), 1, None)

    def test_a_service_that_holds_nothing_says_so_at_once(self):
        nothing = ExportPartShown(page=None, following=None)
        assert checked(nothing, FIRST, ExportKind.ACCESS).rows == 0
        with pytest.raises(ContributionError, match="ends_without_a_table"):
            checked(nothing, replace(FIRST, pages=1), ExportKind.ACCESS)

    @pytest.mark.parametrize(
        ("fault", "wrong"),
        [
            ("name_of_table", answer(table="../../x")),
            ("name_of_table", answer(table="Users")),
            ("name_of_column", answer(columns=[column("=1+1")], rows=[])),
            ("columns", answer(columns=[], rows=[])),
            ("columns", answer(columns=[column("name"), column("name")], rows=[])),
            ("codes", answer(columns=[{**column("name"), "codes": [CODE, CODE]}])),
            ("codes", answer(columns=[{**column("name"), "codes": [{**CODE, "nb": "x" * 301}]}])),
            ("row_without_its_columns", answer(rows=[{}])),
            ("row_without_its_columns", answer(rows=[{"name": "Kari", "more": 1}])),
            ("value_that_no_cell_holds", answer(rows=[{"name": {"a": 1}}])),
            ("value_that_no_cell_holds", answer(rows=[{"name": [["a"]]}])),
            ("derived_is_not_taken_along", answer(columns=[column("name", "derived")])),
        ],
    )
    def test_what_is_no_page_is_refused(self, fault, wrong):
        with pytest.raises(ContributionError, match=fault):
            checked(wrong, FIRST, ExportKind.PORTABILITY)

    @pytest.mark.parametrize(
        ("fault", "part", "wrong"),
        [
            ("does_not_advance", {"following": "users/1", "pages": 1}, answer("users/1")),
            ("table_comes_back", {"tables": ("users", "letters"), "form": "x"}, answer()),
            ("table_changed", {"tables": ("users",), "form": "of other columns"}, answer()),
            ("too_many_pages", {"pages": MOST_PAGES}, answer()),
            ("too_many_bytes", {"bytes": MOST_BYTES}, answer()),
            ("place_too_long", {}, answer("x" * 201)),
        ],
    )
    def test_what_does_not_go_on_from_the_page_before_is_refused(self, fault, part, wrong):
        with pytest.raises(ContributionError, match=fault):
            checked(wrong, replace(FIRST, **part), ExportKind.ACCESS)
