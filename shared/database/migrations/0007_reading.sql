-- Whoever administers the database reads through views that count: which table, how often, never with what statement.
-- A sequence counts because nothing takes back what it has counted, not even a transaction that is rolled back.

CREATE SCHEMA reading_count;
COMMENT ON SCHEMA reading_count IS 'One sequence a table: how often the role adminer has read it.';

CREATE TABLE admin_watch (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    counted    jsonb NOT NULL DEFAULT '{}',
    seen       jsonb NOT NULL DEFAULT '{}',
    session_id uuid,
    opened_at  timestamptz,
    seen_at    timestamptz,
    CHECK ((session_id IS NULL) = (opened_at IS NULL) AND (session_id IS NULL) = (seen_at IS NULL))
);
COMMENT ON TABLE admin_watch IS 'How far the reading of the role adminer has been told to the audit trail; one row.';
COMMENT ON COLUMN admin_watch.only_row IS 'no_pii';
COMMENT ON COLUMN admin_watch.counted IS 'no_pii';
COMMENT ON COLUMN admin_watch.seen IS 'no_pii';
COMMENT ON COLUMN admin_watch.session_id IS 'no_pii';
COMMENT ON COLUMN admin_watch.opened_at IS 'no_pii';
COMMENT ON COLUMN admin_watch.seen_at IS 'no_pii';
INSERT INTO admin_watch DEFAULT VALUES;

CREATE FUNCTION reading_count.note(of_table text) RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM nextval(format('reading_count.%I', of_table)::regclass);
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION reading_count.note(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reading_count.note(text) TO adminer;

-- Views hold on to columns, so they go before tables are changed and come back afterwards: `shared.database.migrate`.
CREATE FUNCTION close_reading() RETURNS void LANGUAGE sql AS $$
    DROP SCHEMA IF EXISTS reading CASCADE
$$;

-- A view a table, without digests of passwords and tokens and without kept replies. The condition is one for the whole
-- query and is met before the first row is read; so every reading counts, and one that cannot be counted is refused.
CREATE FUNCTION open_reading() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    service name := regexp_replace(current_user, '_owner$', '');
    found record;
BEGIN
    CREATE SCHEMA reading;
    COMMENT ON SCHEMA reading IS 'What the role adminer may read; every reading counts.';
    GRANT USAGE ON SCHEMA reading TO adminer;
    FOR found IN
        SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND a.attname !~ '(^|_)(password|token|secret|wrapped)(_|$)' AND (c.relname, a.attname) <> ('command_reply', 'reply')
        GROUP BY c.relname
    LOOP
        EXECUTE format('CREATE SEQUENCE IF NOT EXISTS reading_count.%I', found.relname);
        EXECUTE format('GRANT SELECT ON SEQUENCE reading_count.%I TO %I', found.relname, service);
        EXECUTE format(
            'CREATE VIEW reading.%1$I WITH (security_barrier) AS SELECT %2$s FROM public.%1$I '
            'WHERE (SELECT reading_count.note(%1$L))', found.relname, found.columns
        );
        EXECUTE format('GRANT SELECT ON reading.%I TO adminer', found.relname);
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION close_reading(), open_reading() FROM PUBLIC;

DO $$
DECLARE
    service name := regexp_replace(current_user, '_owner$', '');
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA reading_count TO %I', service);
    EXECUTE format('GRANT SELECT, UPDATE ON admin_watch TO %I', service);
END
$$;
