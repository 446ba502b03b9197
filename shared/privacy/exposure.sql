-- What in a database of a service could be read by whoever should not.

-- readable_by: what a role may read or change itself, past the views that count: a table, a view, a column, a sequence
SELECT count(*) AS count
FROM pg_roles r
CROSS JOIN pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rolname = %(role)s AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND CASE
      WHEN c.relkind = 'S' THEN has_sequence_privilege(r.oid, c.oid, 'USAGE, SELECT, UPDATE')
      WHEN c.relkind NOT IN ('r', 'p', 'v', 'm', 'f') THEN false
      WHEN n.nspname = 'reading' THEN has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE, REFERENCES')
          OR has_table_privilege(r.oid, c.oid, 'DELETE, TRUNCATE, TRIGGER')
      ELSE has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
          OR has_table_privilege(r.oid, c.oid, 'DELETE, TRUNCATE, TRIGGER') END;

-- unsealed: values in sealed columns that are no ciphertext, among those of a table's rows that are looked at
-- Blocks are drawn by lot, so that no row stays unseen for good; a table of few rows, or not counted yet, is read whole.
-- A sealed value begins with the number of its form, 1 or 2: shared/privacy/vault.py.
SELECT coalesce(sum((xpath('/table/row/count/text()', query_to_xml(format(
    'SELECT count(*) FROM %%2$I TABLESAMPLE SYSTEM (%%3$s) '
    'WHERE length(%%1$I) < 29 OR get_byte(%%1$I, 0) NOT IN (1, 2)',
    a.attname, c.relname, least(100, 100 * %(sample)s::real / greatest(c.reltuples, 1))
), false, false, '')))[1]::text::bigint), 0)::bigint AS count
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND a.attname LIKE '%%\_sealed' AND a.atttypid = 'bytea'::regtype
  AND has_column_privilege(c.oid, a.attnum, 'SELECT');
