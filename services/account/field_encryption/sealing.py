"""Which text lies sealed in which column under whose key, and by which digest it is found again."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.account.authentication.calls import Origin
from services.account.companies.calls import PostalAddress, PostalAddressShown
from services.account.field_encryption.rules import compared_name
from services.account.sign_up.calls import Company, SignUp
from services.account.users.calls import Person
from shared.canonical_json import canonical
from shared.database import Database
from shared.database.pool import Row
from shared.email_addresses import canonical_email
from shared.errors import Conflict, Invalid, Locked
from shared.identifiers import new_id
from shared.network_addresses import sender_of
from shared.privacy import BlindIndex, FencedError, KeyGoneError, Sealed, Subject, Vault
from shared.records import Record

NOBODY: Final = Subject.person(
    UUID("00000000-0000-8000-8000-6e6f626f6479"), UUID("00000000-0000-8000-8000-6e6f626f6479")
)
"""Stands in where an address is not known to us, so that known and unknown cost the same work."""

COMPANY_TEXTS: Final = tuple(each.name for each in fields(Company))
POSTAL_ADDRESSES: Final = ("contact_address", "billing_address")
"""Of the texts of a company those that are an address, sealed as JSON."""
PERSON_TEXTS: Final = tuple(each.name for each in fields(Person))
"""All that is taken of a person is sealed, each text in a column of its own, `<name>_sealed`."""
ABSENT: Final = "-"
"""Sealed in place of an optional text, so that the work is the same; the row then says NULL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpRows:
    """The sealed columns of a sign-up, ready to be written; the creator's row comes first."""

    account: Row
    users: list[Row]
    agreement: Row


def network_of(ip: str) -> str:
    """The /24 of an IPv4 address, the /48 of an IPv6 address."""
    prefix = 24 if ipaddress.ip_address(ip).version == 4 else 48  # noqa: PLR2004  # the version of the protocol
    return str(ipaddress.ip_network(f"{ip}/{prefix}", strict=False))


def spelling_of(text: str) -> str:
    """A kept address as it is shown and sent; what was entered before there was one spelling is brought into it."""
    try:
        return canonical_email(text)
    except Invalid:
        return text  # entered when more was taken: its owner is still reached there, or changes it


@contextmanager
def not_under_erasure() -> Iterator[None]:
    """Tell the caller where a key may not be used or made any more. Raises `Conflict`."""
    try:
        yield
    except (FencedError, KeyGoneError):
        raise Conflict("the erasure has begun and cannot be called off") from None


@contextmanager
def locked_under_erasure(says: str = "the erasure has begun") -> Iterator[None]:
    """The same for what nobody takes back: nothing new is kept of whom it is about. Raises `Locked`."""
    try:
        yield
    except (FencedError, KeyGoneError):
        raise Locked(says) from None


class Sealing:
    """Seals and opens what the account service keeps of companies and persons."""

    def __init__(self, vault: Vault, index: BlindIndex) -> None:
        """`vault` holds the keys; `index` makes the digests for look-ups."""
        self.vault = vault
        self.index = index

    @property
    def keyring_database(self) -> Database:
        """The database of the keys."""
        return self.vault.database

    def prepare(self, now: datetime) -> None:
        """Make the key of nobody, once for all."""
        self.vault.mint([NOBODY], now)

    def ping(self) -> None:
        """Raise where the keyring does not answer, cannot be opened, or lacks the key of nobody."""
        self.vault.check()
        self.vault.seal(NOBODY, table="account", column="name", row=NOBODY.id, text=ABSENT)

    # ── digests ───────────────────────────────────────────────────────────────────────────────────────────

    def of_email(self, email: str) -> bytes:
        """The digest by which an address is found."""
        return self.index.of_email(email)

    def of_org_number(self, number: str | None) -> bytes | None:
        """The digest by which an organisation number is found."""
        return self.index.of("org_number", number) if number else None

    def of_name(self, name: str) -> bytes:
        """The digest by which a company or a person of this name is found."""
        return self.index.of("name", compared_name(name))

    def of_phone(self, number: str) -> bytes:
        """The digest by which a telephone number, as E.164, is found."""
        return self.index.of("phone", number)

    def name_and_phone(self, texts: Mapping[str, Any]) -> Row:
        """The digests of name and number, for the columns of either; None for what is not among the texts."""
        name, phone = texts.get("name"), texts.get("phone")
        return {
            "name_index": self.of_name(name) if name else None,
            "phone_index": self.of_phone(phone) if phone else None,
        }

    def of_network(self, ip: str) -> bytes:
        """The digest by which two addresses of one network are known as such."""
        return self.index.of("network", network_of(ip))

    def brake_of_name(self, email_index: bytes) -> bytes:
        """Where failures of a log-in name are counted; made of its digest, so that it goes with the person."""
        return self.index.of("login_name", email_index.hex())

    def brake_of_address(self, ip: str) -> bytes:
        """Where failures from a network address are counted."""
        return self.index.of("login_address", sender_of(ip))

    def brake_of_own(self, email_index: bytes, ip: str) -> bytes:
        """Where failures are counted of whoever proved a log-in name from a network address."""
        return self.index.of("login_own", f"{email_index.hex()} {sender_of(ip)}")

    def key_of_call(self, key: str | None, email_index: bytes) -> str | None:
        """An idempotency key as it counts for whoever signs up with this address, and for nobody else."""
        return self.index.of("sign_up_call", f"{email_index.hex()} {key}").hex() if key else None

    # ── companies ─────────────────────────────────────────────────────────────────────────────────────────

    def company_columns(self, account_id: UUID, changes: Mapping[str, Any]) -> Row:
        """The sealed columns and digests for the texts in `changes`; None for those that are not there."""
        subject = Subject.company(account_id)
        given = {name: changes[name] for name in COMPANY_TEXTS if changes.get(name) is not None}
        sealed = self.vault.seal_many(
            [(subject, "account", name, account_id, _sealed_text(text)) for name, text in given.items()]
        )
        columns: Row = {f"{name}_sealed": None for name in COMPANY_TEXTS}
        columns |= {f"{name}_sealed": value for name, value in zip(given, sealed, strict=True)}
        columns["email_index"] = self.of_email(changes["email"]) if "email" in changes else None
        columns["org_number_index"] = self.of_org_number(changes.get("org_number"))
        return columns | self.name_and_phone(changes)

    def assert_kept(self, account_id: UUID, now: datetime) -> None:
        """Raises `FencedError` or `KeyGoneError` once the erasure of the company has begun."""
        self.vault.mint([Subject.company(account_id)], now)

    def assert_person_kept(self, account_id: UUID, user_id: UUID, now: datetime) -> None:
        """The same for one user."""
        self.vault.mint([Subject.person(user_id, account_id)], now)

    def opened_company(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The texts of a company; None where there is none or it was erased."""
        return self._opened("account", COMPANY_TEXTS, [(Subject.company(row["id"]), row)])[0]

    def _opened(
        self, table: str, names: Sequence[str], rows: Sequence[tuple[Subject, Mapping[str, Any]]]
    ) -> list[dict[str, Any]]:
        """The texts of each row; None where there is none, or the key is gone."""
        places = [(subject, row, name) for subject, row in rows for name in names if row.get(f"{name}_sealed")]
        opened = self.vault.unseal_many(
            [Sealed(subject, table, name, row["id"], row[f"{name}_sealed"]) for subject, row, name in places]
        )
        texts: dict[UUID, dict[str, Any]] = {row["id"]: dict.fromkeys(names) for _, row in rows}
        for (_, row, name), text in zip(places, opened, strict=True):
            texts[row["id"]][name] = _opened_text(name, text) if text else text
        return [texts[row["id"]] for _, row in rows]

    # ── sign-up ───────────────────────────────────────────────────────────────────────────────────────────

    def sign_up(
        self,
        call: SignUp,
        *,
        account_id: UUID,
        user_ids: Sequence[UUID],
        is_known: bool,
        now: datetime,
    ) -> SignUpRows:
        """Make the keys and seal the texts of a sign-up.

        Where the creator `is_known` already the same is done under the key of nobody; those rows are not kept.
        """
        company = NOBODY if is_known else Subject.company(account_id)
        persons = [NOBODY if is_known else Subject.person(user_id, account_id) for user_id in user_ids]
        people = [call.creator, *call.users]
        agreement_id = new_id()
        self.vault.mint([company, *persons], now)
        places = [
            (company, "account", name, account_id, _sealed_text(getattr(call.company, name) or ABSENT))
            for name in COMPANY_TEXTS
        ]
        for subject, user_id, person in zip(persons, user_ids, people, strict=True):
            places += [
                (subject, "account_user", name, user_id, getattr(person, name) or ABSENT) for name in PERSON_TEXTS
            ]
        places.append((persons[0], "agreement", "ip", agreement_id, call.origin.ip))
        sealed = iter(self.vault.seal_many(places))
        account: Row = {"id": account_id} | _columns(call.company, COMPANY_TEXTS, sealed)
        account["email_index"] = self.of_email(call.company.email)
        account["org_number_index"] = self.of_org_number(call.company.org_number)
        account |= self.name_and_phone(call.company.to_json())
        account["sign_up_network"] = self.of_network(call.origin.ip)
        users: list[Row] = []
        for user_id, person in zip(user_ids, people, strict=True):
            users.append({"id": user_id} | self._person_columns(person, sealed))
        return SignUpRows(account=account, users=users, agreement={"id": agreement_id, "ip_sealed": next(sealed)})

    # ── users ─────────────────────────────────────────────────────────────────────────────────────────────

    def new_user_columns(self, account_id: UUID, user_id: UUID, person: Person, now: datetime) -> Row:
        """Make a user's key and seal the texts. Raises `FencedError` where the account is being erased."""
        subject = Subject.person(user_id, account_id)
        self.vault.mint([subject], now)
        sealed = self.vault.seal_many(
            [(subject, "account_user", name, user_id, getattr(person, name) or ABSENT) for name in PERSON_TEXTS]
        )
        return self._person_columns(person, iter(sealed))

    def _person_columns(self, person: Person, sealed: Iterator[bytes]) -> Row:
        digests = {"email_index": self.of_email(person.email)} | self.name_and_phone(person.to_json())
        return _columns(person, PERSON_TEXTS, sealed) | digests

    def user_columns(
        self, account_id: UUID, user_id: UUID, changes: Mapping[str, Any], *, address_waits: bool
    ) -> Row:
        """The sealed columns and digests for the texts in `changes`; None for those that are not there.

        An address that waits for its confirmation goes beside the present one.
        """
        column = "new_email" if address_waits else "email"
        texts = {column if name == "email" else name: changes[name] for name in PERSON_TEXTS if name in changes}
        subject = Subject.person(user_id, account_id)
        sealed = self.vault.seal_many(
            [(subject, "account_user", name, user_id, text) for name, text in texts.items()]
        )
        columns: Row = {f"{name}_sealed": None for name in (*PERSON_TEXTS, "new_email")}
        columns |= {"email_index": None, "new_email_index": None}
        columns |= {f"{name}_sealed": value for name, value in zip(texts, sealed, strict=True)}
        if "email" in changes:
            columns[f"{column}_index"] = self.of_email(changes["email"])
        return columns | self.name_and_phone(changes)

    def confirmed_address(self, row: Mapping[str, Any], former_id: UUID) -> tuple[bytes, bytes]:
        """The address that waited, sealed for the column of the present one, and that one as `former_id`.

        Raises `KeyGoneError` once the erasure of the person has begun.
        """
        person, user_id = _person(row), row["id"]
        columns = ("new_email", "email")
        new, old = self.vault.unseal_many(
            [Sealed(person, "account_user", name, user_id, row[f"{name}_sealed"]) for name in columns]
        )
        if new is None or old is None:
            raise KeyGoneError("the person is being erased")
        places = [
            (person, "account_user", "email", user_id, new),
            (person, "former_address", "email", former_id, old),
        ]
        waited, former = self.vault.seal_many(places)
        return waited, former

    def former_address(self, row: Mapping[str, Any]) -> str:
        """The address a user had before."""
        person = Subject.person(row["user_id"], row["account_id"])
        sealed = row["email_sealed"]
        text = self.vault.open(person, table="former_address", column="email", row=row["id"], sealed=sealed)
        return spelling_of(text)

    def waiting_address(self, row: Mapping[str, Any]) -> str:
        """The address a user changed to and has not confirmed yet."""
        sealed = row["new_email_sealed"]
        person = _person(row)
        text = self.vault.open(person, table="account_user", column="new_email", row=row["id"], sealed=sealed)
        return spelling_of(text)

    def opened_users(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The texts of each user; None where there is none, or the key is gone."""
        return self._opened("account_user", PERSON_TEXTS, [(_person(row), row) for row in rows])

    # ── log-in attempts ───────────────────────────────────────────────────────────────────────────────────

    def origin(self, origin: Origin, email_index: bytes, *, user_id: UUID | None, account_id: UUID | None) -> Row:
        """Where an attempt came from, under the person's key, or nobody's where there is none to be used."""
        attempt_id = new_id()
        person = Subject.person(user_id, account_id) if user_id and account_id else NOBODY
        texts = {"ip": origin.ip, "user_agent": origin.user_agent or ABSENT}
        try:
            subject, sealed = person, self._seal_attempt(person, attempt_id, texts)
        except (FencedError, KeyGoneError):
            subject, sealed = NOBODY, self._seal_attempt(NOBODY, attempt_id, texts)
        return {
            "id": attempt_id,
            "ip_sealed": sealed[0],
            "user_agent_sealed": sealed[1] if origin.user_agent else None,
            "sealed_for_nobody": subject == NOBODY,
            "address_index": self.index.of("ip", origin.ip),
            "network_index": self.of_network(origin.ip),
            "name_index": None if user_id else self.index.of("login_attempt_name", email_index.hex()),
        }

    def _seal_attempt(self, subject: Subject, attempt_id: UUID, texts: Mapping[str, str]) -> list[bytes]:
        return self.vault.seal_many(
            [(subject, "login_attempt", name, attempt_id, text) for name, text in texts.items()]
        )

    def opened_origins(self, rows: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str | None, str | None]]:
        """Network address and browser of each attempt; None where the key is gone or nothing was told."""
        values: list[Sealed] = []
        for row in rows:
            subject = NOBODY if row["sealed_for_nobody"] else Subject.person(row["user_id"], row["account_id"])
            values += [
                Sealed(subject, "login_attempt", name, row["id"], row[f"{name}_sealed"])
                for name in ("ip", "user_agent")
                if row[f"{name}_sealed"] is not None
            ]
        opened = iter(self.vault.unseal_many(values))
        return [(next(opened), next(opened) if row["user_agent_sealed"] is not None else None) for row in rows]


def _sealed_text(value: str | PostalAddress) -> str:
    return canonical(value.to_json()).decode() if isinstance(value, PostalAddress) else value


def _opened_text(name: str, text: str) -> str | PostalAddressShown:
    if name in POSTAL_ADDRESSES:
        return PostalAddressShown.from_json(json.loads(text), tolerant=True)
    return spelling_of(text) if name == "email" else text


def _columns(given: Record, names: Sequence[str], sealed: Iterator[bytes]) -> Row:
    """The sealed texts of a company or person as columns; NULL where the text is not given."""
    values = {name: next(sealed) for name in names}
    return {f"{name}_sealed": value if getattr(given, name) else None for name, value in values.items()}


def _person(row: Mapping[str, Any]) -> Subject:
    return Subject.person(row["id"], row["account_id"])
