-- What comes due, and what is over. Every query has a name and a sentence.

-- coming: open cases with a clock of which the owner is to be told, held until the end of the transaction
SELECT f.id FROM case_file AS f
WHERE f.ended_at IS NULL AND f.id IN (
    SELECT c.case_id FROM case_clock AS c WHERE c.stopped_at IS NULL AND c.next_at <= %(now)s
    ORDER BY c.next_at LIMIT %(limit)s
) ORDER BY f.id FOR UPDATE SKIP LOCKED;

-- without_owner: open cases for which nobody answers, and since when the oldest
SELECT count(*) AS count, min(opened_at) AS since FROM case_file WHERE ended_at IS NULL AND owner IS NULL;

-- restored: cases that were made true again after a restore, and at which nobody has looked since
SELECT count(*) AS count, min(restored_at) AS since FROM case_file WHERE restored_at IS NOT NULL;

-- overdue: open cases with a clock whose time is over, and since when the oldest
SELECT count(DISTINCT c.case_id) AS count, min(c.internal_due) AS since
FROM case_clock AS c JOIN case_file AS f ON f.id = c.case_id
WHERE c.stopped_at IS NULL AND f.ended_at IS NULL AND c.internal_due <= %(now)s;

-- outliving: clocks that run although their case has ended
SELECT count(*) AS count, min(f.ended_at) AS since
FROM case_clock AS c JOIN case_file AS f ON f.id = c.case_id WHERE c.stopped_at IS NULL AND f.ended_at IS NOT NULL;

-- purge: files of one kind that ended long ago, unless a case that came from them, or they came from, is kept longer
DELETE FROM case_file WHERE id IN (
    SELECT f.id FROM case_file AS f WHERE f.kind = %(kind)s AND f.ended_at < %(before)s
      AND NOT EXISTS (SELECT FROM case_link AS l JOIN case_file AS o ON o.id = l.other_id WHERE l.case_id = f.id)
      AND NOT EXISTS (SELECT FROM case_link AS l JOIN case_file AS o ON o.id = l.case_id
                      WHERE l.other_id = f.id AND o.ended_at IS NULL)
    ORDER BY f.ended_at LIMIT %(limit)s
);
