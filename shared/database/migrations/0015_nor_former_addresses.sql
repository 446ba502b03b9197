-- Nor is the address looked up at which somebody of the staff was called before. Everything else is as it was; see
-- 0007_reading.sql and 0014_addresses_stay_with_staff.sql.

CREATE OR REPLACE FUNCTION open_reading() RETURNS void LANGUAGE plpgsql AS $$
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
          AND a.attname !~ '(^|_)(password|token|secret|wrapped)(_|$)'
          AND (c.relname, a.attname) NOT IN (('command_reply', 'reply'), ('contact', 'email'),
                                          ('contact', 'former_email'))
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
