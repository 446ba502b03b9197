"""What is generated is compared, and what is frozen is not changed behind anybody's back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import pytest

from deploy import generate
from deploy.generators import events_page, golden, rpc_page
from shared.bus import Service, answers, handles
from shared.events import Code, Event
from tests.unit.generate import sketches

pytestmark = pytest.mark.unit


@dataclass(frozen=True, kw_only=True)
class Rung(Event):
    """A bell was rung. Nobody asked why."""

    type: ClassVar[str] = "bell.rung"
    source: ClassVar[str | None] = "account"
    bell_id: UUID

    @property
    def subject(self):
        return f"bell/{self.bell_id}"


@dataclass(frozen=True, kw_only=True)
class RungWithReason(Rung):
    """A bell was rung, and may be why."""

    reason: Code | None = None


@dataclass(frozen=True, kw_only=True)
class RungLoudly(Rung):
    """A bell was rung, and how loudly must be said."""

    decibel: int


class Ear(Service):
    name = "ear"

    @handles(Rung)
    def listen(self, message, tx):
        """Only declared."""

    @answers(sketches.Ask)
    def ask(self, call):
        """Only declared."""


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(golden, "ROOT", tmp_path)
    (tmp_path / golden.FOLDER).mkdir(parents=True)
    return tmp_path


def freeze(root, event):
    path = golden.path_of(event)
    (root / path).write_text(json.dumps(golden.kept(event, path)))
    return path


def test_an_optional_field_makes_a_new_edition_and_keeps_the_old_one(root):
    path = freeze(root, Rung)
    first = golden.kept(Rung, path)["editions"]
    second = golden.kept(RungWithReason, path)["editions"]
    assert len(first) == 1
    assert second[0] == first[0]
    assert list(second[1]["fields"]) == ["bell_id", "reason"]


def test_an_unchanged_event_makes_no_new_edition(root):
    path = freeze(root, Rung)
    assert golden.kept(Rung, path) == json.loads((root / path).read_text())


@pytest.mark.parametrize(("before", "after"), [(Rung, RungLoudly), (RungLoudly, Rung), (RungWithReason, Rung)])
def test_a_demanded_or_removed_field_takes_a_new_version(root, before, after):
    path = freeze(root, before)
    with pytest.raises(golden.FrozenError, match="make version 2"):
        golden.kept(after, path)


def test_a_file_that_differs_or_is_missing_is_found(tmp_path):
    (tmp_path / "same").write_text("a")
    (tmp_path / "other").write_text("b")
    assert generate.stale({"same": "a", "other": "x", "missing": ""}, tmp_path) == ["missing", "other"]


def test_a_golden_file_without_its_event_is_found(root):
    path = freeze(root, Rung)
    assert generate.orphans({}, root) == [path]
    assert generate.orphans({path: ""}, root) == []


def test_two_generators_of_one_file_are_refused():
    with pytest.raises(ValueError, match="twice"):
        generate.wanted([lambda: {"a": ""}, lambda: {"a": ""}])


def test_the_catalogue_names_listeners_by_service_and_duty():
    assert events_page.listeners_of([Ear]) == {Rung: ["`ear.listen`"]}


def test_the_page_of_calls_tells_arguments_reply_and_time_limit(monkeypatch):
    monkeypatch.setattr("shared.bus.discovery.services", lambda: [Ear])
    (text,) = rpc_page.page().values()
    assert "### `ear.ask`\n\nWhat was heard." in text
    assert "read; time limit 2 s; refusals: none" in text
    assert "| `bell_id` | uuid | yes |" in text
    assert "| `rung` | list of object (`at`) | no |" in text
