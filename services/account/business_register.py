"""Enhetsregisteret over HTTP: what it says of an organisation number, and nothing kept of it.

https://data.brreg.no/enhetsregisteret/api/dokumentasjon: open data, no authentication. A unit that was deleted
is answered with 200 too, so the body is judged, not the status; an empty 404 may be the number of a sub-entity.
"""

from __future__ import annotations

import json
from typing import Any, Final

from services.account.values import RegisterAnswer
from shared.errors import Permanent, Unavailable
from shared.vendor_http import AnswerTooLarge, VendorClient

ACCEPT: Final = "application/vnd.brreg.enhetsregisteret.{kind}.v2+json"
"""Version 1 is answered with 406."""
USER_AGENT: Final = "vilkar/0.1 (+mailto:post@semje.com)"
TOTAL_SECONDS: Final = 4.0
BODY_LIMIT_BYTES: Final = 256 * 1024

OK: Final = 200
NOT_FOUND: Final = 404
GONE: Final = 410
TOO_MANY: Final = 429
SERVER_ERRORS: Final = 500


class BusinessRegister:
    """Asks about one number at a time; every question ends within some seconds."""

    def __init__(self, url: str, *, user_agent: str = USER_AGENT, total_seconds: float = TOTAL_SECONDS) -> None:
        """`url` is the API's base, without a slash at the end."""
        self._http = VendorClient(
            "register",
            url,
            total_seconds=total_seconds,
            answer_limit_bytes=BODY_LIMIT_BYTES,
            headers={"User-Agent": user_agent},
        )

    def look_up(self, org_number: str) -> RegisterAnswer:
        """What the register says of the number.

        Raises `Unavailable` or `DeadlineExceeded` when it does not answer, `Permanent` when it answers in a way
        that this adapter does not understand. Error texts never hold the number.
        """
        status, body = self._get("enheter", "enhet", org_number)
        if status == NOT_FOUND:
            status, body = self._get("underenheter", "underenhet", org_number)
            found: RegisterAnswer = RegisterAnswer(kind="sub_entity")
        else:
            found = RegisterAnswer(kind="found")
        if status == NOT_FOUND:
            return RegisterAnswer(kind="not_found")
        if status == GONE:
            return RegisterAnswer(kind="removed")
        unit = _unit(body, org_number)
        if unit.get("respons_klasse", "").startswith("Slettet") or unit.get("slettedato"):
            return RegisterAnswer(kind="deleted", org_form=_form(unit))
        if found.kind == "sub_entity":
            return RegisterAnswer(kind="sub_entity", org_form=_form(unit))
        return _living(unit)

    def _get(self, path: str, kind: str, org_number: str) -> tuple[int, bytes]:
        try:
            answer = self._http.call("GET", f"/{path}/{org_number}", headers={"Accept": ACCEPT.format(kind=kind)})
        except AnswerTooLarge as error:
            raise Permanent(str(error)) from None
        _check_status(answer.status)
        return answer.status, answer.body


def _check_status(status: int) -> None:
    if status in (OK, NOT_FOUND, GONE):
        return
    if status == TOO_MANY or status >= SERVER_ERRORS:
        raise Unavailable(f"the business register answered {status}")
    raise Permanent(f"the business register answered {status}")


def _unit(body: bytes, org_number: str) -> dict[str, Any]:
    try:
        unit = json.loads(body)
    except (ValueError, RecursionError):
        raise Permanent("the business register answered something that is not JSON") from None
    if not isinstance(unit, dict) or unit.get("organisasjonsnummer") != org_number:
        raise Permanent("the business register answered about something else")
    return unit


def _living(unit: dict[str, Any]) -> RegisterAnswer:
    name = unit.get("navn")
    if not isinstance(name, str):
        raise Permanent("the business register gave no name")
    winding_up = ("underAvvikling", "underTvangsavviklingEllerTvangsopplosning")
    return RegisterAnswer(
        kind="found",
        name=name,
        org_form=_form(unit),
        bankrupt=unit.get("konkurs") is True,
        winding_up=any(unit.get(flag) is True for flag in winding_up),
    )


def _form(unit: dict[str, Any]) -> str | None:
    form = unit.get("organisasjonsform")
    code = form.get("kode") if isinstance(form, dict) else None
    return code if isinstance(code, str) and code.isalnum() and len(code) <= 10 else None  # noqa: PLR2004  # codes are short
