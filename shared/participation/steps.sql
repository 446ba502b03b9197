-- What erasures came to in a participant's database. Every query has a name and a sentence.

-- step: what was answered to an erasure
SELECT counts, retained FROM erasure_step WHERE erasure_id = %(erasure_id)s;

-- keep: unless it was answered before
INSERT INTO erasure_step (erasure_id, counts, retained, completed_at)
VALUES (%(erasure_id)s, %(counts)s, %(retained)s, %(now)s) ON CONFLICT (erasure_id) DO NOTHING;

-- forget: what was answered to erasures that nobody orders again any more
DELETE FROM erasure_step WHERE erasure_id IN (
    SELECT erasure_id FROM erasure_step WHERE completed_at < %(before)s LIMIT %(limit)s
);
