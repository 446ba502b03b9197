-- Templates for a table with sealed columns: {table}, its {key}, {owner} columns, {sealed} columns, and {oldest}, the
-- expression of its index. Names come from the code (`SealedTable`), values never.

-- peek: the next rows with something under a key before the target, and whose they are
SELECT {key} AS row_id, {oldest} AS generation, {owner} FROM {table}
WHERE {oldest} < %(target)s AND ({oldest}, {key}) > (%(generation)s, %(row_id)s)
ORDER BY {oldest}, {key} LIMIT %(limit)s;

-- take: these rows, held; those that somebody is changing come another time
SELECT {key} AS row_id, {oldest} AS generation, {owner}, {sealed} FROM {table}
WHERE {key} = ANY (%(row_ids)s::uuid[]) AND {oldest} < %(target)s
ORDER BY {key} FOR UPDATE SKIP LOCKED;

-- put: the same values, sealed anew
UPDATE {table} SET {assignments} WHERE {key} = %(row_id)s AND {unchanged};

-- count: how many rows there are by the oldest key in them
SELECT {oldest} AS generation, count(*) AS rows FROM {table} WHERE {oldest} < %(target)s GROUP BY 1;

-- newest: the newest key under which all of a row lies
SELECT max({oldest}) AS generation FROM {table};
