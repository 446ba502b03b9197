"""`deploy/provision/calls.json`: which program makes which calls, and so what its user may ask at the broker.

A program may make a call where one of its modules makes an object of the call's class: `Standing(…)`, or
`Standing.from_json(…)` of what was read. Its modules are those of its folder and all that they import. Nothing of a
program is run for this. Who makes a call that every service answers may ask those it names with `of="…"`; where
`of` is worked out by the program, all of them. The desk makes every call that says what it is where staff make it:
whether somebody may, their statement says.

Where it cannot be seen what becomes of a class of a call, nothing is written and the place is named: a right that
is missing shows only when the call is made.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from services.desk.known_calls import known_calls
from shared.bus import discovery, every_service_calls
from shared.bus.declarations import AnswersSpec, specifications
from shared.calls import Call
from shared.database.migrate import ROOT
from shared.participation import calls as participation_calls
from shared.system import BUS_PROCESSES, SERVICES, wire_name

PATH: Final = "deploy/provision/calls.json"
PACKAGES: Final = ("services", "shared", "deploy", "sandbox")
DESK: Final = "desk"
MORE: Final[Mapping[str, tuple[str, ...]]] = {DESK: ("deploy/vilkar.py",)}
"""Where a program begins that is more than a folder of services."""
FACTS: Final = frozenset({*Call.__annotations__, "__name__", "__doc__", "__module__"})
"""What a class of a call says of itself; whoever reads it makes no call."""
LOOKING: Final = frozenset(
    {
        "isinstance",
        "issubclass",
        "shared.bus.answers",
        "shared.bus.declarations.answers",
        "shared.records.schema_class",
        "shared.records.schema_of",
        "services.desk.call_codes.codes_of",
        "services.desk.web.act_forms.ActForm",
        "services.gateway.bodies.body_of",
    }
)
"""The functions that take a class of a call and make no object of it."""

CallClass = type[Call[Any]]


class UndecidedError(ValueError):
    """It cannot be seen which calls a program makes; the message names the places."""


def file() -> dict[str, str]:
    """The file by its path. Raises `UndecidedError`."""
    return {PATH: json.dumps(calls_of_programs(), indent=2) + "\n"}


def calls_of_programs() -> dict[str, dict[str, list[str]]]:
    """The methods that each program asks for, by the service that answers. Raises `UndecidedError`."""
    return {wire_name(folder): _sorted(_calls_of(folder)) for folder in BUS_PROCESSES}


def _sorted(calls: Mapping[str, set[str]]) -> dict[str, list[str]]:
    return {service: sorted(calls[service]) for service in sorted(calls)}


def _calls_of(folder: str) -> dict[str, set[str]]:
    undecided: list[str] = []
    calls: dict[str, set[str]] = {}
    begin = [*sorted((ROOT / "services" / folder).rglob("*.py")), *(ROOT / file for file in MORE.get(folder, ()))]
    for module in reached_from(begin):
        try:
            made = made_in(module)
        except UndecidedError as error:
            undecided.append(str(error))
            continue
        for call, of in made:
            for service in [call.service or of] if call.service or of else _answering(call):
                # A service that needs its own answer calls the method.
                if service != wire_name(folder):
                    calls.setdefault(service, set()).add(call.method)
    if folder == DESK:
        for name in known_calls():
            service, _, method = name.partition(".")
            calls.setdefault(service, set()).add(method)
    if undecided:
        raise UndecidedError("\n".join(undecided))
    return calls


def reached_from(files: Iterable[Path]) -> list[Path]:
    """These files and those of ours that they import, directly or by way of others; not what only types need."""
    reached: set[Path] = set()
    waiting = list(files)
    while waiting:
        file = waiting.pop()
        if file not in reached:
            reached.add(file)
            waiting += _parsed(file).imported_files
    return sorted(reached)


@cache
def made_in(file: Path) -> list[tuple[CallClass, str]]:
    """The calls that a module makes, each with the service that `of` names. Raises `UndecidedError`."""
    module = _parsed(file)
    made: list[tuple[CallClass, str]] = []
    undecided: list[str] = []
    for node, call in module.references():
        if call is not None and module.is_made(node):
            made.append((call, "" if call.service else module.asked_of(node)))
        elif call is None or not module.is_looked_at(node):
            undecided.append(
                f"{module.place(node)}: what becomes of {ast.unparse(node)}? Make it where it is asked"
            )
    undecided += [f"{module.place(node)}: ask with a class of calls.py" for node in module.by_name()]
    if undecided:
        raise UndecidedError("\n".join(undecided))
    return made


@cache
def _parsed(file: Path) -> _Module:
    return _Module(file)


class _Module:
    """A module as it is written, with what its names stand for."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))

    @cached_property
    def _parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in self._nodes for child in ast.iter_child_nodes(node)}

    @cached_property
    def imports(self) -> dict[str, tuple[str, str]]:
        """What the module imports of ours by name: the name it has here, with the module and its name there."""
        imported: dict[str, tuple[str, str]] = {}
        for node in self._nodes:
            if isinstance(node, ast.Import) and any(_above_calls(alias.name) for alias in node.names):
                raise UndecidedError(f"{self.place(node)}: say `from … import calls`")
            if isinstance(node, ast.ImportFrom):
                origin = str(node.module)
                if node.level or (origin.split(".", maxsplit=1)[0] in PACKAGES and node.names[0].name == "*"):
                    raise UndecidedError(f"{self.place(node)}: say from which module, and what")
                imported |= {alias.asname or alias.name: (origin, alias.name) for alias in node.names}
        return imported

    def place(self, node: ast.stmt | ast.expr | ast.arg) -> str:
        """Where it stands, for a person."""
        return f"{self.file.relative_to(ROOT)}:{node.lineno}"

    @cached_property
    def imported_files(self) -> list[Path]:
        """The files of ours that are loaded with this one."""
        names = []
        only_for_types = {
            inner
            for node in self._nodes
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for inner in ast.walk(node)
        }
        for node in self._nodes:
            if node in only_for_types:
                continue
            if isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names += [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
        return [file for name in names for file in _files_of(name)]

    def _above(self, node: ast.AST) -> Iterator[ast.AST]:
        while node in self._parents:
            node = self._parents[node]
            yield node

    def references(self) -> Iterator[tuple[ast.expr | ast.arg, CallClass | None]]:
        """Every place where a class of a call is named, other than its import; None where it is not seen which.

        Whoever calls a variable by the name of a class or a module has another meaning of it.
        """
        names = {name: _meant(*origin) for name, origin in self.imports.items() if _holds_calls(origin)}
        for node in self._nodes:
            if isinstance(node, ast.arg) and node.arg in names:
                yield node, None
            elif isinstance(node, ast.Name) and node.id in names:
                known, parent = names[node.id], self._parents[node]
                named = parent if isinstance(parent, ast.Attribute) else None
                if not isinstance(node.ctx, ast.Load):
                    yield node, None
                elif isinstance(known, ModuleType):
                    member = getattr(known, named.attr, None) if named else None
                    if named is None or _is_call(member):
                        yield named or node, member
                elif known is not None:
                    yield node, known
                elif named:
                    yield named, None

    def by_name(self) -> Iterator[ast.expr | ast.stmt]:
        """Where a call is made of names of service and method, or its class is defined where none is looked for."""
        for node in self._nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "call":
                if node.args and getattr(node.args[0], "value", None) in SERVICES:
                    yield node
            elif isinstance(node, ast.ClassDef) and self.file not in _call_files():
                names = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
                if "shared.calls.Call" in map(self._whole_name, names):
                    yield node

    def is_made(self, node: ast.expr | ast.arg) -> bool:
        """Whether an object is made of the class here, or whoever gets this can make one."""
        parent = self._parents[node]
        if isinstance(parent, ast.Attribute):
            return parent.attr == "from_json"
        return isinstance(parent, ast.Call) and parent.func is node

    def is_looked_at(self, node: ast.expr | ast.arg) -> bool:
        """Whether the class is only looked at here: as a type, for what it says of itself, by who answers it."""
        parent = self._parents[node]
        if isinstance(parent, ast.Attribute):
            return parent.attr in FACTS
        if isinstance(parent, ast.keyword):
            parent = self._parents[parent]
        if isinstance(parent, ast.Call) and self._whole_name(parent.func) in LOOKING:
            return True
        if isinstance(parent, ast.ClassDef):
            return self.file in _call_files()
        return isinstance(parent, ast.MatchClass | ast.Compare) or self._is_type(node)

    def _whole_name(self, function: ast.expr) -> str:
        name = ast.unparse(function)
        return ".".join(self.imports[name]) if name in self.imports else name

    def _is_type(self, node: ast.AST) -> bool:
        for parent in self._above(node):
            if node in (getattr(parent, "annotation", None), getattr(parent, "returns", None)):
                return True
            node = parent
        return False

    def asked_of(self, node: ast.expr | ast.arg) -> str:
        """The service that is named where the call is made; empty where it is worked out, or told elsewhere."""
        for parent in self._above(node):
            for word in parent.keywords if isinstance(parent, ast.Call) else ():
                if word.arg == "of":
                    return str(word.value.value) if isinstance(word.value, ast.Constant) else ""
        return ""


def _answering(call: CallClass) -> tuple[str, ...]:
    """The services that answer a call which has no service of its own: all, or those that have the feature."""
    if call.__module__ == every_service_calls.__name__:
        return SERVICES
    return tuple(
        kind.name
        for kind in discovery.services()
        if any(isinstance(spec, AnswersSpec) and spec.call is call for _, spec in specifications(kind))
    )


@cache
def _call_modules() -> dict[str, ModuleType]:
    """The modules that define calls, by name."""
    return {
        module.__name__: module
        for module in (every_service_calls, participation_calls, *discovery.modules("calls"))
    }


@cache
def _holds_calls(origin: tuple[str, str]) -> bool:
    """Whether a name of a module leads to calls."""
    return _meant(*origin) is not None or _above_calls(".".join(origin))


@cache
def _above_calls(package: str) -> bool:
    """Whether a module has calls, or one below it."""
    return any(f"{module}.".startswith(f"{package}.") for module in _call_modules())


@cache
def _call_files() -> frozenset[Path]:
    return frozenset(Path(str(module.__file__)) for module in _call_modules().values())


@cache
def _meant(module: str, name: str) -> CallClass | ModuleType | None:
    """What a name of a module stands for, where that is a class of a call or a module that has some."""
    asked: set[tuple[str, str]] = set()
    while (module, name) not in asked:
        asked.add((module, name))
        if f"{module}.{name}" in _call_modules():
            return _call_modules()[f"{module}.{name}"]
        if module in _call_modules():
            member = getattr(_call_modules()[module], name)
            return member if _is_call(member) else None
        for file in _files_of(module):
            # A module hands on what it has imported.
            module, name = _parsed(file).imports.get(name, (module, name))
    return None


def _files_of(module: str) -> list[Path]:
    """The file of a module of ours; empty where there is none."""
    if module.split(".", maxsplit=1)[0] not in PACKAGES:
        return []
    place = ROOT.joinpath(*module.split("."))
    return [file for file in (place / "__init__.py", place.with_suffix(".py")) if file.is_file()]


def _is_call(member: Any) -> bool:
    return isinstance(member, type) and issubclass(member, Call) and member is not Call
