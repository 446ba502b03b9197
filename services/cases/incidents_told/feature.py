"""Shows customers the incidents that concern them: what each was told, when, and nothing of others."""

from __future__ import annotations

from dataclasses import dataclass

from services.account.login.calls import Authenticate
from services.cases.incidents_told import calls, rules, store
from shared.bus import Feature, answers
from shared.calls import Caller
from shared.database import Database


@dataclass(kw_only=True, eq=False)
class IncidentsOfCustomer(Feature):
    """Reads, and changes nothing. The account service says whose the session is."""

    database: Database
    caller: Caller

    @answers(calls.IncidentsTold)
    def incidents_told(self, call: calls.IncidentsTold) -> calls.IncidentsShown:
        """What the company of a session, and its person, were told of breaches."""
        session = self.caller.ask(Authenticate(token=call.token))
        with self.database.transaction() as tx:
            rows = store.told(
                tx,
                session.account_id,
                session.user_id,
                is_owner=session.role == rules.OWNER,
                limit=rules.NOTICES_MOST + 1,
            )
            instants = store.instants(tx, [row["case_id"] for row in rows])
            persons = store.persons(tx, session.account_id, [row["list_id"] for row in rows])
        return rules.incidents_shown(rows, instants, persons)
