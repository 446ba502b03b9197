"""The file of a copy, and until when it can be fetched."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account.exports import package, rules, words
from services.account.exports.values import ContributedPage, Export, ExportState
from shared.errors import Conflict, Forbidden, NotFound
from shared.participation.export_values import ExportKind
from tests.plugins.exporting import KEY
from tests.unit.account.states import user

pytestmark = pytest.mark.unit

NOW = datetime(2026, 12, 2, 9, tzinfo=UTC)
ACCOUNT, USER = UUID(int=1), UUID(int=2)
COPY = Export(
    id=UUID(int=3),
    account_id=ACCOUNT,
    user_id=USER,
    asked_by=USER,
    kind=ExportKind.ACCESS,
    state=ExportState.COLLECTING,
    asked_at=NOW,
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
    written = package.write(COPY, lambda: iter(pages), sink, key=KEY, vendor="Semje", now=NOW)
    whole = b"".join(pieces)
    assert written.size == len(whole)
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
        readings = iter([[page("account", "users", {"name": "Kari"})], [page("account", "users")]])
        sink = package.Measured(lambda *_: None)
        with pytest.raises(package.PackageError):
            package.write(COPY, lambda: iter(next(readings)), sink, key=KEY, vendor="Semje", now=NOW)

    def test_a_file_of_a_hundred_pages_is_written_a_page_at_a_time(self):
        def pages() -> Iterator[ContributedPage]:
            for number in range(100):
                yield page("account", "users", *({"name": f"{number} {at} " + "x" * 200} for at in range(200)))

        tracemalloc.start()
        package.write(COPY, pages, package.Measured(lambda *_: None), key=KEY, vendor="Semje", now=NOW)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 8_000_000


@pytest.mark.parametrize("language", ["nb", "en"])
def test_an_answer_tells_every_item_of_article_15_and_names_recipients(language):
    told = words._ANSWER[language]
    assert set(told) == set(words.ITEMS)
    assert all(told[item].strip() for item in words.ITEMS)
    answer = words.access_answer("Semje")[language]
    for recipient in ("Tripletex", "Mailgun", "Domeneshop", "Datatilsynet", "Semje"):
        assert recipient in answer


class TestTimes:
    def test_a_copy_is_over_a_week_after_it_was_ready_to_the_second(self):
        assert not rules.is_over(READY, NOW + timedelta(days=7, seconds=-1))
        assert rules.is_over(READY, NOW + timedelta(days=7))

    def test_one_dated_ahead_by_a_wrong_clock_is_over(self):
        assert rules.is_over(replace(READY, ready_at=NOW + timedelta(days=400)), NOW)

    def test_one_that_never_became_ready_is_asked_for_and_shown_for_ninety_days(self):
        assert not rules.is_over(COPY, NOW + timedelta(days=89))
        assert rules.is_over(COPY, NOW + timedelta(days=90))

    def test_who_was_made_inactive_gets_no_copy_of_the_company(self):
        owner = user(id=USER, account_id=ACCOUNT, role="owner")
        rules.check_owner(owner)
        with pytest.raises(Forbidden):
            rules.check_owner(replace(owner, state="inactive"))

    def test_the_pauses_grow_and_have_a_bound(self):
        pauses = [rules.next_try(tries, NOW) - NOW for tries in range(100)]
        assert pauses == sorted(pauses)
        assert pauses[0] == rules.FIRST_RETRY
        assert pauses[-1] == rules.LAST_RETRY


class TestWhoFetches:
    def test_somebody_else_is_told_that_there_is_none(self):
        other = user(id=uuid4(), account_id=ACCOUNT)
        for export in (None, READY):
            with pytest.raises(NotFound):
                rules.check_fetched(export, other, NOW)

    def test_nobody_fetches_a_half_copy(self):
        with pytest.raises(Conflict):
            rules.check_fetched(COPY, user(id=USER, account_id=ACCOUNT), NOW)

    def test_whoever_asked_fetches_it(self):
        assert rules.check_fetched(READY, user(id=USER, account_id=ACCOUNT), NOW) is READY
