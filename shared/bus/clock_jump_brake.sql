-- mark: when the service last ran, and since when it is stopped
SELECT seen_at, stopped_at FROM clock_mark;

-- run_on: it runs now
UPDATE clock_mark SET seen_at = greatest(seen_at, %(now)s) WHERE stopped_at IS NULL;

-- stop: the clock jumped; nothing is destroyed from now on
UPDATE clock_mark SET stopped_at = %(now)s WHERE stopped_at IS NULL;

-- release: a person has said that the clock is right
UPDATE clock_mark SET seen_at = %(now)s, stopped_at = NULL WHERE stopped_at IS NOT NULL;

-- stopped: whether it is stopped, and since when
SELECT count(*) AS count, min(stopped_at) AS since FROM clock_mark WHERE stopped_at IS NOT NULL;
