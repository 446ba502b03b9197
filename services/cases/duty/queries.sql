-- Who is on duty. Every query has a name and a sentence.

-- set: who is on duty in a week
INSERT INTO duty (week_on, person, deputy, set_by, set_at)
VALUES (%(week_on)s, %(person)s, %(deputy)s, %(set_by)s, %(now)s)
ON CONFLICT (week_on) DO UPDATE
SET person = EXCLUDED.person, deputy = EXCLUDED.deputy, set_by = EXCLUDED.set_by, set_at = EXCLUDED.set_at;

-- of_week: who is on duty in a week
SELECT person, deputy FROM duty WHERE week_on = %(week_on)s;

-- from_week: who is on duty from a week on
SELECT week_on, person, deputy FROM duty WHERE week_on >= %(week_on)s ORDER BY week_on LIMIT %(limit)s;

-- forget: weeks that were over long ago
DELETE FROM duty WHERE week_on < %(before)s;
