"""Production refuses every setting that would make a demo of it, and takes what a real installation says."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.native import plan
from shared import config, production

pytestmark = pytest.mark.unit

REAL = {
    "VILKAR_ENVIRONMENT": "production",
    "VILKAR_GATEWAY_PUBLIC_URL": "https://konto.noegd.no",
    "VILKAR_DESK_PUBLIC_URL": "https://desk.noegd.no",
    "VILKAR_DESK_TRUSTED_PROXY": "10.0.0.2",
    "VILKAR_MAILGUN_URL": "https://api.eu.mailgun.net",
    "VILKAR_MAILGUN_DOMAIN": "mg.noegd.no",
    "VILKAR_TRIPLETEX_URL": "https://tripletex.no/v2",
    "VILKAR_REGISTER_URL": "https://data.brreg.no/enhetsregisteret/api",
    "VILKAR_MAIL_FROM": "Nøgd <post@noegd.no>",
    "VILKAR_CONTACT_ADDRESS": "post@noegd.no",
    "VILKAR_VENDOR_NAME": "Nøgd AS",
    "VILKAR_PRODUCT_NAME": "Nøgd",
    "VILKAR_VENDOR_ORG_NUMBER": "803772096",
    "VILKAR_VENDOR_SEAT": "Kirkenær",
    "VILKAR_VENDOR_PHONE": "413 78 216",
    "VILKAR_PRIVACY_URL": "https://noegd.no/personvern",
}

WRONG = [
    ("VILKAR_MAILGUN_URL", "http://127.0.0.1:8025/mailgun", "https://"),
    ("VILKAR_MAILGUN_URL", "http://api.eu.mailgun.net", "https://"),
    ("VILKAR_TRIPLETEX_URL", "https://127.0.0.1/tripletex", "no public host"),
    ("VILKAR_TRIPLETEX_URL", "https://[::1]/tripletex", "no public host"),
    ("VILKAR_TRIPLETEX_URL", "https://10.0.0.7/v2", "no public host"),
    ("VILKAR_REGISTER_URL", "https://sandbox:8025/register", "no public host"),
    ("VILKAR_REGISTER_URL", "https://register.test", "no public host"),
    ("VILKAR_REGISTER_URL", "https://", "no public host"),
    ("VILKAR_REGISTER_URL", "https://[half", "no web address"),
    ("VILKAR_DUTY_HOOK_URL", "http://pager.noegd.no/hook", "https://"),
    ("VILKAR_DUTY_HOOK_URL", "https://169.254.169.254/latest", "no public host"),
    ("VILKAR_GATEWAY_PUBLIC_URL", "", "must be set"),
    ("VILKAR_GATEWAY_PUBLIC_URL", "http://konto.noegd.no", "https://"),
    ("VILKAR_GATEWAY_PUBLIC_URL", "https://127.0.0.1:8000", "no public host"),
    ("VILKAR_GATEWAY_PUBLIC_URL", "https://konto.firma.example", "no public host"),
    ("VILKAR_GATEWAY_PUBLIC_URL", "https://www.EXAMPLE.com.", "no public host"),
    ("VILKAR_DESK_PUBLIC_URL", "", "must be set"),
    ("VILKAR_DESK_PUBLIC_URL", "http://desk.localhost:8010", "https://"),
    ("VILKAR_DESK_TRUSTED_PROXY", " ", "must be set"),
    ("VILKAR_MAILGUN_DOMAIN", "mg.example.no", "domain of examples"),
    ("VILKAR_MAILGUN_DOMAIN", "", "must be set"),
    ("VILKAR_MAIL_FROM", "Nøgd <post@firma.example>", "nobody can answer"),
    ("VILKAR_CONTACT_ADDRESS", "post@localhost", "nobody can answer"),
    ("VILKAR_VENDOR_NAME", " ", "must be set"),
    ("VILKAR_VENDOR_ORG_NUMBER", "", "must be set"),
    ("VILKAR_PRIVACY_URL", "", "must be set"),
    ("VILKAR_INVENTED_PEOPLE", "yes", "is for a demo"),
]


def test_what_a_real_installation_says_is_taken():
    assert production.faults(REAL) == []
    assert config.load(REAL).environment == "production"


@pytest.mark.parametrize("name", ["VILKAR_MAILGUN_URL", "VILKAR_TRIPLETEX_URL", "VILKAR_REGISTER_URL"])
def test_a_vendor_that_is_not_named_is_the_real_one(name):
    assert production.faults({key: value for key, value in REAL.items() if key != name}) == []


@pytest.mark.parametrize(("name", "value", "said"), WRONG)
def test_each_wrong_setting_is_named(name, value, said):
    (fault,) = production.faults({**REAL, name: value})
    assert name in fault
    assert said in fault


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://pager.noegd.no/hook?room=7", None),
        ("http://127.0.0.1:8025/pager/hook", None),
        ("ftp://pager.noegd.no/hook", "no web address"),
        ("https://", "no web address"),
        ("pager.noegd.no", "no web address"),
        ("https://pager.noegd.no:99999/", "no web address"),
        ("https://kari:secret@pager.noegd.no/", "secret duty_hook_secret"),
        ("https://pager.noegd.no/#room", "secret duty_hook_secret"),
    ],
)
def test_a_hook_has_an_address_that_holds_no_secret(url, fault):
    found = production.hook_fault(url)
    assert found is None if fault is None else fault in str(found)


@pytest.mark.parametrize("end", ["", "/"])
def test_the_sample_of_a_privacy_statement_is_nobodys_own(end):
    (fault,) = production.faults({**REAL, "VILKAR_PRIVACY_URL": f"https://konto.noegd.no/privacy{end}"})
    assert "sample" in fault
    assert "VILKAR_PRIVACY_URL" in fault


def test_all_that_is_wrong_is_said_at_once():
    given_all = {**REAL, **{name: value for name, value, _ in WRONG}}
    assert {name for name, _, _ in WRONG} == {fault.split()[0] for fault in production.faults(given_all)}


@given(st.text(), st.sampled_from(sorted(REAL)))
def test_no_value_breaks_the_check(text, name):
    assert isinstance(production.faults({**REAL, name: text}), list)


@pytest.mark.parametrize("environment", ["demo", "test"])
def test_a_demo_may_be_a_demo(environment):
    assert config.load({"VILKAR_ENVIRONMENT": environment}).environment == environment


PROCESSES = [
    # The proxy is another's program, which has no setting of ours that could be a demo's.
    *[[program.module] for program in plan.PROGRAMS if program.name != "proxy"],
    ["shared.database.migrate"],
    ["deploy.provision.ledger", "begin"],
]


@pytest.mark.parametrize("argv", PROCESSES, ids=lambda argv: argv[0])
def test_every_process_refuses_at_once_and_names_the_setting(argv):
    env = {
        "PATH": os.environ["PATH"],
        **REAL,
        "VILKAR_MAILGUN_URL": "http://127.0.0.1:8025/mailgun",
        "VILKAR_START_SECONDS": "0",
    }
    ended = subprocess.run(
        [sys.executable, "-m", *argv], env=env, cwd=plan.REPOSITORY, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode in {1, 2}, ended.stderr
    assert ("production" if argv == ["sandbox"] else "VILKAR_MAILGUN_URL") in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr


def test_a_production_of_processes_has_no_sandbox_and_is_refused_before_anything_starts():
    every = [program.name for program in plan.PROGRAMS]
    assert plan.suitable(every, REAL) == [name for name in every if name != "sandbox"]
    assert plan.suitable(every, {}) == every
    with pytest.raises(plan.PlanError, match="VILKAR_MAILGUN_URL must begin with https"):
        plan.suitable(every, {**REAL, "VILKAR_MAILGUN_URL": "http://127.0.0.1:8025/mailgun"})
