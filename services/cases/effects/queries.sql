-- What decisions have carried out. Every query has a name and a sentence.

-- due: one that is to be tried now, held until the end of the transaction
SELECT case_id, decision_id, code, ordered_at, tries, next_at, last_error, confirmed_at
FROM case_effect WHERE next_at IS NOT NULL AND NOT is_leased(next_at, %(now)s, %(longest)s)
ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED;

-- lock: one of them, held until the end of the transaction
SELECT case_id, decision_id, code, ordered_at, tries, next_at, last_error, confirmed_at
FROM case_effect WHERE case_id = %(case_id)s AND decision_id = %(decision_id)s AND code = %(code)s FOR UPDATE;

-- is_published: whether the broker has confirmed an event
SELECT published_at IS NOT NULL AS is_published FROM outbox WHERE event_id = %(event_id)s;

-- late: what is not confirmed although it should be, or was given up, and since when the oldest
SELECT count(*) AS count, min(ordered_at) AS since
FROM case_effect WHERE confirmed_at IS NULL AND (next_at IS NULL OR ordered_at < %(before)s);
