-- Disputes and what is held for them. Every query has a name and a sentence.

-- called: the case with this customer that people call so
SELECT f.id FROM case_file AS f WHERE f.reference = %(reference)s
  AND EXISTS (SELECT FROM case_subject AS s WHERE s.case_id = f.id AND s.account_id = %(account_id)s);

-- note: that something is held for a case, and until when nobody has to look at that again; the newest word counts
INSERT INTO dispute_hold (hold_id, case_id, review_on, as_of)
VALUES (%(hold_id)s, %(case_id)s, %(review_on)s, %(as_of)s)
ON CONFLICT (hold_id) DO UPDATE SET review_on = EXCLUDED.review_on, as_of = EXCLUDED.as_of
WHERE dispute_hold.as_of < EXCLUDED.as_of;

-- forget: it is held no more
DELETE FROM dispute_hold WHERE hold_id = %(hold_id)s;

-- of_case: what is held for a case, by when it is looked at again
SELECT hold_id, review_on FROM dispute_hold WHERE case_id = %(case_id)s ORDER BY review_on, hold_id LIMIT %(limit)s;

-- is_noted: whether this is held for a case
SELECT 1 AS found FROM dispute_hold WHERE hold_id = %(hold_id)s;

-- held_after_end: how much is held for disputes that have ended, and since when
SELECT count(*) AS count, min(f.ended_at) AS since
FROM dispute_hold AS h JOIN case_file AS f ON f.id = h.case_id WHERE f.ended_at IS NOT NULL;
