-- Who is on duty: a copy of the register. Every query has a name and a sentence.

-- note_change: the rota is to be copied again
INSERT INTO duty_change (record_id, heard_at) VALUES (%(record_id)s, %(now)s)
ON CONFLICT (record_id) DO UPDATE SET heard_at = EXCLUDED.heard_at;

-- changed: whether anything was heard that is not copied
SELECT 1 AS found FROM duty_change LIMIT 1;

-- copied: what was heard until the register was asked is done
DELETE FROM duty_change WHERE heard_at <= %(until)s;

-- clear: forget the copy from a week on; a week from before the register was there stays until the register has it
DELETE FROM duty WHERE week_on >= %(week_on)s AND (NOT of_before OR week_on = ANY(%(weeks)s::date[]));

-- set: who is on duty in a week
INSERT INTO duty (week_on, person, deputy, copied_at) VALUES (%(week_on)s, %(person)s, %(deputy)s, %(now)s)
ON CONFLICT (week_on) DO NOTHING;

-- of_week: who is on duty in a week
SELECT person, deputy FROM duty WHERE week_on = %(week_on)s;

-- forget: weeks that were over long ago
DELETE FROM duty WHERE week_on < %(before)s;
