"""What is copied to Tripletex and what stays there, as pure"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.account.companies.calls import CompanyFactsShown
from services.billing_sync.customer_links.rules import (
    OtherCompany,
    address_digest,
    check_same_company,
    choose,
    contacts_by_user,
    content_hash,
)
from services.billing_sync.customer_links.values import ContactLink
from services.billing_sync.customers.rules import countries_of, customer_fields, split_name
from services.billing_sync.erasure.rules import bookkeeping_until, minimised, minimised_fields
from services.billing_sync.jobs.rules import LEASE, LEASE_MARGIN, may_still_write, next_try
from services.billing_sync.tripletex.rules import difference, session_expires_on, session_is_fresh
from services.billing_sync.tripletex.values import Found
from tests.examples import example

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NORWAY = {"NO": 161}


def found(number: int, **fields) -> Found:
    return Found(id=number, version=1, fields=fields)


def customer(**changes) -> CompanyFactsShown:
    whole = {"name": "Fjøsåker AS", "email": "p@x.no", "phone": "+4722225555", "org_number": "923609016"}
    return CompanyFactsShown.from_json(example(CompanyFactsShown, **whole | changes))


@pytest.mark.clause("PARTY-3")
def test_only_named_fields_are_copied_and_the_invoice_way_is_always_said() -> None:
    fields = customer_fields(customer(), 500001, NORWAY)
    assert set(fields) == {
        "name",
        "customerNumber",
        "organizationNumber",
        "email",
        "invoiceEmail",
        "phoneNumber",
    } | {
        "isPrivateIndividual",
        "isInactive",
        "invoiceSendMethod",
        "language",
        "postalAddress",
        "physicalAddress",
    }
    assert fields["invoiceSendMethod"] == "EMAIL"
    assert customer_fields(customer(language="en", org_number=None), 1, NORWAY)["language"] == "EN"
    assert customer_fields(customer(org_number=None), 1, NORWAY)["isPrivateIndividual"] is True


STREET = {"line_1": "Storgata 1", "line_2": None, "postal_code": "5003", "city": "Bergen", "country": "NO"}
BOX = STREET | {
    "line_1": "Box 7",
    "line_2": "Norrmalm",
    "postal_code": "111 29",
    "city": "Stockholm",
    "country": "SE",
}


@pytest.mark.clause("FIELDS-3")
def test_invoices_go_to_the_billing_address_and_without_one_to_the_contact_address() -> None:
    both = customer(contact_address=STREET, billing_address=BOX)
    assert countries_of(both) == {"NO", "SE"}
    fields = customer_fields(both, 1, {"NO": 161, "SE": 191})
    here = {"addressLine1": "Storgata 1", "addressLine2": "", "postalCode": "5003", "city": "Bergen"}
    there = {"addressLine1": "Box 7", "addressLine2": "Norrmalm", "postalCode": "111 29", "city": "Stockholm"}
    assert fields["postalAddress"] == there | {"country": {"id": 191}}
    assert fields["physicalAddress"] == here | {"country": {"id": 161}}
    assert (
        customer_fields(customer(contact_address=STREET), 1, NORWAY)["postalAddress"]["addressLine1"]
        == "Storgata 1"
    )


@pytest.mark.clause("FIELDS-3")
def test_an_address_that_is_not_there_is_blank_and_an_unknown_country_follows_the_town() -> None:
    nowhere = {"addressLine1": "", "addressLine2": "", "postalCode": "", "city": ""}
    assert countries_of(customer()) == {"NO"}
    assert customer_fields(customer(), 1, NORWAY)["postalAddress"] == nowhere | {"country": {"id": 161}}
    abroad = customer_fields(customer(billing_address=BOX), 1, NORWAY)["postalAddress"]
    assert (abroad["city"], "country" in abroad) == ("Stockholm, SE", False)


def test_of_an_address_only_what_is_wanted_is_compared_and_it_keeps_its_place() -> None:
    wanted = {"postalAddress": {"city": "Bergen", "country": {"id": 161}}}
    same = {"id": 7, "version": 2, "city": " Bergen", "country": {"id": 161, "url": "…"}}
    assert difference(wanted, found(1, postalAddress=same)) == {}
    other = same | {"country": {"id": 191}}
    moved = {"postalAddress": {"id": 7, "city": "Bergen", "country": {"id": 161}}}
    assert difference(wanted, found(1, postalAddress=other)) == moved
    assert difference(wanted, found(1, postalAddress=None)) == wanted


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Kåre Østby", ("Kåre", "Østby")),
        ("Anne Marie Lie", ("Anne Marie", "Lie")),
        ("Cher", ("Cher", "")),
        (" A  B ", ("A ", "B")),
    ],
)
def test_a_name_is_split_before_its_last_word(name, parts) -> None:
    assert split_name(name) == parts


@pytest.mark.clause("ISOLATE-1")
def test_a_customer_is_ours_by_our_own_number_and_never_by_an_organisation_number() -> None:
    ours, same = found(2, customerNumber=7), found(1, customerNumber=9, organizationNumber="923609016")
    assert choose([same, ours, found(3, customerNumber=7)], 7) is ours
    assert choose([same], 7) is None
    assert choose([], 7) is None


def test_nothing_is_written_near_the_end_of_a_lease_or_after_it() -> None:
    until = NOW + LEASE
    assert may_still_write(until, NOW)
    assert not may_still_write(until, until - LEASE_MARGIN)
    assert not may_still_write(until, until + timedelta(days=1))


@pytest.mark.clause("RIGHTS-3")
def test_only_what_differs_is_changed_and_blank_equals_absent() -> None:
    at = found(1, name="A", email="", phoneNumber=None, isInactive=False)
    assert difference({"name": " A", "email": "", "phoneNumber": "", "isInactive": False}, at) == {}
    assert difference({"name": "B"}, at) == {"name": "B"}


@pytest.mark.clause("PARTY-2", "PARTY-3")
def test_without_bookkeeping_the_name_goes_too() -> None:
    gone = minimised_fields(500001, has_bookkeeping=False)
    assert gone["name"] == "Slettet kunde 500001"
    assert gone["organizationNumber"] == ""
    kept = minimised_fields(500001, has_bookkeeping=True)
    assert "name" not in kept
    assert kept["isInactive"] is True
    assert kept["email"] == kept["phoneNumber"] == ""


@pytest.mark.clause("PARTY-2")
def test_s15_an_invoice_of_november_2026_is_kept_to_the_end_of_2031() -> None:
    assert bookkeeping_until(date(2026, 11, 20)) == date(2031, 12, 31)
    done = minimised(customers=1, contacts=2, has_bookkeeping=True)
    assert done.retained == ("tripletex_bookkeeping",)
    assert minimised(customers=1, contacts=2).retained == ()


def test_a_digest_needs_the_key() -> None:
    assert content_hash(b"a" * 32, {"name": "A"}) != content_hash(b"b" * 32, {"name": "A"})
    assert content_hash(b"a" * 32, {"name": "A", "x": 1}) == content_hash(b"a" * 32, {"x": 1, "name": "A"})


@pytest.mark.parametrize(("attempts", "least", "most"), [(1, 1, 2), (4, 30, 60), (7, 1800, 3600), (50, 1800, 3600)])
def test_the_pause_grows_and_is_bounded(attempts: int, least: int, most: int) -> None:
    waits = [next_try(attempts, NOW, asked=None, jitter=j) - NOW for j in (0.0, 1.0)]
    assert waits == [timedelta(seconds=least), timedelta(seconds=most)]


def test_the_vendors_own_wait_is_respected() -> None:
    assert next_try(1, NOW, asked=timedelta(seconds=40), jitter=0) == NOW + timedelta(seconds=40)


def test_a_session_is_renewed_by_the_oslo_date_before_it_dies() -> None:
    late = datetime(2026, 11, 22, 22, 59, tzinfo=UTC)  # 23:59 in Oslo
    expires = session_expires_on(late)
    assert expires == date(2026, 11, 24)
    assert session_is_fresh(expires, late)
    assert not session_is_fresh(expires, late + timedelta(minutes=2))


def test_a_contact_is_known_by_its_id_else_by_the_digest_kept_before_and_is_one_persons() -> None:
    kari, ola, per = UUID(int=1), UUID(int=2), UUID(int=3)
    people = {"kari": kari, "ola": ola, "per": per}
    key, a, b = b"k" * 32, "a@x.no", "b@x.no"
    contacts = {10: found(10, email=a), 11: found(11, email=b.upper()), 12: found(12, email=b)}

    def owners(**known) -> dict[UUID, int]:
        links = {
            people[name]: ContactLink(tripletex_id=id_, expected=digest) for name, (id_, digest) in known.items()
        }
        return {user_id: at.id for user_id, at in contacts_by_user(key, contacts, links).items()}

    of_a, of_b = address_digest(key, a), address_digest(key, b)
    assert owners(kari=(10, None), ola=(None, of_b), per=(None, of_b)) == {kari: 10, ola: 11, per: 12}
    assert owners(kari=(99, None), ola=(None, of_a), per=(10, None)) == {per: 10}


@pytest.mark.parametrize("there", [None, "", "923609016", "923 609 016"])
def test_a_customer_without_a_number_or_with_ours_is_ours(there) -> None:
    check_same_company({"organizationNumber": "923609016"}, found(1, organizationNumber=there))


@pytest.mark.parametrize("wanted", ["923609016", ""])
def test_a_customer_with_another_number_is_another_company(wanted) -> None:
    with pytest.raises(OtherCompany):
        check_same_company({"organizationNumber": wanted}, found(1, organizationNumber="803772096"))
