"""What each process can do at the broker and in the databases with its own credentials, tried out one by one.

What it should be able to do is worked out here from what the programs declare and ask, never from the tables of
rights, nor in the way in which these are made: so a right that no program needs is found as well as one that is
missing.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import amqp
import psycopg

from services.desk.known_calls import known_calls
from shared.bus import wire
from shared.bus.declarations import AnswersSpec, specifications
from shared.bus.discovery import events as declared_events
from shared.bus.discovery import services
from shared.bus.ensure_topology import OWN_PREFIXES
from shared.bus.every_service import EveryService
from shared.bus.topology import topology_of
from shared.calls import Call

ROOT = Path(__file__).resolve().parents[3]
WAIT_SECONDS = 20
REFUSED = amqp.exceptions.AccessRefused


@dataclass(frozen=True, order=True)
class Attempt:
    """One thing that one user tries."""

    user: str
    act: str
    thing: str


@dataclass
class Matrix:
    """Everything tried: what was allowed, and what a program needs."""

    allowed: dict[Attempt, bool] = field(default_factory=dict)
    needed: set[Attempt] = field(default_factory=set)

    def wrong(self) -> list[str]:
        """Allowed and not needed, or needed and not allowed."""
        return [
            f"{attempt.user} {'may' if allowed else 'may not'} {attempt.act} {attempt.thing}"
            for attempt, allowed in sorted(self.allowed.items())
            if allowed != (attempt in self.needed)
        ]

    def too_much(self) -> list[str]:
        """Allowed and not needed. What is needed and not allowed, the tests of the programs themselves tell."""
        return [told for told in self.wrong() if " may not " not in told]

    def page(self, title: str) -> str:
        """For a person: what is allowed, and how much was tried and refused."""
        lines = [f"## {title}", "", "| user | tried | allowed | refused |", "|---|---:|---:|---:|"]
        users = sorted({attempt.user for attempt in self.allowed})
        for user in users:
            mine = [allowed for attempt, allowed in self.allowed.items() if attempt.user == user]
            lines.append(f"| {user} | {len(mine)} | {sum(mine)} | {len(mine) - sum(mine)} |")
        lines += ["", "Allowed, and needed by the program; everything else was refused:", ""]
        for user in users:
            may: dict[str, list[str]] = {}
            for attempt, allowed in sorted(self.allowed.items()):
                if allowed and attempt.user == user:
                    may.setdefault(attempt.act, []).append(attempt.thing)
            lines += [f"- **{user}** {act}: {', '.join(things)}" for act, things in sorted(may.items())]
        return "\n".join([*lines, ""])


# ── what the programs say ─────────────────────────────────────────────────────────────────────────────────


def calls_of(user: str) -> dict[str, set[str]]:
    """Which calls a user's program asks, by service, as it is written in its folder.

    The desk hands on whatever staff ask that says what it is where they do; their statement says whether they may.
    """
    found: dict[str, set[str]] = {}
    if user == "desk":
        for name in known_calls():
            service, _, method = name.partition(".")
            found.setdefault(service, set()).add(method)
    for file in sorted((ROOT / "services" / user.replace("-", "_")).rglob("*.py")):
        if file.name != "__main__.py":
            for call, of in asked_in(file):
                answering = {name for name, known in methods().items() if call.method in known} - {user}
                for service in {call.service or of} if call.service or of else answering:
                    found.setdefault(service, set()).add(call.method)
    return found


def asked_in(file: Path) -> Iterator[tuple[type[Call[Any]], str]]:
    """The classes of what is handed to something called `ask`, with the service that `of` names.

    They are read where they are asked, where a variable of the same function gets them, or from the type of a
    parameter. What comes from further away is not found, and so shows as a right that no program needs.
    """
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = vars(importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts)))
    for function in [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]:
        variables: dict[str, list[ast.expr]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                variables.setdefault(node.targets[0].id, []).append(node.value)
            elif isinstance(node, ast.arg) and node.annotation:
                variables.setdefault(node.arg, []).append(ast.Call(node.annotation, [], []))
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "ask":
                of = "".join(str(ast.literal_eval(each.value)) for each in node.keywords if _names(each))
                for argument in node.args:
                    yield from ((made, of) for made in _made(argument, variables, names))


def _names(keyword: ast.keyword) -> bool:
    return keyword.arg == "of" and isinstance(keyword.value, ast.Constant)


def _made(
    written: ast.expr, variables: dict[str, list[ast.expr]], names: dict[str, Any]
) -> Iterator[type[Call[Any]]]:
    """The classes of which an expression can be an object."""
    if isinstance(written, ast.Name):
        for value in variables.get(written.id, ()):
            yield from _made(value, {}, names)
    elif isinstance(written, ast.IfExp):
        yield from _made(written.body, variables, names)
        yield from _made(written.orelse, variables, names)
    elif isinstance(written, ast.Call):
        first, *further = ast.unparse(written.func).removesuffix(".from_json").split(".")
        found = names.get(first)
        for name in further:
            found = getattr(found, name, None)
        if is_call(found):
            yield found


def is_call(member: Any) -> bool:
    """Whether a module's member is the class of a call."""
    return isinstance(member, type) and issubclass(member, Call) and member is not Call


def methods() -> dict[str, list[str]]:
    """Every call that each service answers."""
    return {
        service.name: sorted(
            {
                name
                for owner in (service, EveryService)
                for name, spec in specifications(owner)
                if isinstance(spec, AnswersSpec)
            }
        )
        for service in services()
    }


def callers() -> dict[str, dict[str, set[str]]]:
    """Who calls what, by the caller's user."""
    return {user: calls_of(user) for user in (*methods(), "gateway", "desk", "relay")}


# ── at the broker ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Bus:
    """What is at the broker: the topology, and a key of replies for each user."""

    topology: Any
    reply_ids: dict[str, str]
    plain_key: str
    outside: tuple[str, ...]

    def reply_queue(self, user: str) -> str:
        """The queue in which a user's replies arrive."""
        return f"rpc.reply-{user}-{self.reply_ids[user]}"

    def reply_key(self, user: str) -> str:
        """The key on which a user's replies arrive."""
        return wire.reply_key(user, self.reply_ids[user])


@dataclass(frozen=True)
class Held:
    """The rights of one user as the broker holds them: patterns of names, and of routing keys by exchange."""

    user: str
    rights: dict[str, str]
    keys: dict[str, dict[str, str]]

    def may(self, act: str, thing: str) -> bool:
        """What the broker will say to an attempt."""
        exchange, _, key = thing.partition(" ")
        if act == "publish":
            return self._has("write", exchange.replace("(default)", "amq.default")) and self._key(
                "write", exchange, key
            )
        if act == "hear":
            return self._has("read", exchange) and self._key("read", exchange, key)
        kind = {"read": "read", "purge": "read", "bind": "write"}.get(act, "configure")
        return self._has(kind, thing)

    def _has(self, kind: str, name: str) -> bool:
        return re.search(self.rights[kind], name) is not None

    def _key(self, kind: str, exchange: str, key: str) -> bool:
        """Where there is no entry for an exchange the broker allows every key; it asks for topic exchanges only."""
        entry = self.keys.get(exchange)
        return entry is None or re.search(entry[kind], key) is not None


def held(ask: Callable[..., Any], vhost: str) -> dict[str, Held]:
    """What the broker holds, by user."""
    rights = {each["user"]: each for each in ask("GET", f"/api/vhosts/{vhost}/permissions").json()}
    keys: dict[str, dict[str, dict[str, str]]] = {}
    for each in ask("GET", f"/api/vhosts/{vhost}/topic-permissions").json():
        keys.setdefault(each["user"], {})[each["exchange"]] = each
    return {user: Held(user, entry, keys.get(user, {})) for user, entry in rights.items()}


class Attacker:
    """One connection of one user; a channel that the broker closed is replaced."""

    def __init__(self, connection: amqp.Connection) -> None:
        self._connection = connection
        self._channel: Any = None

    def may(self, act: Callable[[Any], Any]) -> bool:
        """Whether the broker lets it; any other error than a refusal means that it had the right."""
        if self._channel is None:
            self._channel = self._connection.channel()
            self._channel.confirm_select()
        try:
            act(self._channel)
        except REFUSED:
            self._channel = None
            return False
        except amqp.exceptions.ChannelError:
            self._channel = None
        return True


def publishing(exchange: str, key: str) -> Callable[[Any], Any]:
    return lambda channel: channel.basic_publish_confirm(
        amqp.Message("{}"), exchange=exchange, routing_key=key, confirm_timeout=WAIT_SECONDS
    )


def attempts(user: str, bus: Bus, own: set[str]) -> Iterator[tuple[str, str, Callable[[Any], Any]]]:
    """Everything `user` tries, as (act, thing, how). `own` are queues that it may remove, and that stay."""
    mine = bus.reply_queue(user)
    reply = bus.reply_key(user)
    queues = {queue.name: dict(queue.arguments) for queue in bus.topology.queues}
    queues |= {bus.reply_queue(other): {"x-expires": 600_000} for other in bus.reply_ids}
    for name, arguments in queues.items():
        yield "read", name, lambda c, q=name: c.basic_get(q)
        yield "purge", name, lambda c, q=name: c.queue_purge(q)
        yield "bind", name, lambda c, q=name: c.queue_bind(q, wire.RPC_EXCHANGE, reply)
        yield (
            "declare",
            name,
            lambda c, q=name, a=arguments: c.queue_declare(q, durable=True, auto_delete=False, arguments=a),
        )
        if name not in own:
            yield "delete", name, lambda c, q=name: c.queue_delete(q)
    for exchange in bus.topology.exchanges:
        yield (
            "declare exchange",
            exchange.name,
            lambda c, e=exchange: c.exchange_declare(e.name, e.kind, durable=True, auto_delete=False),
        )
        yield "delete exchange", exchange.name, lambda c, e=exchange.name: c.exchange_delete(e)
        for key in keys_of(exchange.name, bus):
            yield "publish", f"{exchange.name} {key}", publishing(exchange.name, key)
        for key in [*keys_of(exchange.name, bus), "#", "*"]:
            yield "hear", f"{exchange.name} {key}", lambda c, e=exchange.name, k=key: c.queue_bind(mine, e, k)
    yield "publish", "(default) rpc-account", publishing("", "rpc-account")


def keys_of(exchange: str, bus: Bus) -> list[str]:
    """Every routing key that means something at an exchange."""
    if exchange == wire.RPC_EXCHANGE:
        calls = [f"{service}.{method}" for service, known in methods().items() for method in known]
        replies = [bus.reply_key(user) for user in bus.reply_ids]
        return [*calls, *(f"{service}.*" for service in methods()), *replies, bus.plain_key]
    if exchange.endswith(wire.EVENTS_SUFFIX):
        source = exchange.removesuffix(wire.EVENTS_SUFFIX)
        return sorted({event.type for event in declared_events() if event.source in (source, None)})
    return sorted({binding.routing_key for binding in bus.topology.bindings if binding.exchange == exchange})


def needs(bus: Bus) -> set[Attempt]:
    """What the programs need at the broker."""
    asked = callers()
    found: set[Attempt] = set()
    for user, called in asked.items():
        found |= {
            Attempt(user, "publish", f"{wire.RPC_EXCHANGE} {service}.{method}")
            for service, names in called.items()
            for method in names
        }
        if user != "relay":
            found |= set(_own(user, bus.reply_queue(user)))
            found.add(Attempt(user, "delete", bus.reply_queue(user)))
            found.add(Attempt(user, "hear", f"{wire.RPC_EXCHANGE} {bus.reply_key(user)}"))
    for service in services():
        found |= set(_needs_of_service(service, bus, asked))
    for exchange in bus.topology.exchanges:
        if exchange.name.removesuffix(wire.EVENTS_SUFFIX) in methods():
            found |= {Attempt("relay", "publish", f"{exchange.name} {key}") for key in keys_of(exchange.name, bus)}
    found.add(Attempt("relay", "publish", "(default) rpc-account"))  # any queue: it brings back what was parked
    return found


def _own(user: str, queue: str) -> Iterator[Attempt]:
    """The broker knows no smaller right than these: who reads a queue may purge it."""
    yield from (Attempt(user, act, queue) for act in ("read", "purge", "bind", "declare"))


def _needs_of_service(service: Any, bus: Bus, asked: dict[str, dict[str, set[str]]]) -> Iterator[Attempt]:
    user, own = service.name, topology_of([service], outside=bus.outside)
    for queue in own.queues:
        if queue.name.startswith(OWN_PREFIXES):
            yield from _own(user, queue.name)
    for binding in own.bindings:
        if binding.queue.startswith(("evt-", "rpc-")):
            yield Attempt(user, "hear", f"{binding.exchange} {binding.routing_key}")
    # Topics alone have rights of their own: who may bind to a direct exchange may do so with any key. Nothing comes
    # over this one but what the service itself has had wait; who hears no events has nothing wait.
    if any(queue.name.startswith("evt-") for queue in own.queues):
        back = wire.returns_exchange(user)
        yield from (Attempt(user, "hear", f"{back} {key}") for key in ("#", "*"))
    for tier in wire.TIERS:
        # A tier's exchange and its queue have one name, and the broker gives rights by name.
        name = tier.name(user)
        yield Attempt(user, "bind", name)
        yield from (Attempt(user, "publish", f"{name} {key}") for key in keys_of(name, bus))
    for caller, called in asked.items():
        if user in called:
            yield Attempt(user, "publish", f"{wire.RPC_EXCHANGE} {bus.reply_key(caller)}")
    yield Attempt(user, "publish", f"{wire.RPC_EXCHANGE} {bus.plain_key}")


# ── in the databases ──────────────────────────────────────────────────────────────────────────────────────

PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
RIGHTS = """
SELECT c.relname, p.name,
       has_table_privilege(c.oid, p.name)
       OR (p.name IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege(c.oid, p.name))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN unnest(%s::text[]) AS p (name)
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
"""
WIDER = """
SELECT 'create in schema ' || nspname, has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast)'
UNION ALL SELECT 'create in database', has_database_privilege(current_database(), 'CREATE')
UNION ALL SELECT 'make temporary tables', has_database_privilege(current_database(), 'TEMP')
UNION ALL SELECT 'become ' || rolname, pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname <> current_user
"""  # noqa: E501
CALLED = """
SELECT proname, bool_or(has_function_privilege(oid, 'EXECUTE')) FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace
  AND (proname ~ '(advisory_|logical_emit)' OR proname ~ '^lo(_|read$|write$)')
GROUP BY proname
"""
"""What holds others up, or writes, in the hands of one that may write to no table."""
WRITES = {
    "INSERT": re.compile(r"\b(?:INSERT INTO|COPY)\s+(?:public\.)?(\w+)"),
    "UPDATE": re.compile(
        r"\bUPDATE\s+(?:ONLY\s+)?(?:public\.)?(\w+)"
        r"|\b(?:FROM|JOIN)\s+(\w+)(?=[^;]*\bFOR\s+(?:NO\s+KEY\s+)?(?:UPDATE|SHARE)\b)"
        r"|\bINSERT INTO\s+(\w+)(?=[^;]*\bDO\s+UPDATE\b)"
    ),
    "DELETE": re.compile(r"\bDELETE FROM\s+(?:public\.)?(\w+)"),
}


def tried(role: str, database: str, dsn: str) -> Iterator[tuple[Attempt, bool]]:
    """What a role can do in a database, as the server tells the role itself; one it cannot enter, nothing."""
    try:
        connection = psycopg.connect(dsn, connect_timeout=10)
    except psycopg.OperationalError as error:
        if "permission denied for database" not in str(error):
            raise
        yield Attempt(role, "connect to", database), False
        return
    yield Attempt(role, "connect to", database), True
    with connection:
        for table, privilege, allowed in connection.execute(RIGHTS, [list(PRIVILEGES)]).fetchall():
            yield Attempt(role, privilege, f"{database}.{table}"), allowed
        for what, allowed in connection.execute(WIDER).fetchall():
            yield Attempt(role, what, database), allowed
        for function, allowed in connection.execute(CALLED).fetchall():
            yield Attempt(role, "call", f"{database}.{function}"), allowed


def statements(folders: Iterable[Path]) -> str:
    """All SQL and Python below some folders and files, where statements stand."""
    files = [file for folder in folders for file in (folder.rglob("*") if folder.is_dir() else [folder])]
    return "\n".join(
        file.read_text(encoding="utf-8")
        for file in files
        if file.suffix in {".sql", ".py"} and "migrations" not in file.parts
    )


@cache
def written(text: str, privilege: str) -> frozenset[str]:
    """The tables that a program's statements write to in this way; read once, for it is asked for each table."""
    return frozenset(name for match in WRITES[privilege].finditer(text) for name in match.groups() if name)
