-- How far erasures are. Every query has a name and a sentence.

-- in_state: a page of erasures in a state, oldest first
SELECT * FROM erasure
WHERE state = %(state)s
  AND (%(after_at)s::timestamptz IS NULL OR (entered_at, id) > (%(after_at)s::timestamptz, %(after_id)s::uuid))
ORDER BY entered_at, id LIMIT %(limit)s;

-- kept: how many holds and restrictions are in force on each of these accounts or on people of it
SELECT asked.id AS account_id,
       (SELECT count(*) FROM hold WHERE account_id = asked.id AND released_at IS NULL) AS holds,
       (SELECT count(*) FROM restriction WHERE account_id = asked.id AND lifted_at IS NULL) AS restrictions
FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS asked (id, position) ORDER BY asked.position;

-- halted: how many erasures wait until a person releases them, and since when
SELECT count(*) AS count, min(entered_at) AS since FROM erasure WHERE state = 'halted';

-- unfinished: erasures whose day has come and which have no certificate yet; what is held as a whole waits rightly
SELECT * FROM erasure
WHERE state NOT IN ('certified', 'cancelled') AND due_on <= %(today)s
  AND NOT (state IN ('scheduled', 'halted', 'announced') AND held IS NULL AND is_kept(account_id, user_id, NULL))
ORDER BY due_on, id LIMIT %(limit)s;

-- by_state: how many erasures are not over, by state
SELECT state, count(*) AS count FROM erasure WHERE state NOT IN ('certified', 'cancelled') GROUP BY state;

-- suspended_among: erasures that have not begun and of which everything may only be stored
SELECT id FROM erasure WHERE id = ANY (%(ids)s::uuid[]) AND state IN ('scheduled', 'halted', 'announced')
    AND held IS NULL AND is_kept(account_id, user_id, NULL);
