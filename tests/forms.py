"""The sign-up form as tests fill it in: as a browser sends it, and as the gateway passes it on."""

from __future__ import annotations

from typing import Any

PASSWORD = "Snøen smelter i april 7"
ATTESTED = {"authority": True, "necessary_data": True, "accurate_data": True, "users_informed": True}


def agreement(**changes: Any) -> dict[str, Any]:
    """The acceptance of the terms by somebody who may."""
    told = {"version": "v1", "accepted": True, "authority": "managing_director", "attestations": dict(ATTESTED)}
    return told | changes


def seen_agreement(element: str) -> dict[str, Any]:
    """The same as account gets it of the gateway: with the page's host and the control that was used."""
    return agreement(domain="xn--ngd-0na.no", element=element)


def confirmation(token: str, password: str = PASSWORD) -> dict[str, Any]:
    """What is posted to the gateway by whoever reads the letter of a sign-up."""
    return {"token": token, "password": password, "agreement": agreement()}


def confirmation_call(token: str, password: str = PASSWORD) -> dict[str, Any]:
    """The call that account gets of it."""
    return confirmation(token, password) | {"agreement": seen_agreement("confirmation.accept")}


def sign_up(email: str, /, **changes: Any) -> dict[str, Any]:
    """What is posted to the gateway; `changes` replace whole fields."""
    form = {
        "company": {"name": "Bjørkholt Rør", "email": f"post+{email}", "phone": "41378216", "org_number": None},
        "creator": {"name": "Torbjørg Fossmo", "email": email, "phone": "+47 913 78 216"},
        "password": PASSWORD,
        "language": "nb",
        "agreement": agreement(),
    }
    return form | changes


def sign_up_call(email: str, origin: dict[str, Any], /, **changes: Any) -> dict[str, Any]:
    """The call that account gets of it; `changes` replace whole fields."""
    return sign_up(email, users=[], agreement=seen_agreement("sign_up.accept"), origin=origin) | changes


PROVED = frozenset({"deactivate_account", "deactivate_user", "update_user"})
"""Calls in which an owner gives the password once more, for all or some of what they do."""


def proved(method: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a call, with the password of a customer where it can be asked for and none is said of it."""
    if method not in PROVED or not str(fields.get("actor", "")).startswith("user:"):
        return fields
    return {"current_password": PASSWORD, "origin": {"ip": "203.0.113.7"}} | fields
