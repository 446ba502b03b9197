"""What somebody looks at a customer for: chosen of what they are granted, before anything is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from types import MappingProxyType
from typing import Concatenate, ParamSpec

from flask import Response

from services.desk.queries import purposes as queries
from services.desk.queries.purposes import OF_CUSTOMERS, OF_READING
from services.desk.web.act_forms import PURPOSE, Asks
from services.desk.web.visit import Visit
from shared.staff import Purpose, Role, acts
from shared.web.csrf import is_foreign
from shared.web.responses import DONE

P = ParamSpec("P")


View = Callable[Concatenate[Visit, P], Response]


def chosen(visit: Visit, known: Sequence[str] = OF_CUSTOMERS) -> str:
    """The purpose that the form or the address names; empty where it names none of those `known`.

    Where a form comes back that was kept, what was chosen since comes before what stands in it. A link of another
    site chooses nothing: a look would be told for what nobody here has said.
    """
    named = visit.form.get(PURPOSE, "") if visit.is_filled_in else ""
    if visit.request.method != "POST" and not is_foreign(visit.request):
        named = visit.request.args.get(PURPOSE, named)
    return named if named in known else ""


def carried(address: str, purpose: str) -> str:
    """An address of ours at which nothing is asked again: it says what for, where somebody here has said it."""
    return f"{address}{'&' if '?' in address else '?'}{PURPOSE}={purpose}" if purpose else address


def offered(visit: Visit, roles: Sequence[Role], known: Sequence[str] = OF_CUSTOMERS) -> list[str]:
    """The purposes for which whoever is here has one of these roles now."""
    return queries.offered(visit.ask, visit.token, roles, known)


def ask(
    visit: Visit,
    roles: Sequence[Role],
    *,
    address: str = "",
    given: Mapping[str, str] = MappingProxyType({}),
    status: int = 200,
    known: Sequence[str] = OF_CUSTOMERS,
    asks: Asks = Asks.CUSTOMER,
) -> Response:
    """The page that asks for a purpose of those for which one has one of these roles, and goes on to `address`.

    What the address of this page gives, and what is `given` besides, goes along.
    """
    args = visit.request.args.items()
    return visit.page(
        "customer_purpose",
        status=status,
        address=address or visit.request.path,
        given={name: value for name, value in args if name not in (PURPOSE, DONE)} | dict(given),
        purposes=offered(visit, roles, known),
        was_chosen=bool(chosen(visit, known)),
        asks=asks,
    )


def asked_first(
    act: str, *, asks: Asks = Asks.CUSTOMER, unless: Callable[[Visit], bool] = lambda _visit: False
) -> Callable[[View[P]], View[P]]:
    """A page of what is read of customers by this act: what for is asked first, and its desk asks for that.

    It is read for an audit too, unlike what a customer is asked about. Nothing is asked `unless` where the address
    says that no customer is looked at.
    """

    def page(view: View[P]) -> View[P]:
        @wraps(view)
        def show(visit: Visit, /, *args: P.args, **named: P.kwargs) -> Response:
            if unless(visit):
                return view(visit, *args, **named)
            if not (purpose := chosen(visit, OF_READING)):
                return ask(visit, acts()[act].act.roles, known=OF_READING, asks=asks)
            looking = replace(visit, desk_or_none=visit.desk.acting_for(Purpose(purpose)))
            return view(looking, *args, **named)

        return show

    return page
