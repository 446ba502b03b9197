-- Since when a company's owners were last asked whether its data are right, and when they last said so.
ALTER TABLE account ADD COLUMN accuracy_asked_at timestamptz;
ALTER TABLE account ADD COLUMN accuracy_confirmed_at timestamptz;
COMMENT ON COLUMN account.accuracy_asked_at IS 'no_pii';
COMMENT ON COLUMN account.accuracy_confirmed_at IS 'no_pii';

-- Calendar months from days in Oslo: a day that a month lacks is its last one, as in shared/calendar.py.
CREATE FUNCTION is_asked_by(a account, today date, review int, first_address int, repeat int) RETURNS boolean
LANGUAGE sql STABLE AS $$
    WITH said AS (
        SELECT (coalesce(a.accuracy_confirmed_at, a.created_at) AT TIME ZONE 'Europe/Oslo')::date AS on_day,
               CASE WHEN a.accuracy_confirmed_at IS NULL AND a.contact_address_sealed IS NULL
                         AND a.billing_address_sealed IS NULL THEN first_address ELSE review END AS months,
               (a.accuracy_asked_at AT TIME ZONE 'Europe/Oslo')::date AS asked_on
    )
    SELECT on_day + months * interval '1 month' <= today
       AND (a.accuracy_asked_at IS NULL OR a.accuracy_asked_at <= coalesce(a.accuracy_confirmed_at, a.created_at)
            OR asked_on + repeat * interval '1 month' <= today)
    FROM said
$$;
