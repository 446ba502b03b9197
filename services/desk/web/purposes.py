"""What somebody looks at a customer for: chosen of what they are granted, before anything is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from flask import Response

from services.desk.web.act_forms import PURPOSE
from services.desk.web.visit import Visit
from services.desk.web.words import PURPOSES
from services.staff.statements.calls import OwnGrants
from shared.staff import Role


def chosen(visit: Visit) -> str:
    """The purpose that the form or the address names; empty where it names none of ours."""
    named = (visit.form if visit.is_filled_in else visit.request.args).get(PURPOSE, "")
    return named if named in PURPOSES else ""


def offered(visit: Visit, roles: Sequence[Role]) -> list[str]:
    """The purposes for which whoever is here has one of these roles now."""
    grants = visit.ask(OwnGrants(token=visit.token)).grants
    granted = {each.purpose.value for each in grants if each.live and each.role in roles}
    return [each for each in PURPOSES if each in granted]


def ask(
    visit: Visit,
    roles: Sequence[Role],
    *,
    address: str = "",
    given: Mapping[str, str] = MappingProxyType({}),
    status: int = 200,
) -> Response:
    """The page that asks for a purpose of those for which one has one of these roles, and goes on to `address`.

    What the address of this page gives, and what is `given` besides, goes along.
    """
    args = visit.request.args.items()
    return visit.page(
        "customer_purpose",
        status=status,
        address=address or visit.request.path,
        given={name: value for name, value in args if name != PURPOSE} | dict(given),
        purposes=offered(visit, roles),
        was_chosen=bool(chosen(visit)),
    )
