"""Enhetsregisteret over HTTP: what it says of an organisation number, and nothing kept of it.

https://data.brreg.no/enhetsregisteret/api/dokumentasjon: open data, no authentication. A unit that was deleted
is answered with 200 too, so the body is judged, not the status; an empty 404 may be the number of a sub-entity.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from services.account.register.values import RegisterAnswer
from shared.errors import Permanent, Unavailable
from shared.vendor_http import AnswerTooLarge, VendorClient, json_of
from shared.version import VERSION

ACCEPT: Final = "application/vnd.brreg.enhetsregisteret.{kind}.v2+json"
"""Version 1 is answered with 406."""
TOTAL_SECONDS: Final = 4.0
BODY_LIMIT_BYTES: Final = 256 * 1024
FORM_LIMIT: Final = 10
"""Characters of a code of a legal form; they are two to four."""

OK: Final = 200
NOT_FOUND: Final = 404
GONE: Final = 410
TOO_MANY: Final = 429
SERVER_ERRORS: Final = 500


def user_agent_of(contact: str) -> str:
    """Who asks, so that the keepers of the register can reach a person at this e-mail address."""
    return f"vilkar/{VERSION} (+mailto:{quote(contact, safe='@')})"


class BusinessRegister:
    """Asks about one number at a time; every question ends within some seconds."""

    def __init__(self, url: str, *, user_agent: str = "vilkar", total_seconds: float = TOTAL_SECONDS) -> None:
        """`url` is the API's base, without a slash at the end; `user_agent` is that of `user_agent_of`."""
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
        of_part = status == NOT_FOUND
        if of_part:
            status, body = self._get("underenheter", "underenhet", org_number)
        if status == NOT_FOUND:
            return RegisterAnswer(kind="not_found")
        if status == GONE:
            return RegisterAnswer(kind="removed")
        return understood(body, org_number, of_part=of_part)

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


def understood(body: bytes, org_number: str, *, of_part: bool = False) -> RegisterAnswer:
    """What the register says of the number; `of_part` where it was asked about parts of organisations.

    Raises `Permanent` for what is not understood.
    """
    unit = _unit(body, org_number)
    if _is_deleted(unit):
        return RegisterAnswer(kind="deleted", org_form=_form(unit))
    if of_part:
        return RegisterAnswer(kind="sub_entity", org_form=_form(unit))
    return _living(unit)


def _unit(body: bytes, org_number: str) -> dict[str, Any]:
    unit = json_of(body)
    if unit is None:
        raise Permanent("the business register answered something that is not JSON")
    if not isinstance(unit, dict) or str(unit.get("organisasjonsnummer")) != org_number:
        raise Permanent("the business register answered about something else")
    return unit


def _living(unit: dict[str, Any]) -> RegisterAnswer:
    name = _text(unit, "navn")
    if name is None:
        raise _not_understood("navn")
    winding_up = [_flag(unit, name) for name in ("underAvvikling", "underTvangsavviklingEllerTvangsopplosning")]
    return RegisterAnswer(
        kind="found", name=name, org_form=_form(unit), bankrupt=_flag(unit, "konkurs"), winding_up=any(winding_up)
    )


def _is_deleted(unit: dict[str, Any]) -> bool:
    return (_text(unit, "respons_klasse") or "").startswith("Slettet") or _text(unit, "slettedato") is not None


def _form(unit: dict[str, Any]) -> str | None:
    form = unit.get("organisasjonsform")
    code = form.get("kode") if isinstance(form, dict) else None
    return code if isinstance(code, str) and code.isalnum() and len(code) <= FORM_LIMIT else None


def _text(unit: dict[str, Any], field: str) -> str | None:
    """A text, None where there is none. Raises `Permanent` for anything else: it may matter what it says."""
    value = unit.get(field)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip().isprintable():
        raise _not_understood(field)
    return value.strip() or None


def _flag(unit: dict[str, Any], field: str) -> bool:
    """Yes or no; no where nothing is said. Raises `Permanent` for anything else."""
    value = unit.get(field)
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.strip().lower(), value)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise _not_understood(field)


def _not_understood(field: str) -> Permanent:
    return Permanent(f"the business register answered in a way that is not understood: {field}")
