-- What one customer was told of breaches. Every query has a name and a sentence.

-- told: notices that left or that a person told, to a company where its owner asks, and to who asks; the newest first
SELECT n.case_id, f.reference, n.number, n.audience, n.natures, n.causes, n.groups, n.data, n.whereabouts, n.records,
       n.consequences, n.measures, n.advice, n.unknown, n.late_reason, n.list_id, coalesce(r.sent_at, r.told_at) AS sent_at, r.told_at
FROM notice_recipient AS r
JOIN breach_notice AS n ON n.id = r.notice_id
JOIN case_file AS f ON f.id = n.case_id
WHERE n.audience <> 'holders' AND r.account_id = %(account_id)s AND (r.sent_at IS NOT NULL OR r.told_at IS NOT NULL)
  AND (r.user_id = %(user_id)s OR (r.user_id IS NULL AND %(is_owner)s))
ORDER BY n.decided_at DESC, n.id LIMIT %(limit)s;

-- instants: what was entered in these cases, in the order of it
SELECT case_id, name, at, recorded_at FROM case_instant WHERE case_id = ANY(%(case_ids)s) ORDER BY recorded_at, number;

-- persons: how many users of a company are on each of these lists
SELECT list_id, count(user_id) AS persons FROM affected_subject
WHERE account_id = %(account_id)s AND list_id = ANY(%(list_ids)s) GROUP BY list_id;
