"""What forms about a customer look at and offer alike: its people, its erasures, and the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.desk.client import Answer, Together
from services.desk.web import names
from services.desk.web.act_forms import Looked, Values
from services.desk.web.visit import Visit
from services.retention.monitoring.calls import Timeline
from shared.calendar import oslo_date
from shared.web.visit import ident


def today(visit: Visit) -> str:
    """The day in Oslo, as a field of a day takes it."""
    return oslo_date(visit.desk.clock.now()).isoformat()


def users(visit: Visit, values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    """Asks for the people of the account (`users`), for what whoever is here looks at it for."""
    return {"users": together.ask(names.users(visit, ident(values["account_id"])))}


def erasures(_visit: Visit, values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    """Asks for the `erasures` of the account."""
    return {"erasures": together.ask(Timeline(account_id=ident(values["account_id"])))}


def users_and_erasures(visit: Visit, values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    """Asks for both."""
    return {**users(visit, values, together), **erasures(visit, values, together)}


def people(_visit: Visit, looked: Looked) -> Sequence[tuple[str, str]]:
    """The people of the account, to choose from."""
    return [(str(each.user_id), each.name or str(each.user_id)) for each in looked["users"].users]


def may_have_to_wait(visit: Visit, erasures: int) -> str:
    """How many planned erasures what is decided may stop."""
    if not erasures:
        return visit.say("Ingen sletting er planlagt nå.", "No erasure is planned now.")
    return visit.count(
        erasures,
        ("Én planlagt sletting kan bli stående.", "{n} planlagte slettinger kan bli stående."),
        ("One planned erasure may have to wait.", "{n} planned erasures may have to wait."),
    )
