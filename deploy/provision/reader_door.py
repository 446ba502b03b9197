"""The door by which staff's service lets a person into a database: functions of the server's own in its database.

For each database there is a role that reads it (`adminer_account`). It has the rights of `adminer`, which reads
through views that count; it may connect to that one database, and it cannot log in. The service `staff` may set no
role's password. It may call these functions, which belong to the superuser and do two things: give one of these
roles a password that ends within twelve hours, and take it away again. So whoever takes over staff's service reads
ciphertext, counted, and gets no role of a service.

Whoever is let in finds the role as it was made. PostgreSQL lets a role set its own sessions to come, and up to
version 15 make others its members; either would outlast the one who did it, and so would a session.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

import psycopg
from psycopg import sql

SCHEMA: Final = "reader_door"
LONGEST_SECONDS: Final = 12 * 3600

_DOOR: Final = """
DROP SCHEMA IF EXISTS reader_door CASCADE;
CREATE SCHEMA reader_door;
COMMENT ON SCHEMA reader_door IS 'Lets the readers of databases in and out, and does nothing else to any role.';
GRANT USAGE ON SCHEMA reader_door TO {staff};

CREATE FUNCTION reader_door.role_of(of_database text) RETURNS name
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
RETURN ({readers}::jsonb ->> of_database)::name;

CREATE FUNCTION reader_door.open(of_database text, verifier text, seconds integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    reader name := reader_door.role_of(of_database);
BEGIN
    IF reader IS NULL OR seconds IS NULL OR seconds NOT BETWEEN 1 AND {longest}
       OR verifier IS NULL
       OR verifier !~ '^SCRAM-SHA-256[$][0-9]+:[A-Za-z0-9+/=]+[$][A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$' THEN
        RAISE EXCEPTION 'this door lets nobody in so' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM reader_door.close(of_database);
    EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L VALID UNTIL %L',
                   reader, verifier, clock_timestamp() + make_interval(secs => seconds));
END
$$;

CREATE FUNCTION reader_door.close(of_database text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    reader name := reader_door.role_of(of_database);
    each record;
BEGIN
    IF reader IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('ALTER ROLE %I NOLOGIN PASSWORD NULL', reader);
    FOR each IN SELECT member::regrole AS name FROM pg_auth_members WHERE roleid = quote_ident(reader)::regrole LOOP
        EXECUTE format('REVOKE %I FROM %s', reader, each.name);
    END LOOP;
    FOR each IN SELECT datname FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase
                WHERE setrole = quote_ident(reader)::regrole LOOP
        EXECUTE format('ALTER ROLE %I IN DATABASE %I RESET ALL', reader, each.datname);
    END LOOP;
    EXECUTE format('ALTER ROLE %I RESET ALL', reader);
    FOR each IN SELECT key, value FROM jsonb_each_text({settings}::jsonb) LOOP
        EXECUTE format('ALTER ROLE %I SET %I = %L', reader, each.key, each.value);
    END LOOP;
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = reader;
END
$$;

-- Into which databases a role is let, or is.
CREATE FUNCTION reader_door.standing() RETURNS TABLE (of_database text, lets_in boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT known.key, role.rolcanlogin FROM jsonb_each_text({readers}::jsonb) AS known
    JOIN pg_authid AS role ON role.rolname = known.value
    WHERE role.rolcanlogin OR EXISTS (SELECT FROM pg_stat_activity AS busy WHERE busy.usename = role.rolname)
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA reader_door FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA reader_door TO {staff};
"""


def build(superuser: str, readers: Mapping[str, str], settings: Mapping[str, str], *, staff: str = "staff") -> None:
    """Put the functions into a database, in the place of those that are there.

    `superuser` is its address as the superuser, `readers` names the role that reads each database, `settings` are
    those that the sessions of each begin with, and `staff` is the role that may call the functions.
    """
    statement = sql.SQL(_DOOR).format(
        staff=sql.Identifier(staff),
        readers=sql.Literal(json.dumps(dict(readers), sort_keys=True)),
        settings=sql.Literal(json.dumps(dict(settings), sort_keys=True)),
        longest=sql.Literal(LONGEST_SECONDS),
    )
    with psycopg.connect(superuser) as connection:
        connection.execute(statement)
