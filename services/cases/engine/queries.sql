-- Cases. Every query has a name and a sentence.

-- add: keep a new case
INSERT INTO case_file (id, reference, kind, kind_version, state, state_since, owner, opened_by, signal, join_key, signals,
                       received_at, opened_at, ended_at, version, subjects_erased, restored_at)
VALUES (%(id)s, %(reference)s, %(kind)s, %(kind_version)s, %(state)s, %(state_since)s, %(owner)s, %(opened_by)s,
        %(signal)s, %(join_key)s, %(signals)s, %(received_at)s, %(opened_at)s, %(ended_at)s, %(version)s,
        %(subjects_erased)s, %(restored_at)s);

-- save: a case as it is after a change
UPDATE case_file
SET state = %(state)s, state_since = %(state_since)s, owner = %(owner)s, join_key = %(join_key)s,
    signals = %(signals)s, received_at = %(received_at)s, ended_at = %(ended_at)s, version = %(version)s,
    restored_at = %(restored_at)s
WHERE id = %(id)s;

-- get: one case
SELECT * FROM case_file WHERE id = %(id)s;

-- lock: one case, held until the end of the transaction
SELECT * FROM case_file WHERE id = %(id)s FOR UPDATE;

-- clocks: the clocks of a case
SELECT rule, round, started_at, amount, unit, calendar_version, internal_due, statutory_due, told, next_at, stopped_at
FROM case_clock WHERE case_id = %(id)s ORDER BY started_at, rule, round;

-- save_clock: a clock as it is now
INSERT INTO case_clock (case_id, rule, round, started_at, amount, unit, calendar_version, internal_due, statutory_due,
                        told, next_at, stopped_at)
VALUES (%(case_id)s, %(rule)s, %(round)s, %(started_at)s, %(amount)s, %(unit)s, %(calendar_version)s,
        %(internal_due)s, %(statutory_due)s, %(told)s, %(next_at)s, %(stopped_at)s)
ON CONFLICT (case_id, rule, round) DO UPDATE
SET started_at = EXCLUDED.started_at, amount = EXCLUDED.amount, unit = EXCLUDED.unit,
    calendar_version = EXCLUDED.calendar_version, internal_due = EXCLUDED.internal_due,
    statutory_due = EXCLUDED.statutory_due, told = EXCLUDED.told, next_at = EXCLUDED.next_at,
    stopped_at = EXCLUDED.stopped_at;

-- entered: the instants of a case, in the order in which they were recorded
SELECT name, at, entered_by, recorded_at FROM case_instant WHERE case_id = %(id)s ORDER BY number;

-- enter: an instant
INSERT INTO case_instant (case_id, name, at, entered_by, recorded_at)
VALUES (%(case_id)s, %(name)s, %(at)s, %(entered_by)s, %(recorded_at)s);

-- decisions: the decisions about a case, the first one first
SELECT id, step, reason, from_state, to_state, decided_by, decided_at, is_late, late_reason, supersedes,
       approved_by, approval_id
FROM case_decision WHERE case_id = %(id)s ORDER BY number;

-- decide: a decision
INSERT INTO case_decision (id, case_id, step, reason, from_state, to_state, decided_by, decided_at, is_late, late_reason,
                           supersedes, approved_by, approval_id)
VALUES (%(id)s, %(case_id)s, %(step)s, %(reason)s, %(from_state)s, %(to_state)s, %(decided_by)s, %(decided_at)s,
        %(is_late)s, %(late_reason)s, %(supersedes)s, %(approved_by)s, %(approval_id)s);

-- effects: what decisions about a case have carried out, the first one first
SELECT case_id, decision_id, code, ordered_at, tries, next_at, last_error, confirmed_at
FROM case_effect WHERE case_id = %(id)s ORDER BY ordered_at, code;

-- order: something that a decision has carried out
INSERT INTO case_effect (case_id, decision_id, code, ordered_at, tries, next_at, last_error, confirmed_at)
VALUES (%(case_id)s, %(decision_id)s, %(code)s, %(ordered_at)s, %(tries)s, %(next_at)s, %(last_error)s,
        %(confirmed_at)s)
ON CONFLICT DO NOTHING;

-- save_effect: how an effect stands after a try
UPDATE case_effect
SET tries = %(tries)s, next_at = %(next_at)s, last_error = %(last_error)s, confirmed_at = %(confirmed_at)s
WHERE decision_id = %(decision_id)s AND code = %(code)s;

-- hasten: what a decision has carried out and is not given up is tried now
UPDATE case_effect SET next_at = least(next_at, %(now)s), tries = 0
WHERE decision_id = %(decision_id)s AND next_at IS NOT NULL;

-- link: that one case belongs to another
INSERT INTO case_link (case_id, kind, other_id, linked_at) VALUES (%(case_id)s, %(kind)s, %(other_id)s, %(now)s)
ON CONFLICT DO NOTHING;

-- twins: cases that followed from the same decision as this one
SELECT t.id FROM case_link AS l JOIN case_file AS t ON t.id = l.other_id JOIN case_file AS f ON f.id = %(id)s
WHERE l.case_id = %(from_id)s AND l.kind = 'promoted_to' AND t.id <> f.id AND t.opened_at = f.opened_at
ORDER BY t.id LIMIT %(limit)s;

-- is_there: whether there is a case
SELECT 1 AS found FROM case_file WHERE id = %(id)s;

-- is_linked: whether a case belongs to another one in this way
SELECT 1 AS found FROM case_link WHERE case_id = %(case_id)s AND kind = %(kind)s AND other_id = %(other_id)s;

-- links: the cases that belong to a case, from both sides
SELECT l.kind, l.case_id, l.is_from, l.linked_at, f.reference
FROM (
    SELECT kind, other_id AS case_id, false AS is_from, linked_at FROM case_link WHERE case_id = %(id)s
    UNION ALL
    SELECT kind, case_id, true, linked_at FROM case_link WHERE other_id = %(id)s
) AS l JOIN case_file AS f ON f.id = l.case_id
ORDER BY l.kind, l.case_id LIMIT %(limit)s;

-- goes_on_in: where what went into a case is seen to now: the alarm or incident that is open of those which followed
-- from it, the newest one; where none is, the one that ended last
WITH RECURSIVE following AS (
    SELECT %(id)s::uuid AS id
    UNION
    SELECT l.other_id FROM following AS w JOIN case_link AS l ON l.case_id = w.id
    WHERE l.kind IN ('merged_into', 'promoted_to', 'continued_in')
)
SELECT f.id, f.ended_at FROM following AS w JOIN case_file AS f ON f.id = w.id
WHERE f.kind IN ('alarm', 'incident')
ORDER BY f.ended_at DESC NULLS FIRST, f.opened_at DESC, f.id LIMIT 1;

-- named_before: whom of these a case names, or one that what went into it went on in
WITH RECURSIVE following AS (
    SELECT %(id)s::uuid AS id
    UNION
    SELECT l.other_id FROM following AS w JOIN case_link AS l ON l.case_id = w.id
    WHERE l.kind IN ('merged_into', 'promoted_to', 'continued_in')
)
SELECT DISTINCT s.account_id, s.user_id FROM following AS w JOIN case_subject AS s ON s.case_id = w.id
WHERE s.account_id = ANY(%(account_ids)s) AND (s.user_id IS NULL OR s.user_id = ANY(%(user_ids)s));

-- add_subject: whom a case is about
INSERT INTO case_subject (case_id, account_id, user_id, added_at)
VALUES (%(case_id)s, %(account_id)s, %(user_id)s, %(now)s) ON CONFLICT DO NOTHING;

-- copy_subjects: whom a case is about, another one is about as well
INSERT INTO case_subject (case_id, account_id, user_id, added_at)
SELECT %(to_id)s, account_id, user_id, %(now)s FROM case_subject WHERE case_id = %(from_id)s ON CONFLICT DO NOTHING;

-- named_more: lists by whom a case names, on which no decision rests, are to be looked at again
UPDATE affected_list SET changes = changes + 1
WHERE case_id = %(case_id)s AND scope = 'case' AND decision_id IS NULL;

-- customers: a page of the customers that a case is about, in order of their ids
SELECT DISTINCT account_id FROM case_subject
WHERE case_id = %(id)s AND (%(after_at)s::timestamptz IS NULL OR account_id > %(after_id)s::uuid)
ORDER BY account_id LIMIT %(limit)s;

-- count_subjects: how many a case is about, and how many customers these are
SELECT count(*) AS count, count(DISTINCT account_id) AS customers FROM case_subject WHERE case_id = %(id)s;

-- one_by_one: what comes in by one key comes one after the other, until the end of the transaction
SELECT pg_advisory_xact_lock(hashtext('case_intake ' || %(key)s));

-- taken_before: the case into which what comes in went before
SELECT i.case_id, f.reference FROM case_intake AS i JOIN case_file AS f ON f.id = i.case_id
WHERE i.source = %(source)s AND i.digest = %(digest)s;

-- count_taken: how much of what went into a case is remembered
SELECT count(*) AS count FROM case_intake WHERE case_id = %(case_id)s;

-- note_taken: that something went into a case
INSERT INTO case_intake (source, digest, case_id, received_at, signal)
VALUES (%(source)s, %(digest)s, %(case_id)s, %(now)s, %(signal)s) ON CONFLICT DO NOTHING;
