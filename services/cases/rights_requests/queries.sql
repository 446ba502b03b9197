-- Letters to whoever made a request. Every query has a name and a sentence.

-- requester: the user that a case is about, and of which company
SELECT account_id, user_id FROM case_subject WHERE case_id = %(case_id)s AND user_id IS NOT NULL
ORDER BY added_at, user_id LIMIT 1;

-- add: a letter that is ordered, once
INSERT INTO requester_letter (id, case_id, decision_id, letter, ordered_at)
VALUES (%(id)s, %(case_id)s, %(decision_id)s, %(letter)s, %(now)s) ON CONFLICT (id) DO NOTHING;

-- get: one letter
SELECT case_id, decision_id, letter, sent_at FROM requester_letter WHERE id = %(id)s;

-- sent: since when it has left, if nobody knew
UPDATE requester_letter SET sent_at = %(at)s, posted_by = %(posted_by)s WHERE id = %(id)s AND sent_at IS NULL;
