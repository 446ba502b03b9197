"""The type of every problem document leads to a page that says what it means and what to do, in both languages."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client

from services.gateway import problems
from services.gateway.app import Gateway
from services.gateway.endpoints import ENDPOINTS
from services.gateway.pages import PAGES
from services.gateway.problem_words import PROBLEMS
from services.gateway.rate_limits import RATES
from shared.errors import REFUSALS, Internal, Refused, Unavailable
from shared.http import bodies
from shared.http.rate_limits import Limiter

pytestmark = pytest.mark.unit

PROXY = Path(__file__).resolve().parents[3] / "deploy/haproxy/haproxy.cfg"
AT_THE_DOOR = "timeout"
"""Only the proxy answers so: a request that is slow does not reach the gateway."""


@pytest.fixture(scope="module")
def client():
    return Client(
        Gateway(ENDPOINTS + PAGES, caller=None, limiter=Limiter(RATES), public_url="https://vilkar.example")
    )


def kinds(of: type[Refused]) -> Iterator[type[Refused]]:
    yield of
    for each in of.__subclasses__():
        yield from kinds(each)


def test_every_error_that_can_be_answered_has_its_words_and_its_status() -> None:
    raised = [
        kind for kind in kinds(Refused) if kind.__module__ in ("shared.errors", bodies.__name__, problems.__name__)
    ]
    assert {kind.code for kind in raised} >= REFUSALS.keys()
    statuses = {kind.code: kind.status for kind in raised} | {"unavailable": 503, "internal": 500}
    assert {code: each.status for code, each in PROBLEMS.items() if code != AT_THE_DOOR} == statuses


@pytest.mark.parametrize("error", [*(kind() for kind in REFUSALS.values()), Unavailable("x"), Internal("1")])
@pytest.mark.parametrize(("language", "at"), [("nb", 0), ("en", 1)])
def test_the_type_of_an_answer_resolves_to_its_page(client, error, language, at) -> None:
    answer = problems.of_error(error)
    told = json.loads(answer.data)
    shown = client.get(told["type"], headers={"Accept-Language": language})
    assert (shown.status_code, shown.mimetype) == (200, "text/html")
    problem = PROBLEMS[told["type"].rpartition("/")[2]]
    assert told["title"] == problem.title[1]
    text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", shown.text)))
    for words in (problem.title[at], problem.meaning[at], problem.remedy[at], f"HTTP {problem.status}"):
        assert words in text
    assert f'<div lang="{language}">' in shown.text


def test_the_list_of_all_leads_to_each_and_the_way_there_is_on_the_first_page(client) -> None:
    assert 'href="/problems"' in client.get("/api").text
    listed = client.get("/problems?language=en").text
    for code in PROBLEMS:
        assert f'href="/problems/{code}?language=en"' in listed
        assert client.get(f"/problems/{code}?language=en").status_code == 200
    assert client.get("/problems/teapot").status_code == 404


def test_the_proxy_answers_with_problems_of_the_list_and_their_titles() -> None:
    answered = [json.loads(text) for text in re.findall(r"string '(\{.*?\})'", PROXY.read_text(encoding="utf-8"))]
    assert len(answered) >= 8
    for told in answered:
        problem = PROBLEMS[told["type"].removeprefix("/problems/")]
        assert told["title"] == problem.title[1]
        assert told["status"] in {problem.status, 431, 502, 503, 504}, "what the proxy alone can know"
    assert AT_THE_DOOR in {told["type"].rpartition("/")[2] for told in answered}
