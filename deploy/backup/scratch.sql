-- What is looked at in a database that was restored to be looked at.

-- tables: every table of ours, and how its name is written in a statement
SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1;

-- has_position: whether a gate stands before this database
SELECT to_regclass('public.ledger_position') IS NOT NULL AS found;
