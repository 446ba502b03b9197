-- What comes in. Every query has a name and a sentence.

-- open_case: the open case that takes in alarms of this key
SELECT id FROM case_file WHERE join_key = %(key)s AND ended_at IS NULL;
