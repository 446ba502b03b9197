-- What staff looked at of a company.

-- reads_by_day: how often people of this company were looked at since then, by day in Oslo and purpose, newest first
-- Where a user is named: what showed this one, and what may have, for it was not told whom it showed, or not of all.
WITH looks AS (
    SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, facts->>'purpose' AS purpose, facts->'seen' AS seen,
           coalesce((facts->>'persons')::integer > coalesce(json_array_length(facts->'seen'), 0), true) AS is_open
    FROM trail
    WHERE account_ref = (SELECT ref FROM subject_link WHERE kind = 'account' AND id = %(account_id)s::text)
      AND type = 'staff.personal_data_read' AND occurred_at >= %(since)s
), named AS (
    SELECT looks.day, looks.purpose, link.id::uuid AS user_id
    FROM looks, json_array_elements_text(looks.seen) AS one (ref), subject_link AS link
    WHERE link.ref = one.ref::uuid AND link.kind = 'user' AND link.account_id = %(account_id)s
      AND (%(user_id)s::uuid IS NULL OR link.id = %(user_id)s::text)
)
SELECT looks.day, looks.purpose, count(*) AS reads, count(*) FILTER (WHERE looks.is_open) AS not_named,
       ARRAY(SELECT DISTINCT user_id FROM named WHERE named.day = looks.day AND named.purpose = looks.purpose
             ORDER BY user_id) AS user_ids
FROM looks
WHERE %(user_id)s::uuid IS NULL OR looks.is_open OR EXISTS (
    SELECT FROM json_array_elements_text(looks.seen) AS one (ref), subject_link AS link
    WHERE link.kind = 'user' AND link.id = %(user_id)s::text AND link.ref = one.ref::uuid
)
GROUP BY 1, 2
ORDER BY 1 DESC, 2;
