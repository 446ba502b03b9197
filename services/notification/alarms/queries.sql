-- raise_alarm: one open alarm of a kind, with how often it was met
INSERT INTO alarm (id, kind, status, raised_at, last_seen_at)
VALUES (%(id)s, %(kind)s, %(status)s, %(now)s, %(now)s)
ON CONFLICT (kind) WHERE closed_at IS NULL
DO UPDATE SET times = alarm.times + 1, last_seen_at = excluded.last_seen_at, status = excluded.status;

-- open_alarms: what a person must look at
SELECT id AS alarm_id, kind, status, times, raised_at, last_seen_at FROM alarm
WHERE closed_at IS NULL ORDER BY raised_at LIMIT %(limit)s;

-- close_alarms: a person has seen to them
UPDATE alarm SET closed_at = %(now)s WHERE closed_at IS NULL;

-- alarms_waiting: how many alarms are open, and since when the oldest
SELECT count(*) AS count, min(raised_at) AS since FROM alarm WHERE closed_at IS NULL;

-- letters_waiting: how many letters wait for a person, and since when the oldest was asked for
SELECT count(*) AS count, min(requested_at) AS since FROM letter WHERE state = 'parked';

-- release_parked: letters that waited for a person go out again, those of this batch
UPDATE letter
SET state = 'pending', due_at = %(now)s, fair_at = %(now)s, reason = NULL
WHERE id IN (
    SELECT id FROM letter WHERE state = 'parked' ORDER BY requested_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);

-- resume_provider: end a pause
UPDATE provider_budget SET paused_until = NULL WHERE provider = 'mailgun';
