-- What comes in. Every query has a name and a sentence.

-- one_by_one: alarms of one source that are about the same come one after the other, until the end of the transaction
SELECT pg_advisory_xact_lock(hashtext('case_intake ' || %(key)s));

-- known: the case that an alarm went into before
SELECT i.case_id, f.reference FROM case_intake AS i JOIN case_file AS f ON f.id = i.case_id
WHERE i.source = %(source)s AND i.digest = %(digest)s;

-- open_case: the open case that takes in alarms of this key
SELECT id FROM case_file WHERE join_key = %(key)s AND ended_at IS NULL;

-- count: how many alarms of a case are remembered
SELECT count(*) AS count FROM case_intake WHERE case_id = %(case_id)s;

-- note: that an alarm went into a case
INSERT INTO case_intake (source, digest, case_id, received_at)
VALUES (%(source)s, %(digest)s, %(case_id)s, %(now)s) ON CONFLICT DO NOTHING;
