"""A certificate in the terminal: nothing of it is left out, and no line is longer than a terminal is wide."""

from __future__ import annotations

import json

import pytest

from services.desk.__main__ import run
from services.desk.cli.output import FAULT
from services.retention.certificates import rules as certificate_rules
from services.retention.certificates.format import FIRST_FORMAT, FORMAT
from shared.participation.events import COUNTED
from shared.system import PARTICIPANTS
from tests.unit.retention.certificate_samples import BODY, KEY, signed

pytestmark = pytest.mark.unit

WIDE = 120
WHOLE = BODY | {
    "erased": [
        {
            "store": name,
            "method": certificate_rules.METHODS.get(name, "rows_deleted"),
            "counts": dict.fromkeys(COUNTED, 7),
        }
        for name in PARTICIPANTS
    ]
}
GONE = {"outcome", "erased", "kept_by_law", "held_back", "key_copies_expire_on"}
FIRST = {name: value for name, value in WHOLE.items() if name not in GONE} | {
    "complete": True,
    "stores": WHOLE["erased"],
    "retained": WHOLE["kept_by_law"],
}


@pytest.mark.parametrize(("body", "form"), [(WHOLE, FORMAT), (FIRST, FIRST_FORMAT)])
def test_a_certificate_is_verified_and_shown_in_lines_that_fit(tmp_path, capsys, body, form) -> None:
    file = tmp_path / "certificate.json"
    file.write_text(signed(body, form))
    verify = ["certificate", "verify", str(file), "--key", KEY.public.text()]
    assert run(verify) == 0
    shown = capsys.readouterr().out
    assert [line for line in shown.splitlines() if len(line) > WIDE] == []
    assert shown.splitlines()[-1] == "The certificate is valid."
    words = " ".join(shown.split())
    named = ("certificate_id", "previous", "key_destruction_id", "reference")
    assert [value for value in (*map(body.get, named), "2030-06-30", *PARTICIPANTS) if value not in words] == []
    assert all(kind.replace("_", " ") in words for kind in COUNTED)
    assert run([*verify, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"valid": True, "certificate": body}


def test_what_the_gateway_serves_is_verified_as_it_came(tmp_path, capsys) -> None:
    """Its answer has the signed document as a text; nobody has to take it out by hand."""
    file, verify = tmp_path / "answer.json", ["--key", KEY.public.text()]
    served = {"document": signed(WHOLE, FORMAT), "verdict": "valid", "public_key": KEY.public.pem()}
    file.write_text(json.dumps(served))
    assert run(["certificate", "verify", str(file), *verify]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "The certificate is valid."
    altered = served["document"].replace(str(WHOLE["due_on"]), "2027-03-02")
    assert altered != served["document"]
    for wrong in (served | {"document": altered}, {"document": 5}, {"document": "x"}, ["document"], {}):
        file.write_text(json.dumps(wrong))
        assert run(["certificate", "verify", str(file), *verify]) == FAULT, wrong
