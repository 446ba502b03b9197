"""What staff may do: no call of the desk is without a declaration, and the table says what the classes say."""

from __future__ import annotations

import inspect
from contextlib import nullcontext

import marshmallow as ma
import pytest
from marshmallow import validate

from deploy.generators import acts as generated
from deploy.provision.broker_permissions import CALLS
from shared.bus import discovery
from shared.bus.declarations import AnswersSpec, specifications
from shared.bus.statement_check import OURS, Statements
from shared.calls import Call, Done
from shared.records import schema_of
from shared.staff import OUTSIDE, Act, Role, WithoutStatement, act_name, acts
from shared.statements import StatementError, StatementReader

pytestmark = pytest.mark.unit

ANSWERED = {service.name: generated.answered_by(service) for service in discovery.services()}
BY_DESK = [(service, method) for service, methods in CALLS["desk"].items() for method in methods]
OUTSIDERS = {"account.get_account", "retention.timeline"}
"""What services of others are told to ask (`examples/`), and staff do as well."""
TWO_PERSONS = {"place_hold", "renew_hold", "request_early_erasure", "release"}


@pytest.mark.parametrize(("service", "method"), BY_DESK)
def test_what_the_desk_asks_is_an_act_or_says_why_it_is_none(service, method):
    declared = ANSWERED[service][method].staff
    assert isinstance(declared, Act | WithoutStatement)
    if isinstance(declared, WithoutStatement):
        assert declared.because
        assert not ANSWERED[service][method].is_command


def test_the_table_has_every_act_with_what_its_class_says():
    declared = {
        act_name(service, method): call
        for service, methods in ANSWERED.items()
        for method, call in methods.items()
        if isinstance(call.staff, Act)
    }
    assert set(acts()) == set(declared)
    for name, known in acts().items():
        said = declared[name].staff
        assert (known.name, known.changes) == (name, declared[name].is_command or said.changes)
        assert (known.act.roles, known.act.two_persons, known.act.fields) == (
            said.roles,
            said.two_persons,
            said.fields,
        )


@pytest.mark.parametrize("service", ANSWERED)
def test_an_act_names_who_makes_it_besides_staff_and_nobody_else_does_without_a_statement(service):
    statements = Statements(service, StatementReader([]))
    for method, call in ANSWERED[service].items():
        if not isinstance(call.staff, Act):
            continue
        others = {user for user, asked in CALLS.items() if user != "desk" and method in asked.get(service, ())}
        assert set(call.staff.besides) - {OUTSIDE} == others, method
        allowed = others | ({"", "nogd"} if act_name(service, method) in OUTSIDERS else set())
        for user in (*OURS, "", "nogd"):
            expected = (
                nullcontext() if user in allowed else pytest.raises(StatementError, match="statement_missing")
            )
            with expected:
                assert statements.admit(call, user=user, token=None, header=None, fields={}) is None


def test_no_role_is_a_grant_of_nothing():
    assert {role for known in acts().values() for role in known.act.roles} == set(Role)


def test_an_auditor_changes_nothing_but_has_a_verification_begun():
    changing = {name for name, known in acts().items() if known.changes and Role.AUDITOR in known.act.roles}
    assert changing == {"audit.verify"}


def test_what_takes_two_persons_is_what_cannot_be_undone_and_its_request_can_be_kept():
    twice = {
        name.partition(".")[2]: ANSWERED[name.partition(".")[0]] for name in acts() if acts()[name].act.two_persons
    }
    assert set(twice) >= TWO_PERSONS
    for method, calls in twice.items():
        assert calls[method].is_command or calls[method].staff.changes
        for name, field in schema_of(calls[method]).fields.items():
            assert not holds_free_text(field), f"{method}: a frozen request keeps {name}"


def test_what_changes_something_and_is_no_command_uses_its_statement_up_in_its_transaction():
    spending = []
    for service in discovery.services():
        for kind in service.made_of:
            for name, spec in specifications(kind):
                if isinstance(spec, AnswersSpec) and isinstance(spec.call.staff, Act) and spec.call.staff.changes:
                    assert not spec.call.is_command, f"{name}: the bus does it for a command"
                    assert "spend(tx, " in inspect.getsource(getattr(kind, name)), name
                    spending.append(name)
    assert len(spending) == len(set(spending)) >= 8


def test_what_finds_out_whose_it_is_looks_whether_that_is_reached():
    resolving = set()
    for service in discovery.services():
        for kind in service.made_of:
            for name, spec in specifications(kind):
                if isinstance(spec, AnswersSpec) and isinstance(spec.call.staff, Act) and spec.call.staff.resolves:
                    assert "account_id" not in schema_of(spec.call).fields, f"{name}: the call says whose it is"
                    source = inspect.getsource(getattr(kind, name))
                    assert source.count("check_reaches(") == 1, name
                    resolving.add(act_name(service.name, name))
    assert resolving == {name for name, known in acts().items() if known.act.resolves}
    assert len(resolving) >= 7


BELONGS_TOGETHER = {
    "account.answer_support": "the thread is looked for among those of the account",
    "account.correct_user": "the user is looked for among those of the account",
    "account.nonconformity_reports": "the report is looked for among those of the account",
    "account.settle_support": "the thread is looked for among those of the account",
    "account.support_thread": "the thread is looked for among those of the account",
    "audit.logins": "the rows of both are read",
    "audit.personal_data_reads": "the rows of both are read",
    "cases.bear_cost": "the case is about the customer (costs.rules.check_customer)",
    "cases.charge_customer": "the case is about the customer (costs.rules.check_customer)",
    "cases.data_pack": "the customer was told in this case",
    "cases.take_correspondence": "the letters go to a user of that account alone (account's letter recipients)",
    "cases.take_rights_request": "the letters go to a user of that account alone (account's letter recipients)",
    "notification.letters": "the rows of both are read",
    "notification.request_copy": "the user is one of the account; another task with the id is a conflict",
    "notification.take_objection": "the user is one of the account; another objection with the id is a conflict",
    "registers.draft_record": "a draft stays of its company (engine.rules.redrafted)",
    "retention.order_dry_run": "the user is one of the account; another order with the id is a conflict",
    "retention.place_hold": "the users are of the account; another hold with the id is a conflict",
    "retention.renew_hold": "the hold is the customer's",
    "retention.request_early_erasure": "another request with the id is a conflict",
    "retention.set_restriction": "the user is one of the account; another restriction with the id is a conflict",
    "retention.timeline": "the erasures of the account are read, and of them the user's",
}
"""What names a customer and another thing's id, and how the service sees that they belong together."""


def test_what_names_a_customer_and_another_thing_says_how_it_is_seen_that_they_belong_together():
    """Staff hold a grant for some customers to the account of the call, and know nothing of the other thing."""
    apart = {"account_id", "reference"}  # and what finds an account
    found = set()
    for service, calls in ANSWERED.items():
        for method, call in calls.items():
            if isinstance(call.staff, Act):
                fields = schema_of(call).fields.items()
                ids = {name for name, each in fields if isinstance(getattr(each, "inner", each), ma.fields.UUID)}
                if "account_id" in ids and ids - apart:
                    found.add(act_name(service, method))
    assert found == set(BELONGS_TOGETHER)


def holds_free_text(field):
    if isinstance(field, ma.fields.List):
        return holds_free_text(field.inner)
    if isinstance(field, ma.fields.String) and type(field) is not ma.fields.UUID:
        return not any(isinstance(each, validate.OneOf | validate.Regexp) for each in field.validators)
    return isinstance(field, ma.fields.Dict | ma.fields.Raw)


def test_what_takes_two_names_the_customer_for_both_have_to_reach_it():
    with pytest.raises(TypeError):
        Act(roles=(Role.SUPPORT,), two_persons=True, resolves=True)


@pytest.mark.parametrize("named", [{"shows": "account_id"}, {"subject": "code"}, {"chosen": "hold_id"}])
def test_an_act_names_fields_that_the_call_has(named):
    with pytest.raises(TypeError, match="names fields"):

        class Look(Call[Done], service="account", staff=Act(roles=(Role.SUPPORT,), **named)):
            pass


@pytest.mark.parametrize("roles", [(), (Role.SUPPORT, Role.SUPPORT)])
def test_an_act_is_somebodys_and_once(roles):
    with pytest.raises(TypeError, match="roles"):
        Act(roles=roles)


def test_what_is_not_declared_is_nothing_that_staff_do():
    class Look(Call[Done], service="account"):
        pass

    assert Look.staff is None
