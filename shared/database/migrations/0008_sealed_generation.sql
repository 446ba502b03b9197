-- Under which generation of data keys a value is sealed: the first bytes say so (shared/privacy/vault.py). Indexes are
-- built on it, so that what lies under older keys is found without looking at everything.

CREATE FUNCTION sealed_generation(sealed bytea) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE
        WHEN length(sealed) < 17 THEN NULL
        WHEN get_byte(sealed, 0) = 1 THEN 1
        WHEN get_byte(sealed, 0) = 2 THEN
            (get_byte(sealed, 1) << 24) | (get_byte(sealed, 2) << 16) | (get_byte(sealed, 3) << 8) | get_byte(sealed, 4)
    END
$$;
