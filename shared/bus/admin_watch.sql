-- Who administers the database, seen from the service whose database it is.

-- hold_watch: what has been told so far, held; nothing where another replica is looking
SELECT counted, seen, session_id, opened_at, seen_at FROM admin_watch FOR UPDATE SKIP LOCKED;

-- connected: whether somebody is connected to this database as this role or one of its members
SELECT 1 AS one FROM pg_stat_activity
WHERE datname = current_database() AND (usename = %(role)s OR usesysid IN (
    SELECT member.member FROM pg_auth_members AS member JOIN pg_roles AS role ON role.oid = member.roleid
    WHERE role.rolname = %(role)s
)) LIMIT 1;

-- counts: how often each table has been read
SELECT sequencename AS table_name, coalesce(last_value, 0) AS reads
FROM pg_sequences WHERE schemaname = 'reading_count';

-- keep_watch: what has been told by now
UPDATE admin_watch
SET counted = %(counted)s, seen = %(seen)s, session_id = %(session_id)s, opened_at = %(opened_at)s, seen_at = %(seen_at)s;
