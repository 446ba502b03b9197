-- What staff looked at of a company.

-- reads_by_day: how often people of this company were looked at since then, by day in Oslo and purpose, newest first
SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, facts->>'purpose' AS purpose, count(*) AS reads
FROM trail
WHERE account_ref = (SELECT ref FROM subject_link WHERE kind = 'account' AND id = %(account_id)s::text)
  AND type = 'staff.personal_data_read' AND occurred_at >= %(since)s
GROUP BY 1, 2
ORDER BY 1 DESC, 2;
