"""Tripletex over HTTP: sessions that end at midnight, versions, rate headers, and errors sorted once.

Nothing here decides what is sent. Texts of errors follow the user's language there, so only
codes and field names are looked at. Source of the facts: Tripletex' own OpenAPI document and FAQ.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NoReturn

from services.billing_sync.tripletex import responses, rules
from services.billing_sync.tripletex.values import Found
from shared import log
from shared.errors import Conflict, Permanent, Transient
from shared.vendor_http import Answer, VendorClient
from shared.vendor_state import STATES
from shared.wait_bounds import duration

TOTAL_SECONDS: Final = 15.0
BODY_LIMIT_BYTES: Final = 2 * 1024 * 1024
PAGE: Final = 100
FIRST_DAY: Final = "2000-01-01"
AFTER_LAST_DAY: Final = "2100-01-01"
FIELDS: Final = {"customer": "*,postalAddress(*),physicalAddress(*)", "contact": "*"}
"""What is asked for of each: an address is told only where it is named."""
UNAUTHORISED, FORBIDDEN, MISSING, CONFLICT, UNPROCESSABLE, THROTTLED = 401, 403, 404, 409, 422, 429
SERVER_FAULT: Final = 500
REVISION_CODE: Final = 8000

logger = log.get("tripletex")


class Throttled(Transient):
    """The period's calls are used up; `wait` is for how long, None where Tripletex did not say."""

    def __init__(self, wait: timedelta | None) -> None:
        """Keep the wait that was asked for."""
        super().__init__("Tripletex asks to wait")
        self.wait = wait


class ConflictAtTripletexError(Conflict):
    """What is there is not as it was when it was read: exists already, is locked, or is in another state (409).

    Nothing is wrong with what was sent, so it is read afresh and decided anew. `tripletex_code` says what it was,
    None where Tripletex did not say.
    """

    def __init__(self, tripletex_code: int | None) -> None:
        """Keep the code, which is all that is told."""
        super().__init__(f"Tripletex answered 409, code {tripletex_code}")
        self.tripletex_code = tripletex_code


class StaleVersionError(ConflictAtTripletexError):
    """Somebody else changed it at Tripletex since it was read; read again and compare."""


class NotLetIn(Permanent):
    """Tripletex refuses our tokens, our rights or the session: nothing is wrong with what was to be done."""


class TripletexRefused(Permanent):
    """Tripletex refuses the content; `code` and `fields` say what, without values."""

    def __init__(self, status: int, code: int | None, fields: tuple[str, ...]) -> None:
        """Keep what names the fault."""
        super().__init__(f"Tripletex refused with {status}, code {code}")
        self.status = status
        self.code = code
        self.fields = fields


@dataclass
class _Session:
    token: str
    expires_on: date


class Tripletex:
    """One company's customers and contacts. Not for use by several threads at once."""

    def __init__(
        self,
        url: str,
        *,
        consumer_token: str,
        employee_token: str,
        now: Callable[[], datetime],
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        """`now` is the clock by which session tokens are renewed; no call takes longer than `total_seconds`."""
        self._tokens = {"consumerToken": consumer_token, "employeeToken": employee_token}
        self._now = now
        self._http = VendorClient(
            "tripletex",
            url,
            total_seconds=total_seconds,
            answer_limit_bytes=BODY_LIMIT_BYTES,
            headers={"User-Agent": "vilkar-billing-sync"},
        )
        self._session: _Session | None = None
        self._free_at = 0.0
        self._countries: dict[str, int] = {}

    def who_am_i(self) -> int:
        """The id of the company that the tokens open."""
        answer = self._call("GET", "/token/session/>whoAmI", {"fields": "companyId"})
        return responses.whole_number(responses.value_of(answer).get("companyId"), "value.companyId")

    def find_customers(self, customer_number: int) -> list[Found]:
        """Customers with our number, active or not."""
        by_id: dict[int, Found] = {}
        for inactive in ("false", "true"):
            search = {"isInactive": inactive, "customerAccountNumber": str(customer_number)}
            for item in self._values("/customer", fields=FIELDS["customer"], **search):
                by_id[item.id] = item
        return list(by_id.values())

    def get_customer(self, tripletex_id: int) -> Found | None:
        """The customer, or None where it is gone."""
        return self._get("customer", tripletex_id)

    def create_customer(self, fields: dict[str, Any]) -> Found:
        """Create; the caller has looked for it first, because Tripletex takes duplicates."""
        return responses.found_in(self._call("POST", "/customer", body=fields))

    def update_customer(self, at: Found, fields: dict[str, Any]) -> Found:
        """Change these fields of the version read. Raises `StaleVersionError`."""
        return self._put("customer", at, fields)

    def contacts_of(self, tripletex_id: int) -> list[Found]:
        """All contacts of a customer."""
        return [
            item
            for item in self._values("/contact", customerId=str(tripletex_id))
            if responses.customer_of(item) == tripletex_id
        ]

    def create_contact(self, tripletex_id: int, fields: dict[str, Any]) -> Found:
        """Create a contact of the customer; the caller has looked for the exact address first."""
        body = {**fields, "customer": {"id": tripletex_id}}
        return responses.found_in(self._call("POST", "/contact", body=body))

    def update_contact(self, at: Found, fields: dict[str, Any]) -> Found:
        """Change these fields of the version read."""
        return self._put("contact", at, fields)

    def delete_contacts(self, ids: list[int]) -> None:
        """Delete contacts; those that are gone already do not matter."""
        if ids:
            self._call("DELETE", "/contact/list", {"ids": ",".join(map(str, ids))}, expect_missing=True)

    def countries(self, codes: Collection[str]) -> dict[str, int]:
        """The ids of countries by their two letters, looked up once; unknown ones are left out."""
        unknown = sorted(set(codes) - self._countries.keys())
        if unknown:
            found = self._values("/country", code=",".join(unknown), fields="id,version,isoAlpha2Code")
            self._countries |= {str(item.fields.get("isoAlpha2Code")): item.id for item in found}
        return {code: self._countries[code] for code in codes if code in self._countries}

    def last_document(self, tripletex_id: int) -> date | None:
        """The date of the customer's latest order or invoice, None where there is none."""
        dates: list[date | None] = []
        for path, prefix in (("/invoice", "invoice"), ("/order", "order")):
            limits = {f"{prefix}DateFrom": FIRST_DAY, f"{prefix}DateTo": AFTER_LAST_DAY}
            items = self._values(path, customerId=str(tripletex_id), **limits)
            dates += [responses.date_of(item, f"{prefix}Date") for item in items]
        return max((day for day in dates if day is not None), default=None)

    def _get(self, kind: str, tripletex_id: int) -> Found | None:
        try:
            return responses.found_in(self._call("GET", f"/{kind}/{tripletex_id}", {"fields": FIELDS[kind]}))
        except TripletexRefused as refused:
            if refused.status == MISSING:
                return None
            raise

    def _put(self, kind: str, at: Found, fields: dict[str, Any]) -> Found:
        body = {**fields, "id": at.id, "version": at.version}
        return responses.found_in(self._call("PUT", f"/{kind}/{at.id}", body=body))

    def _values(self, path: str, **search: str) -> list[Found]:
        values: list[Found] = []
        for start in range(0, 10_000, PAGE):
            answer = self._call("GET", path, {"from": str(start), "count": str(PAGE), **search})
            page = responses.all_found_in(answer)
            values += page
            if len(page) < PAGE:
                return values
        raise Permanent(f"Tripletex has more than 10000 results under {path}")

    def _call(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        *,
        body: dict[str, Any] | None = None,
        expect_missing: bool = False,
    ) -> dict[str, Any]:
        for renewed in (False, True):
            answer = self._send(method, path, body, query or {}, auth=self._auth())
            if answer.status == UNAUTHORISED and not renewed:
                self._session = None
                continue
            if expect_missing and answer.status == MISSING:
                return {}
            return _content(answer)
        raise NotLetIn("Tripletex refuses a fresh session token")

    def _auth(self) -> tuple[str, str]:
        now = self._now()
        if self._session is None or not rules.session_is_fresh(self._session.expires_on, now):
            expires_on = rules.session_expires_on(now)
            body = {**self._tokens, "expirationDate": expires_on.isoformat()}
            answer = self._send("POST", "/token/session/:create", body, {}, auth=None)
            if answer.status in {UNAUTHORISED, FORBIDDEN}:
                raise NotLetIn("Tripletex refuses our tokens")
            try:
                made = _content(answer)
            except TripletexRefused as refused:  # its date, where the clocks differ
                raise NotLetIn(f"Tripletex opens no session, code {refused.code}") from refused
            self._session = _Session(token=responses.token_in(made), expires_on=expires_on)
        return "0", self._session.token

    def _send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        query: dict[str, str],
        *,
        auth: tuple[str, str] | None,
    ) -> Answer:
        wait = self._free_at - time.monotonic()
        if wait > 0:
            raise Throttled(timedelta(seconds=wait))
        answer = self._http.call(method, path, params=query, json=body, auth=auth)
        self._heed_rate(answer)
        return answer

    def _heed_rate(self, answer: Answer) -> None:
        if _number(answer.headers.get("X-Rate-Limit-Remaining")) == 0:
            reset = _wait_asked(answer)
            self._free_at = time.monotonic() + (1.0 if reset is None else reset.total_seconds())


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def _wait_asked(answer: Answer) -> timedelta | None:
    """For how long Tripletex asks us to wait, within bounds; None where it does not say so."""
    return STATES.wait_asked("tripletex", duration(answer.headers.get("X-Rate-Limit-Reset")))


def _content(answer: Answer) -> dict[str, Any]:
    if answer.status >= 300:  # noqa: PLR2004  # everything but success
        _refuse(answer)
    if not answer.body:
        return {}
    parsed = responses.parsed(answer.body)
    if parsed is None:
        raise Transient("Tripletex answered with something that is not JSON")
    return parsed


def _refuse(answer: Answer) -> NoReturn:
    status, body = answer.status, responses.parsed(answer.body) or {}
    code, fields = responses.code_and_fields(body)
    logger.warning(
        "tripletex refused",
        status=status,
        code=code,
        fields=fields,
        request_id=answer.headers.get("x-tlx-request-id"),
    )
    if status == THROTTLED:
        raise Throttled(_wait_asked(answer))
    if status == CONFLICT:
        raise StaleVersionError(code) if code == REVISION_CODE else ConflictAtTripletexError(code)
    if status >= SERVER_FAULT:
        raise Transient(f"Tripletex answered {status}")
    if status in {UNAUTHORISED, FORBIDDEN}:
        raise NotLetIn(f"Tripletex answered {status}, code {code}")
    raise TripletexRefused(status, code, fields)
