-- Failed attempts, counted by what they were about.

-- make_brake: a place for failures
INSERT INTO brake (about, failed_at, touched_at) VALUES (%(about)s, '{}', %(now)s) ON CONFLICT (about) DO NOTHING;

-- lock_brake: the failures; attempts at the same time wait for each other here
SELECT failed_at FROM brake WHERE about = %(about)s FOR UPDATE;

-- set_brake: the failures to remember
UPDATE brake SET failed_at = %(failed_at)s, touched_at = %(now)s WHERE about = %(about)s;

-- release_brake: whoever failed has proved who they are
DELETE FROM brake WHERE about = %(about)s;

-- expire_brakes: failures that nobody counts any more
DELETE FROM brake WHERE about IN (SELECT about FROM brake WHERE touched_at <= %(before)s LIMIT %(limit)s);
