-- What cases there are. Every query has a name and a sentence.

-- open: a page of open cases, what is due first standing first, and what has no clock last; only what is over where `over_by` says when
SELECT f.*, c.rule AS next_rule, c.internal_due AS next_due,
       (SELECT count(*) FROM case_subject AS s WHERE s.case_id = f.id) AS subjects,
       (SELECT count(*) FROM case_effect AS e WHERE e.case_id = f.id AND e.confirmed_at IS NULL) AS not_carried_out
FROM case_file AS f LEFT JOIN LATERAL (
    SELECT rule, internal_due FROM case_clock WHERE case_id = f.id AND stopped_at IS NULL
    ORDER BY internal_due, rule LIMIT 1
) AS c ON true
WHERE f.ended_at IS NULL AND (%(kind)s::text IS NULL OR f.kind = %(kind)s)
  AND (%(reference)s::text IS NULL OR f.reference = %(reference)s)
  AND (%(over_by)s::timestamptz IS NULL OR c.internal_due <= %(over_by)s)
  AND (%(after_at)s::timestamptz IS NULL
       OR (coalesce(c.internal_due, 'infinity'), f.id) > (%(after_at)s::timestamptz, %(after_id)s::uuid))
ORDER BY coalesce(c.internal_due, 'infinity'), f.id LIMIT %(limit)s;

-- ended: a page of cases that have ended, the last one first
SELECT f.*, NULL::text AS next_rule, NULL::timestamptz AS next_due,
       (SELECT count(*) FROM case_subject AS s WHERE s.case_id = f.id) AS subjects,
       (SELECT count(*) FROM case_effect AS e WHERE e.case_id = f.id AND e.confirmed_at IS NULL) AS not_carried_out
FROM case_file AS f
WHERE f.ended_at IS NOT NULL AND (%(kind)s::text IS NULL OR f.kind = %(kind)s)
  AND (%(reference)s::text IS NULL OR f.reference = %(reference)s)
  AND (%(after_at)s::timestamptz IS NULL OR (f.ended_at, f.id) < (%(after_at)s::timestamptz, %(after_id)s::uuid))
ORDER BY f.ended_at DESC, f.id DESC LIMIT %(limit)s;

-- of_account: a page of cases that name a company or somebody of it, or have it on a list, the newest first
SELECT f.*, c.rule AS next_rule, c.internal_due AS next_due,
       (SELECT count(*) FROM case_subject AS s WHERE s.case_id = f.id) AS subjects,
       (SELECT count(*) FROM case_effect AS e WHERE e.case_id = f.id AND e.confirmed_at IS NULL) AS not_carried_out
FROM case_file AS f LEFT JOIN LATERAL (
    SELECT rule, internal_due FROM case_clock WHERE case_id = f.id AND stopped_at IS NULL
    ORDER BY internal_due, rule LIMIT 1
) AS c ON true
WHERE f.id IN (
    SELECT case_id FROM case_subject WHERE account_id = %(account_id)s
    UNION
    SELECT l.case_id FROM affected_subject AS a JOIN affected_list AS l ON l.id = a.list_id
    WHERE a.account_id = %(account_id)s
) AND (%(after_at)s::timestamptz IS NULL OR (f.opened_at, f.id) < (%(after_at)s::timestamptz, %(after_id)s::uuid))
ORDER BY f.opened_at DESC, f.id DESC LIMIT %(limit)s;

-- sightings: what detectors told of a case and of those that it came from: of each attack the most that was counted
WITH RECURSIVE before AS (
    SELECT %(id)s::uuid AS id
    UNION
    SELECT l.case_id FROM before AS b JOIN case_link AS l ON l.other_id = b.id
    WHERE l.kind IN ('merged_into', 'promoted_to', 'continued_in')
)
SELECT s.detector, max(s.rule_version) AS rule_version, min(s.told_at) AS first_told_at, max(s.told_at) AS last_told_at,
       count(*) AS tellings, min(s.window_from) AS window_from, max(s.window_to) AS window_to,
       max(s.attempts) AS attempts, max(s.failures) AS failures, max(s.targets) AS targets,
       max(s.networks) AS networks, max(s.accounts) AS accounts, sum(s.got_in) AS got_in
FROM before AS b JOIN case_sighting AS s ON s.case_id = b.id
GROUP BY s.detector, s.anomaly_id
ORDER BY first_told_at, s.detector, s.anomaly_id LIMIT %(limit)s;
