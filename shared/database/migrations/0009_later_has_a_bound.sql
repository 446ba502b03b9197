-- Whether something goes on: its instant has come, or lies further ahead than it ever may. `shared/wait_bounds.py` is the twin.
CREATE FUNCTION is_due(instant timestamptz, this_now timestamptz, at_most interval) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT instant <= this_now OR instant > this_now + at_most
$$;

-- Whether something is still ahead, and not further than it ever may be. False without an instant.
CREATE FUNCTION is_leased(until timestamptz, this_now timestamptz, at_most interval) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT until IS NOT NULL AND until > this_now AND until <= this_now + at_most
$$;
