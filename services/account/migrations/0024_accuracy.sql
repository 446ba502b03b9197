-- Since when a company's owners were last asked whether its data are right, and when they last said so.
ALTER TABLE account ADD COLUMN accuracy_asked_at timestamptz;
ALTER TABLE account ADD COLUMN accuracy_confirmed_at timestamptz;
COMMENT ON COLUMN account.accuracy_asked_at IS 'no_pii';
COMMENT ON COLUMN account.accuracy_confirmed_at IS 'no_pii';

-- Calendar months from days in Oslo: a day that a month lacks is its last one, as in shared/calendar.py.
-- Whether it was time to ask by an instant, as it is known now. What a wrong clock dated ahead was never said.
CREATE FUNCTION is_asked_by(a account, by timestamptz, now timestamptz, review int, first_address int, repeat int) RETURNS boolean
LANGUAGE sql STABLE AS $$
    WITH told AS (
        SELECT (by AT TIME ZONE 'Europe/Oslo')::date AS today,
               CASE WHEN a.accuracy_confirmed_at <= now + interval '5 minutes' THEN a.accuracy_confirmed_at END AS confirmed_at,
               CASE WHEN a.accuracy_asked_at <= now + interval '5 minutes' THEN a.accuracy_asked_at END AS asked_at
    ), said AS (
        SELECT today, asked_at, coalesce(confirmed_at, a.created_at) AS at,
               CASE WHEN confirmed_at IS NULL AND a.contact_address_sealed IS NULL AND a.billing_address_sealed IS NULL
                    THEN first_address ELSE review END AS months
        FROM told
    )
    SELECT (at AT TIME ZONE 'Europe/Oslo')::date + months * interval '1 month' <= today
       AND (asked_at IS NULL OR asked_at <= at
            OR (asked_at AT TIME ZONE 'Europe/Oslo')::date + repeat * interval '1 month' <= today)
    FROM said
$$;
