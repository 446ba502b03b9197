"""The interface does what its description says: made-up requests from the real document to the real gateway."""

from __future__ import annotations

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

from tests.e2e.people import Company, Visitor, a_network_address

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

EXAMPLES = 12
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
        if self._company is None or self._company.ask("GET", "/v1/account").status_code != 200:
            self._company = Company(self._system, users=1).move_in()
        return self._company.token


@pytest.fixture(scope="module")
def residents(whole_system):
    whole_system.wait_ready()
    return Residents(whole_system)


@pytest.fixture
def api(system):
    return schemathesis.openapi.from_url(f"{system.gateway}/openapi.json")


described = schemathesis.pytest.from_fixture("api")


@described.parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)
def test_made_up_requests_are_answered_as_described_and_never_with_a_fault_of_ours(case, residents):
    headers = {"X-Forwarded-For": a_network_address()}
    if case.operation.definition.raw.get("security"):
        headers["Authorization"] = f"Bearer {residents.token()}"
    answer = case.call(headers=headers, timeout=40)
    case.validate_response(answer, checks=CHECKS)


def test_the_document_describes_what_is_offered(system):
    document = Visitor(system).must("GET", "/openapi.json", 200)
    assert document["openapi"].startswith("3.1")
    assert len(document["paths"]) > 15
    for path, operations in document["paths"].items():
        for method in operations:
            concrete = path.replace("{user_id}", "7b0f1b3e-0000-4000-8000-000000000000")
            concrete = concrete.replace("{certificate_id}", "7b0f1b3e-0000-4000-8000-000000000000")
            answer = requests.request(method.upper(), system.gateway + concrete, timeout=20)
            assert answer.status_code != 405, f"{method} {path}"
