"""Does the jobs, tries them again, and leaves to a person what does not work by itself."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from services.billing_sync.customer_links.rules import OtherCompany
from services.billing_sync.jobs import rules
from services.billing_sync.jobs import store as jobs
from services.billing_sync.jobs.values import Job, JobKind
from services.billing_sync.tripletex.client import (
    ConflictAtTripletexError,
    NotLetIn,
    StaleVersionError,
    Throttled,
    TripletexRefused,
)
from services.billing_sync.worker import calls
from services.billing_sync.worker.events import JobRetried, SyncFailed
from shared import log
from shared.bus import Feature, answers, every
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import probe
from shared.bus.statement_check import spend
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Internal, NotFound, Permanent, Refused, Transient
from shared.events import Code
from shared.keyset import Place, cut
from shared.terms.clauses import parties, rights

BATCH: Final = 10

logger = log.get("billing-sync")
chance = random.SystemRandom()


class Worker(Feature):
    """Only one replica's calls reach an account at a time, by the lease of its job."""

    def __init__(self, database: Database, clock: Clock, tasks: Mapping[JobKind, Callable[[Job], None]]) -> None:
        """`tasks` do a job of each kind, and finish it."""
        self._database = database
        self._clock = clock
        self._tasks = tasks

    @every(seconds=0.5)
    def work(self) -> None:
        """Take due jobs and do them one after the other."""
        with self._database.transaction() as tx:
            claimed = jobs.claim(tx, self._clock.now(), BATCH)
        for job in claimed:
            if self._still_ours(job):
                self._attempt(job)

    def _still_ours(self, job: Job) -> bool:
        """Begin a job with a whole lease: those before it in the batch may have used up the one it came with."""
        with self._database.transaction() as tx:
            return jobs.extend(tx, job, self._clock.now())

    def _attempt(self, job: Job) -> None:
        try:
            self._tasks[job.kind](job)
        except Throttled as throttled:
            self._later(job, "throttled", throttled.wait)
        except StaleVersionError:
            self._later(job, "changed_elsewhere", None)
        except ConflictAtTripletexError as conflict:
            self._later(job, f"conflict_{conflict.tripletex_code or 0}", None)
        except (Transient, Internal) as error:
            logger.warning("not done this time", exc_info=error, job_id=job.id)
            self._later(job, "no_answer", None)
        except TripletexRefused as refused:
            self._give_up(job, f"refused_{refused.status}_{refused.code or 0}")
        except NotLetIn:
            logger.exception("tripletex does not let us in")
            self._later(job, "not_let_in", None)
        except OtherCompany:
            logger.warning("another company stands there", job_id=job.id)
            self._give_up(job, "other_company")
        except (Permanent, Refused):
            logger.exception("cannot be done", job_id=job.id)
            self._give_up(job, "cannot_be_done")
        except Exception:  # one job's fault must not keep the others from being done
            logger.exception("failed unexpectedly", job_id=job.id)
            self._later(job, "unexpected", None)

    def _later(self, job: Job, reason: str, asked: timedelta | None) -> None:
        """Put off; a wait that Tripletex itself asked for is no failed try and gives nothing up."""
        now, throttled = self._clock.now(), reason == "throttled"
        if job.attempts >= rules.ATTEMPTS and job.kind == "sync" and not throttled:
            self._give_up(job, reason)
            return
        due_at = rules.next_try(job.attempts, now, asked=asked, jitter=chance.random())
        with self._database.transaction() as tx:
            jobs.postpone(tx, job, due_at, reason, counted=not throttled or asked is None)

    def _give_up(self, job: Job, reason: str) -> None:
        with self._database.transaction() as tx:
            if jobs.give_up(tx, job, reason):
                tx.outbox.add(SyncFailed(account_id=job.account_id, reason=Code(reason)), now=self._clock.now())

    @probe(
        parties.TRIPLETEX_FOR_ACCOUNTS,
        parties.TRIPLETEX_FOR_CONTACT,
        rights.RIGHT_OF_RECTIFICATION,
        nb="endringer og slettinger hos Tripletex som ikke lot seg gjøre",
        en="changes and erasures at Tripletex that could not be done",
    )
    @alarm("tripletex_failed", says="work towards Tripletex that has failed", act="vilkar billing failed")
    def failed_work(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """A person ends its cause and has it tried again."""
        return Waiting.of(jobs.failed_waiting(tx))

    @probe(
        parties.TRIPLETEX_FOR_CONTACT,
        rights.RIGHT_OF_RECTIFICATION,
        nb="endringer og slettinger som ikke har nådd Tripletex i tide",
        en="changes and erasures that have not reached Tripletex in time",
    )
    @alarm("tripletex_late", says="work towards Tripletex that is not done yet", act="vilkar vendors")
    def late_work(self, tx: Transaction, now: datetime) -> Waiting | None:
        """It is tried again by itself."""
        return Waiting.of(jobs.long_waiting(tx, now - rules.LATE_AFTER))

    @answers(calls.Failed)
    def failed(self, call: calls.Failed) -> calls.FailedJobs:
        """What waits for a person."""
        with self._database.transaction() as tx:
            found = jobs.failed(tx, call)
        page, following = cut(found, call.limit, lambda job: Place(job["due_at"], job["job_id"]))
        names = calls.FailedJob.__dataclass_fields__
        shown = tuple(calls.FailedJob(**{name: job[name] for name in names}) for job in page)
        return calls.FailedJobs(jobs=shown, next_after=following)

    @answers(calls.Retry)
    def retry(self, call: calls.Retry) -> calls.Retried:
        """Try a failed job again now."""
        now = self._clock.now()
        with self._database.transaction() as tx:
            spend(tx, now)
            job = jobs.retry(tx, call.job_id, now)
            if job is None:
                raise NotFound("There is no failed job with this id.")
            tx.outbox.add(JobRetried(**job), now=now)
        return calls.Retried(job_id=call.job_id)
