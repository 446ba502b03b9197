-- What in a database of a service could be read by whoever should not.

-- readable_by: tables of the service that a role may read or change itself, past the views that count
SELECT count(*) AS count
FROM pg_roles r
CROSS JOIN pg_class c
WHERE r.rolname = %(role)s AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE');

-- unsealed: values in sealed columns that are no ciphertext, among so many of each column
-- A sealed value begins with the number of its form, 1 or 2: shared/privacy/vault.py.
SELECT coalesce(sum((xpath('/table/row/count/text()', query_to_xml(format(
    'SELECT count(*) FROM (SELECT %%1$I AS value FROM %%2$I WHERE %%1$I IS NOT NULL LIMIT %%3$s) AS sample '
    'WHERE length(value) < 29 OR get_byte(value, 0) NOT IN (1, 2)', a.attname, c.relname, %(sample)s::int
), false, false, '')))[1]::text::bigint), 0)::bigint AS count
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND a.attname LIKE '%%\_sealed' AND a.atttypid = 'bytea'::regtype
  AND has_column_privilege(c.oid, a.attnum, 'SELECT');
