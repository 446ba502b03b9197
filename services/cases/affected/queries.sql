-- Whom breaches concern. Every query has a name and a sentence.

-- ask: that a list is to be computed; one that is not frozen gives way to it
INSERT INTO affected_list (id, case_id, scope, as_of, window_from, window_to, asked_by, asked_at)
VALUES (%(id)s, %(case_id)s, %(scope)s, %(as_of)s, %(window_from)s, %(window_to)s, %(asked_by)s, %(asked_at)s);

-- drop_unfrozen: lists of a case that no decision rests on
DELETE FROM affected_list WHERE case_id = %(case_id)s AND decision_id IS NULL;

-- agreement_changed: lists by agreements that no decision rests on are to be looked at again
UPDATE affected_list SET changes = changes + 1 WHERE scope = 'agreements' AND decision_id IS NULL;

-- seen: a list takes so many changes into account
UPDATE affected_list SET changes_seen = %(changes)s WHERE id = %(id)s;

-- clear: a list names others now
DELETE FROM affected_subject WHERE list_id = %(list_id)s;

-- subjects: whom a list names
SELECT account_id, user_id FROM affected_subject WHERE list_id = %(list_id)s LIMIT %(limit)s;

-- drop_others: lists of a case that no decision rests on and the ledger does not know, but for this one
DELETE FROM affected_list
WHERE case_id = %(case_id)s AND id <> %(id)s AND decision_id IS NULL
  AND NOT EXISTS (SELECT FROM fact_kept AS k WHERE k.about = affected_list.id);

-- waiting: lists of open cases that nobody has computed or that are to be looked at again, the oldest first; of one
-- from the ledger the rest is awaited
SELECT l.* FROM affected_list AS l JOIN case_file AS c ON c.id = l.case_id
WHERE (l.computed_at IS NULL AND l.parts IS NULL OR l.decision_id IS NULL AND l.changes > l.changes_seen)
  AND c.ended_at IS NULL
ORDER BY l.asked_at, l.id LIMIT %(limit)s;

-- lock: one list, held until the end of the transaction
SELECT * FROM affected_list WHERE id = %(id)s FOR UPDATE;

-- newest: the list of a case that counts
SELECT * FROM affected_list WHERE case_id = %(case_id)s ORDER BY asked_at DESC, id DESC LIMIT 1;

-- of_case: all lists of a case, the newest first, with how many customers stand on each now
SELECT l.*, (SELECT count(DISTINCT s.account_id) FROM affected_subject AS s WHERE s.list_id = l.id) AS standing
FROM affected_list AS l WHERE l.case_id = %(case_id)s ORDER BY l.asked_at DESC, l.id DESC LIMIT %(limit)s;

-- add_subjects: customers and users on a list, in parts of so many
INSERT INTO affected_subject (list_id, account_id, user_id, part)
SELECT %(list_id)s, found.account_id, found.user_id, (found.number - 1) / %(size)s
FROM unnest(%(account_ids)s::uuid[], %(user_ids)s::uuid[]) WITH ORDINALITY AS found (account_id, user_id, number)
ON CONFLICT DO NOTHING;

-- erased_marks: which of these digests are those of somebody erased
SELECT digest FROM erased_mark WHERE digest = ANY(%(digests)s);

-- forget_marks: marks of those whom no backup can bring back
DELETE FROM erased_mark WHERE erased_at < %(before)s;

-- add_again: customers and users of one part of a list that is made true again
INSERT INTO affected_subject (list_id, account_id, user_id, part)
SELECT %(list_id)s, found.account_id, found.user_id, %(part)s
FROM unnest(%(account_ids)s::uuid[], %(user_ids)s::uuid[]) AS found (account_id, user_id)
ON CONFLICT DO NOTHING;

-- computed: a list with its counts, and in how many parts the ledger gets it
UPDATE affected_list
SET computed_at = %(now)s, customers = %(customers)s, persons = %(persons)s, parts = %(parts)s,
    left_out = %(left_out)s
WHERE id = %(id)s;

-- again: a list that is made true again, part by part; what it comes to is filled in with the last one
INSERT INTO affected_list (id, case_id, scope, as_of, window_from, window_to, asked_by, asked_at, parts, parts_told)
VALUES (%(id)s, %(case_id)s, %(scope)s, %(as_of)s, %(window_from)s, %(window_to)s, %(asked_by)s, %(asked_at)s,
        %(parts)s, %(parts)s)
ON CONFLICT (id) DO UPDATE SET parts = EXCLUDED.parts, parts_told = EXCLUDED.parts;

-- untold: a frozen list of which the ledger does not get all parts yet, of a case that it has; held until the end
SELECT l.* FROM affected_list AS l
WHERE l.decision_id IS NOT NULL AND l.parts_told < l.parts
  AND EXISTS (SELECT FROM fact_kept AS k WHERE k.about = l.case_id)
ORDER BY l.asked_at LIMIT 1 FOR UPDATE OF l SKIP LOCKED;

-- of_part: who stands in one part of a list
SELECT account_id, user_id FROM affected_subject WHERE list_id = %(list_id)s AND part = %(part)s
ORDER BY account_id, user_id;

-- told: so many parts of a list are on their way to the ledger
UPDATE affected_list SET parts_told = %(parts_told)s WHERE id = %(id)s;

-- freeze: the decision that a list was made for; the first one stays
UPDATE affected_list SET decision_id = %(decision_id)s WHERE id = %(id)s AND decision_id IS NULL;

-- named: whom the case itself names
SELECT account_id, user_id FROM case_subject WHERE case_id = %(case_id)s LIMIT %(limit)s;

-- persons_of: how many users of a customer are on a list
SELECT count(*) FILTER (WHERE user_id IS NOT NULL) AS persons FROM affected_subject
WHERE list_id = %(list_id)s AND account_id = %(account_id)s;
