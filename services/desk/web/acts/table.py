"""Which kinds of acts have a form. A new one is a declaration in a file of its subject, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.desk.web.act_forms import ActForm
from services.desk.web.acts import (
    campaigns,
    cases,
    customers,
    databases,
    erasures,
    grants,
    holds,
    letters,
    machine,
    parked,
    people,
    registers,
    restrictions,
    support,
    vendors,
)
from services.desk.web.visit import Visit

FORMS: Final = (
    *holds.FORMS,
    *erasures.FORMS,
    *grants.FORMS,
    *people.FORMS,
    *customers.FORMS,
    *restrictions.FORMS,
    *letters.FORMS,
    *campaigns.FORMS,
    *support.FORMS,
    *parked.FORMS,
    *vendors.FORMS,
    *cases.FORMS,
    *registers.FORMS,
    *databases.FORMS,
    *machine.FORMS,
)
BY_NAME: Final[Mapping[str, ActForm]] = MappingProxyType({form.name: form for form in FORMS})
OF_ACT: Final[Mapping[str, ActForm]] = MappingProxyType(
    {form.act_of(form.call.service): form for form in FORMS if form.call.service}
)
"""By what the act is called; those that every service does are not among them."""


def title_of(visit: Visit, act: str) -> str:
    """What an act is called; one without a form by its name."""
    form = OF_ACT.get(act)
    return act if form is None else visit.say(*form.title)
