"""Values that look like machine words and are not, tried on the last gate before a log line."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from kombu.utils.url import parse_url

from shared import config, log

pytestmark = pytest.mark.unit

TOKEN = "zIFQjjs6WZ9ZsRS5h_tC_3HdbOQe6RD427bEgg8w1rc"


@pytest.mark.parametrize(
    "value",
    [
        "fe80::1",
        "2a00::1",
        "::1",
        "2001:db8::7",
        "::ffff:203.0.113.7",
        "203.0.113.7",
        "22-22-55-55",
        "222.25.555",
        "kare22225555",
        "a22225555",
        "deadbeef01017012345",
        "010170-12345",
        "kare@firma.example",
        "+4722225555",
        TOKEN,
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "5d41402abc4b2a76b9719d911017c592",
        f"Basic-{TOKEN[:32]}",
        f"account/{TOKEN}",
        f"https://nogd.example/password/{TOKEN}",
    ],
)
def test_an_address_a_number_or_a_secret_is_withheld(value):
    assert log.safe_value(value) == log.WITHHELD


@pytest.mark.parametrize(
    "value",
    [
        "account.deactivated",
        "evt-account-account.deactivated--retention",
        "rpc.reply",
        "a-warning_word",
        "0.4.1",
        "NO-2026",
        "services/account/store.py:120:erase",
        "psycopg.errors.UniqueViolation",
        "2026-11-22",
        "2026-11-22T10:15:30.123456Z",
        "/token/session/>whoAmI",
    ],
)
def test_what_a_machine_says_is_told(value):
    assert log.safe_value(value) == value


def test_ids_are_told_alone_and_in_company():
    one = str(uuid4())
    for text in (one, f"account/{one}", f"evt-{one}"):
        assert log.safe_value(text) == text


@pytest.mark.parametrize(
    "password", ["plain", "two words", "it's", "back\\slash", "' host=evil.example", "=", "p@ss/w:rd"]
)
def test_a_password_is_one_value_whatever_is_in_it(password, tmp_path):
    dsn = config.dsn(host="127.0.0.1", port=1, database="d", role="r", password=password)
    assert psycopg.conninfo.conninfo_to_dict(dsn)["password"] == password
    assert psycopg.conninfo.conninfo_to_dict(dsn)["host"] == "127.0.0.1"
    (tmp_path / "broker_password").write_text(password)
    settings = config.load({"VILKAR_ENVIRONMENT": "test", "VILKAR_SECRETS_DIR": str(tmp_path)})
    parsed = parse_url(settings.broker_url())
    assert (parsed["password"], parsed["hostname"], parsed["port"]) == (password, "broker", 5672)


def test_settings_show_no_secret(tmp_path):
    (tmp_path / "db_password").write_text("needle-of-a-password")
    settings = config.load(
        {
            "VILKAR_ENVIRONMENT": "test",
            "VILKAR_SECRETS_DIR": str(tmp_path),
            "VILKAR_SMUGGLED": "needle-of-a-password",
        }
    )
    assert settings.secrets.read("db_password") == "needle-of-a-password"
    assert "needle" not in repr(settings)
