-- Whose data may only be stored: held for a dispute (L59, L204), or restricted by the person (L39). Fed by retention.

CREATE TABLE restricted (
    id         uuid NOT NULL,
    account_id uuid NOT NULL,
    user_id    uuid,
    categories text[] NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('hold', 'restriction')),
    since      timestamptz NOT NULL
);
CREATE UNIQUE INDEX restricted_once
    ON restricted (id, coalesce(user_id, '00000000-0000-0000-0000-000000000000'));
CREATE INDEX restricted_account ON restricted (account_id);
COMMENT ON TABLE restricted IS 'Holds and restrictions in force, one row a person; without a user the whole account, without categories everything.';
COMMENT ON COLUMN restricted.id IS 'no_pii';
COMMENT ON COLUMN restricted.account_id IS 'no_pii';
COMMENT ON COLUMN restricted.user_id IS 'no_pii';
COMMENT ON COLUMN restricted.categories IS 'no_pii';
COMMENT ON COLUMN restricted.kind IS 'no_pii';
COMMENT ON COLUMN restricted.since IS 'no_pii';

CREATE TABLE restriction_over (
    id      uuid PRIMARY KEY,
    over_at timestamptz NOT NULL
);
CREATE INDEX restriction_over_age ON restriction_over (over_at);
COMMENT ON TABLE restriction_over IS 'Holds released and restrictions lifted: what is heard of them later begins nothing. Names no account; kept half a year.';
COMMENT ON COLUMN restriction_over.id IS 'no_pii';
COMMENT ON COLUMN restriction_over.over_at IS 'no_pii';

-- Whether a category of a person (without one: of the company itself) may only be stored now. A category of NULL asks
-- whether everything of it may only be stored.
CREATE FUNCTION is_kept(of_account uuid, of_user uuid, of_category text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT FROM restricted
        WHERE account_id = of_account AND (user_id IS NULL OR user_id = of_user)
          AND (categories = '{}' OR of_category = ANY (categories))
    )
$$;

-- Whether a category of a person (without one: of the company itself) is among what an order of erasure says is held.
CREATE FUNCTION is_held(held_users uuid[], held_categories text[], of_user uuid, of_category text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT FROM unnest(held_users, held_categories) AS held (person, category)
        WHERE (held.person = '00000000-0000-0000-0000-000000000000' OR held.person = of_user)
          AND (held.category = 'everything' OR held.category = of_category)
    )
$$;

DO $$
DECLARE
    service name := regexp_replace(current_user, '_owner$', '');
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON restricted TO %I', service);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON restriction_over TO %I', service);
END
$$;
