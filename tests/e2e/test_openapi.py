"""The interface does what its description says: made-up requests from the real document to the real gateway."""

from __future__ import annotations

import re

import hypothesis
import pytest
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.gateway.endpoints import ENDPOINTS
from tests.e2e.people import Company, Visitor, a_network_address

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

EXAMPLES = 12
PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


class Residents:
    """Somebody with a session, and somebody else when a made-up request has ended it."""

    def __init__(self, system):
        self._system = system
        self._company = None

    def token(self):
        """A session that is open; a made-up log-out or deactivation may have ended the one before."""
        if self._company is not None and self._company.ask("GET", "/v1/account").status_code == 200:
            return self._company.token
        if self._company is None:
            self._company = Company(self._system).move_in()
        try:
            self._company.token = self._company.log_in()["token"]
        except AssertionError:
            self._company = Company(self._system).move_in()
        return self._company.token


@pytest.fixture(scope="module")
def residents(whole_system):
    whole_system.wait_ready()
    return Residents(whole_system)


@pytest.fixture(scope="module")
def described(whole_system):
    whole_system.wait_ready()
    return schemathesis.openapi.from_url(f"{whole_system.gateway}/openapi.json")


OPERATIONS = sorted((endpoint.method, PLACE.sub(r"{\1}", endpoint.path)) for endpoint in ENDPOINTS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_made_up_requests_are_answered_as_described_and_with_no_fault_of_ours(described, residents, method, path):
    operation = described[path][method]

    @hypothesis.given(case=operation.as_strategy())
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )
    def conforms(case):
        headers = {"X-Forwarded-For": a_network_address()}
        if operation.definition.raw.get("security"):
            headers["Authorization"] = f"Bearer {residents.token()}"
        answer = case.call(headers=headers, timeout=40)
        case.validate_response(answer, checks=CHECKS, headers=headers)

    conforms()


def test_the_document_describes_what_is_offered_and_nothing_else(system):
    document = Visitor(system).must("GET", "/openapi.json", 200)
    assert document["openapi"].startswith("3.1")
    told = sorted((method.upper(), path) for path, methods in document["paths"].items() for method in methods)
    assert told == OPERATIONS
    for method, path in told:
        concrete = re.sub(r"\{\w+\}", "7b0f1b3e-0000-4000-8000-000000000000", path)
        answer = requests.request(method, system.gateway + concrete, timeout=20)
        assert answer.status_code != 405, f"{method} {path}"
