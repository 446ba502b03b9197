-- What comes in. Every query has a name and a sentence.

-- open_case: the open case that takes in alarms of this key
SELECT id FROM case_file WHERE join_key = %(key)s AND ended_at IS NULL;

-- note_sighting: what a detector has counted of a case, unless the case has so many already
INSERT INTO case_sighting (case_id, message_id, anomaly_id, detector, rule_version, told_at, window_from, window_to,
                           attempts, failures, targets, networks, accounts, got_in)
SELECT %(case_id)s, %(message_id)s, %(anomaly_id)s, %(detector)s, %(rule_version)s, %(told_at)s, %(window_from)s,
       %(window_to)s, %(attempts)s, %(failures)s, %(targets)s, %(networks)s, %(accounts)s, %(got_in)s
WHERE (SELECT count(*) FROM case_sighting WHERE case_id = %(case_id)s) < %(most)s
ON CONFLICT DO NOTHING;
