"""What happens in the drill, from sign-up to erasure: everything through the doors that customers and staff use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from deploy.customers import life
from deploy.customers.clients import Gateway, Vendors, wait_for
from deploy.demo_approvals import ASKING, TwoPersons
from deploy.drill.environment import WAIT_SECONDS, Environment
from deploy.provision import secrets
from services.notification.letters.values import LetterClass
from services.notification.preferences.rules import unsubscribe_token
from services.retention.execution.calls import Release
from services.retention.holds.calls import PlaceHold
from services.retention.monitoring.calls import Erasures
from services.retention.restrictions.calls import SetRestriction
from shared.actor import Actor
from shared.calendar import oslo_date, start_of_day_oslo
from shared.email_addresses import compared_email

WORKERS: Final = 4
PASSWORD: Final = "Ni elger under en paraply"  # noqa: S105  # of companies that are invented
STAFF: Final = Actor("staff", name=ASKING)
DAYS_BEFORE: Final = 6
"""Younger than the oldest backup of the keyring that may be put back."""


@dataclass(frozen=True)
class Numbers:
    """How many companies there are, and what becomes of how many."""

    companies: int
    erased: int
    objecting: int
    restricted: int
    held: int
    correcting: int

    @classmethod
    def of(cls, companies: int, erased: int) -> Numbers:
        """A tenth of those that stay of each kind."""
        tenth = max(1, (companies - erased) // 10)
        return cls(companies, erased, objecting=tenth, restricted=tenth, held=tenth, correcting=tenth)


class Customer(life.Customer):
    """One invented company with one person, who comes from a network address of their own (198.18.0.0/15)."""

    def __init__(self, number: int, url: str) -> None:
        """Customer `number` of the gateway at `url`."""
        self.number = number
        self.address = f"198.18.{number >> 8}.{number & 255}"
        email = f"eier.{number}@ovelse-{number}.example"
        super().__init__(ask=Gateway(url, address=self.address).ask, email=email, password=PASSWORD)

    @property
    def name(self) -> str:
        """The company's name."""
        return f"Øvelse {self.number} AS"

    def traces(self) -> list[str]:
        """What it could be found by: names, addresses, telephone numbers, the network address."""
        company, creator = self.form()["company"], self.form()["creator"]
        personal = (each[key] for each in (company, creator) for key in ("name", "email", "phone"))
        return [*personal, self.address]

    def form(self) -> dict[str, Any]:
        """The body of its sign-up."""
        return {
            "company": {
                "name": self.name,
                "email": f"post@ovelse-{self.number}.example",
                "phone": f"+4790{self.number:06d}",
                "org_number": None,
            },
            "creator": {
                "name": f"Åse Prøve {self.number}",
                "email": self.email,
                "phone": f"+4791{self.number:06d}",
            },
            "users": [],
            "password": PASSWORD,
            "language": "nb",
            "agreement": life.acceptance(),
        }


class Scenario:
    """The companies of one drill and what they do."""

    def __init__(self, environment: Environment, people: TwoPersons, numbers: Numbers) -> None:
        """Decide what becomes of which company; none has signed up yet."""
        self.environment, self.people, self.numbers = environment, people, numbers
        self.customers = [Customer(number, environment.gateway) for number in range(1, numbers.companies + 1)]
        self.erased = self.customers[: numbers.erased]
        staying = iter(self.customers[numbers.erased :])
        self.objecting = [next(staying) for _ in range(numbers.objecting)]
        self.restricted = [next(staying) for _ in range(numbers.restricted)]
        self.held = [next(staying) for _ in range(numbers.held)]
        self.correcting = [next(staying) for _ in range(numbers.correcting)]
        self._due = date.max

    def everybody_comes(self) -> None:
        """Sign up, and follow the link of the letter."""
        _each(lambda customer: customer.sign_up(customer.form()), self.customers)
        vendors = Vendors(self.environment.sandbox)

        def written() -> dict[str, str] | None:
            found = vendors.tokens("confirm")
            return found if len(found) >= len(self.customers) else None

        tokens = wait_for("a letter to everybody", written, seconds=WAIT_SECONDS)
        _each(lambda customer: customer.confirm(tokens[compared_email(customer.email)]), self.customers)

    def some_leave(self) -> None:
        """Staff deactivate those that are to be erased; the clock is moved to a week before their day."""
        _each(self._deactivate, self.erased)
        query = "SELECT due_on FROM erasure WHERE state = 'scheduled'"
        found = wait_for(
            "the dates of erasure",
            lambda: rows if len(rows := self.environment.rows("retention", query)) >= len(self.erased) else None,
            seconds=WAIT_SECONDS,
        )
        self._due = max(due for (due,) in found)
        wait_for("every database at the head of the ledger", self.environment.caught_up, seconds=WAIT_SECONDS)
        self._move_to(self._due - timedelta(days=DAYS_BEFORE))

    def others_have_rights(self) -> None:
        """Objections, restrictions, holds and corrections, none of which the backup knows."""
        before = self._ledger_length()
        key = secrets.read(
            self.environment.native.infrastructure.secrets_root, "notification", "unsubscribe_key"
        ).encode()
        _each(lambda customer: self._object(customer, key), self.objecting)
        today = oslo_date(self.environment.clock.now())
        _each(lambda customer: self._restrict(customer, today), self.restricted)
        _each(lambda customer: self._hold(customer, today), self.held)
        _each(self._correct, self.correcting)
        wanted = len(self.objecting) + len(self.restricted) + len(self.held) + len(self.correcting)
        wait_for("all of it in the ledger", lambda: self._ledger_length() >= before + wanted, seconds=WAIT_SECONDS)

    def the_day_comes(self) -> None:
        """Move the clock, let the brake be released by a person, and wait for the certificates."""
        self._move_to(self._due)
        wait_for("every erasure certified", self._all_certified, seconds=3 * WAIT_SECONDS)

    def _all_certified(self) -> bool:
        halted = self.people.asking.ask(Erasures(state="halted", limit=500)).erasures
        if halted:
            ids = tuple(each.erasure_id for each in halted)
            self.people.carry_out(Release(erasure_ids=ids))
        query = "SELECT count(*) FROM erasure WHERE state = 'certified'"
        ((certified,),) = self.environment.rows("retention", query)
        return bool(certified >= len(self.erased))

    @staticmethod
    def _deactivate(customer: Customer) -> None:
        customer.log_in()
        customer.leave()

    def _object(self, customer: Customer, key: bytes) -> None:
        token = unsubscribe_token(
            key,
            user_id=UUID(customer.user_id),
            account_id=UUID(customer.account_id),
            letter_class=LetterClass.MARKETING,
        )
        customer.ask("POST", f"/unsubscribe/{token}", expect=200)

    def _restrict(self, customer: Customer, today: date) -> None:
        restriction = SetRestriction(
            account_id=UUID(customer.account_id),
            user_id=UUID(customer.user_id),
            ground="c",
            requested_on=today,
            actor=STAFF,
        )
        self.people.asking.ask(restriction)

    def _hold(self, customer: Customer, today: date) -> None:
        hold = PlaceHold(
            account_id=UUID(customer.account_id),
            reason="dispute",
            case_ref=f"tvist-{today.year}-{customer.number}",
            owner=STAFF,
            starts_on=today,
            review_on=today + timedelta(days=60),
        )
        self.people.carry_out(hold)

    @staticmethod
    def _correct(customer: Customer) -> None:
        customer.log_in()
        customer.change(name=f"Øvelse {customer.number} og Sønn AS")

    def _move_to(self, day: date) -> None:
        clock = self.environment.clock
        ahead = start_of_day_oslo(day) + timedelta(minutes=1) - clock.now()
        if ahead > timedelta():
            clock.move(ahead)

    def _ledger_length(self) -> int:
        return len(self.environment.ledger_lines())


def _each(work: Callable[[Customer], None], customers: Iterable[Customer]) -> None:
    """Do `work` for all, a few at a time; the first failure ends it."""
    with ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(work, customer) for customer in customers]:
            done.result()
