-- Undertakings and training.

-- add: keep one
INSERT INTO prerequisite (id, person_id, kind, what, began_at, expires_at, recorded_at, recorded_by)
VALUES (%(id)s, %(person_id)s, %(kind)s, %(what)s, %(began_at)s, %(expires_at)s, %(recorded_at)s, %(recorded_by)s);

-- of_person: all of a person, the newest first
SELECT id, person_id, kind, what, began_at, expires_at, recorded_at, recorded_by, ended_at, ended_because
FROM prerequisite WHERE person_id = %(person_id)s ORDER BY recorded_at DESC, id DESC;

-- lock: one, locked until the transaction ends
SELECT id, person_id, kind, what, began_at, expires_at, recorded_at, recorded_by, ended_at, ended_because
FROM prerequisite WHERE id = %(id)s FOR UPDATE;

-- end: one counts no more
UPDATE prerequisite SET ended_at = %(now)s, ended_because = %(reason)s WHERE id = %(id)s AND ended_at IS NULL;

-- expired: those that are over and not ended yet, locked until the transaction ends
SELECT id, person_id, kind, what, began_at, expires_at, recorded_at, recorded_by, ended_at, ended_because
FROM prerequisite WHERE ended_at IS NULL AND expires_at <= %(now)s
ORDER BY expires_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- ending: how many kinds of whom of the staff end before then without one that counts longer, and when the first does
SELECT count(*) AS count, min(last) AS since FROM (
    SELECT max(pre.expires_at) AS last FROM prerequisite AS pre JOIN person ON person.id = pre.person_id
    WHERE pre.ended_at IS NULL AND person.state = 'active' GROUP BY pre.person_id, pre.kind
) AS kept WHERE last < %(before)s;

-- forget: what ended before then
DELETE FROM prerequisite WHERE id IN (SELECT id FROM prerequisite WHERE ended_at < %(before)s LIMIT %(limit)s);
