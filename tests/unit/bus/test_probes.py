"""Probes as they are declared and asked: each looks again in its time, and one that cannot look says nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.bus import discovery, probes
from shared.bus.alarms import Waiting, alarm
from shared.bus.declarations import Service
from shared.bus.every_service import EveryService
from shared.bus.every_service_calls import Probes as ProbesCall
from shared.bus.every_service_calls import ProbesLooked
from shared.bus.probes import Probes, probe
from shared.clock import FixedClock
from shared.errors import Unavailable
from shared.evidence.watching import Watching, looks
from shared.terms import UnknownClauseError
from shared.terms.enforcement import enforced
from shared.terms.proof import Look
from tests.in_process import invoke
from tests.unit.bus.test_alarms import Nowhere

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


class Sample(Service):
    name = "sample"

    def __init__(self) -> None:
        self.database, self.clock = Nowhere(), FixedClock(NOW)
        self.found: object = 0
        self.waiting = None
        self.asked = 0

    @probe("LINK-1", nb="økter på inaktive kontoer", en="sessions of inactive accounts", seconds=300)
    def sessions(self, _tx, _now):
        self.asked += 1
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    @probe("HOLD-2", "HOLD-1", nb="utsettelser uten vurdering", en="holds without a review")
    @alarm("holds", says="holds without a review", act="vilkar ping")
    def holds(self, _tx, _now):
        return self.waiting


class TestLooking:
    def test_it_looks_at_once_and_again_when_its_time_has_come(self):
        service = Sample()
        asked = Probes(service)
        assert asked.look() == {"sessions": Look(at=NOW, count=0), "holds": Look(at=NOW, count=0)}
        service.found = 2
        service.clock.move(timedelta(seconds=299))
        assert asked.look()["sessions"] == Look(at=NOW, count=0)
        service.clock.move(timedelta(seconds=1))
        assert asked.look()["sessions"] == Look(at=NOW + timedelta(seconds=300), count=2)
        assert service.asked == 2

    def test_what_was_otherwise_than_promised_is_looked_at_again_soon(self):
        service = Sample()
        service.found = 2
        asked = Probes(service)
        asked.look()
        service.found = 0
        service.clock.move(timedelta(seconds=probes.SOON - 1))
        assert asked.look()["sessions"].count == 2
        service.clock.move(timedelta(seconds=1))
        assert asked.look()["sessions"].count == 0

    def test_what_staff_do_is_what_the_alarm_says_where_it_is_one(self):
        looks_now = Probes(Sample()).look()
        assert (looks_now["holds"].act, looks_now["sessions"].act) == ("vilkar ping", "")

    def test_one_that_cannot_look_keeps_its_last_look_and_does_not_hide_the_others(self):
        service = Sample()
        service.found = RuntimeError("the database is away")
        asked = Probes(service)
        assert asked.look() == {"holds": Look(at=NOW, count=0)}
        service.found = 0
        assert asked.look()["sessions"].at == NOW
        service.found = RuntimeError("away again")
        service.clock.move(timedelta(hours=1))
        assert asked.look()["sessions"] == Look(at=NOW, count=0)

    def test_a_clock_that_was_put_back_is_no_reason_to_look_no_more(self):
        service = Sample()
        asked = Probes(service)
        asked.look()
        service.clock.at = NOW - timedelta(days=1)
        assert asked.look()["sessions"].at == NOW - timedelta(days=1)

    def test_what_waits_for_a_person_contradicts_and_is_told_by_its_own_alarm_alone(self):
        service = Sample()
        service.waiting = Waiting(3, NOW - timedelta(days=1))
        asked = Probes(service)
        assert asked.look()["holds"].count == 3
        assert asked.contradicted() is None
        service.found = 1
        service.clock.move(timedelta(seconds=300))
        assert asked.contradicted() == Waiting(1, NOW + timedelta(seconds=300))

    def test_every_service_answers_for_its_probes_and_those_of_the_bus(self):
        service = Sample()
        service.found = 1
        shown = {each["name"]: each for each in invoke(service, ProbesCall.method)["probes"]}
        assert shown["sessions"] == {"name": "sessions", "looked_at": NOW.isoformat(), "count": 1, "act": ""}


class TestDeclaring:
    def test_an_unknown_clause_is_an_error_when_the_module_is_read(self):
        with pytest.raises(UnknownClauseError):
            probe("LINK-77", nb="x", en="y")
        with pytest.raises(ValueError, match="at least one"):
            probe(nb="x", en="y")

    def test_every_probe_has_a_name_of_its_own_and_words_in_both_languages(self):
        bus = list(probes.declared_by(EveryService))
        for service in discovery.services():
            declared = [*probes.declared_by(service), *bus]
            names = [each.name for each in declared]
            assert len(set(names)) == len(names), service.name
            for _, spec in declared:
                assert spec.says.nb != spec.says.en
                assert 60 <= spec.seconds <= 86_400

    def test_what_the_public_is_shown_is_what_the_services_declare(self):
        declared = {
            (clause_id, service.name, name)
            for service in discovery.services()
            for name, spec in (*probes.declared_by(service), *probes.declared_by(EveryService))
            for clause_id in spec.clause_ids
        }
        shown = {
            (clause_id, each.service, each.name)
            for clause_id, behind in enforced().items()
            for each in behind.probes
        }
        assert shown == declared


class Answering:
    """Stands in for the bus: services that answer, and one that is away."""

    def __init__(self, **answers):
        self.answers = answers

    def __call__(self, service):
        if service not in self.answers:
            raise Unavailable(service)
        return ProbesLooked.from_json({"probes": self.answers[service]})


SEEN = {"name": "sessions", "looked_at": NOW.isoformat(), "count": 2}


class TestWatching:
    def test_a_service_that_is_away_hides_no_other(self):
        caller = Answering(account=[SEEN])
        assert looks(caller, ["audit", "account"]) == {("account", "sessions"): Look(at=NOW, count=2)}

    def test_an_answer_that_nobody_expected_hides_no_other_and_does_not_end_the_watching(self):
        known = Answering(account=[SEEN])

        def ask(service):
            return known(service) if service == "account" else {}["no exception of ours"]

        assert looks(ask, ["audit", "account"]) == {("account", "sessions"): Look(at=NOW, count=2)}

    def test_one_that_went_away_keeps_its_last_answer_which_grows_old(self):
        caller = Answering(account=[SEEN])
        watching = Watching(caller)
        watching.ask()
        assert watching.known == {("account", "sessions"): Look(at=NOW, count=2)}
        caller.answers.clear()
        watching.ask()
        assert watching.known[("account", "sessions")].at == NOW
