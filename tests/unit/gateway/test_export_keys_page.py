"""How to check a copy, and the keys for it, stand on a page that anybody may see."""

from __future__ import annotations

import pytest
from werkzeug.test import Client

from services.gateway.app import Gateway
from services.gateway.endpoints import ENDPOINTS
from services.gateway.pages import PAGES
from services.gateway.rate_limits import RATES
from services.gateway.rendering import HERE
from shared.calls import Caller
from shared.http.rate_limits import Limiter
from tests.plugins.exporting import KEY

pytestmark = [pytest.mark.unit, pytest.mark.clause("RIGHTS-2")]

FORMER = {"key_id": "ab" * 8, "public_key": "A" * 43 + "=", "used_since": "2026-11-30T11:00:00+00:00"}
PRESENT = {"key_id": KEY.public.id, "public_key": KEY.public.text(), "used_since": None}


class Account(Caller):
    """Answers with the keys alone."""

    def call(self, service, method, *, timeout_seconds=None, **fields):
        assert (service, method, fields) == ("account", "export_keys", {})
        return {"keys": [PRESENT, FORMER]}


@pytest.fixture
def client():
    return Client(
        Gateway(PAGES + ENDPOINTS, caller=Account(), limiter=Limiter(RATES), public_url="https://x.example")
    )


@pytest.mark.parametrize(
    ("language", "says"), [("nb", ("Kontroller en kopi", "ikke brukt")), ("en", ("Check a copy", "not used yet"))]
)
def test_the_page_has_the_present_key_the_former_ones_and_what_to_do(client, language, says):
    shown = client.get("/exports/keys", headers={"Accept-Language": language})
    assert shown.status_code == 200
    assert all(each in shown.text for each in (*says, PRESENT["public_key"], FORMER["key_id"], "2026-11-30"))
    recipe = (HERE / "templates" / "verify-export.sh").read_text(encoding="utf-8")
    assert recipe.splitlines()[2] in shown.text
    assert "openssl pkeyutl -verify" in shown.text


def test_programs_get_the_keys_as_json(client):
    shown = client.get("/exports/keys.json")
    assert (shown.mimetype, [each["key_id"] for each in shown.json["keys"]]) == (
        "application/json",
        [PRESENT["key_id"], FORMER["key_id"]],
    )
