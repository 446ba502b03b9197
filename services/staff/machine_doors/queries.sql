-- The doors of the machine itself, and who has seen that they were used.

-- add: a door was used; nothing where this use is known
INSERT INTO machine_door_use (id, door, used_at) VALUES (%(id)s, %(door)s, %(used_at)s) ON CONFLICT DO NOTHING;

-- add_again: a door was used, at this instant or before
INSERT INTO machine_door_use (id, door, used_at) VALUES (%(id)s, %(door)s, %(used_at)s)
ON CONFLICT (id) DO UPDATE SET used_at = least(machine_door_use.used_at, excluded.used_at);

-- lock: one use, locked until the transaction ends
SELECT id, door, used_at, approval_id, countersigned_at FROM machine_door_use WHERE id = %(id)s FOR UPDATE;

-- countersign: two persons have seen it
UPDATE machine_door_use SET approval_id = %(approval_id)s, countersigned_at = %(now)s
WHERE id = %(id)s AND countersigned_at IS NULL;

-- listed: those that wait first, the oldest of them first; then the newest
SELECT id, door, used_at, approval_id, countersigned_at FROM machine_door_use
ORDER BY countersigned_at IS NOT NULL, CASE WHEN countersigned_at IS NULL THEN used_at END, used_at DESC, id
LIMIT %(limit)s;

-- overdue: how many were used before then that nobody has countersigned, and when the first was
SELECT count(*) AS count, min(used_at) AS since FROM machine_door_use
WHERE countersigned_at IS NULL AND used_at < %(before)s;

-- forget: what was countersigned before then
DELETE FROM machine_door_use
WHERE id IN (SELECT id FROM machine_door_use WHERE countersigned_at < %(before)s LIMIT %(limit)s);
