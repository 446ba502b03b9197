-- How severe breaches were found. Every query has a name and a sentence.

-- assess: how severe a person finds a breach
INSERT INTO case_severity (id, case_id, context, identification, confidentiality, integrity, availability, intent, flags,
                           assessed_by, assessed_at)
VALUES (%(id)s, %(case_id)s, %(context)s, %(identification)s, %(confidentiality)s, %(integrity)s, %(availability)s,
        %(intent)s, %(flags)s, %(assessed_by)s, %(assessed_at)s)
ON CONFLICT DO NOTHING;

-- get: one assessment
SELECT 1 AS found FROM case_severity WHERE id = %(id)s;

-- of_case: the assessments of a case and of the one that it came from, the newest first
SELECT id, case_id, context, identification, confidentiality, integrity, availability, intent, flags, assessed_by,
       assessed_at
FROM case_severity
WHERE case_id = %(case_id)s
   OR case_id IN (SELECT case_id FROM case_link WHERE other_id = %(case_id)s AND kind = 'promoted_to')
ORDER BY assessed_at DESC, id DESC LIMIT %(limit)s;
