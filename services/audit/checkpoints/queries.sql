-- The tree over the trail.

-- leaves: leaf hashes of a stretch of rows, both ends included; at most one block of 256
SELECT leaf_hash FROM public.trail WHERE seq BETWEEN %(first)s AND %(last)s ORDER BY seq;

-- tree_nodes: stored nodes by level and index
SELECT n.level, n.index, n.hash FROM public.tree_node n
JOIN unnest(%(levels)s::int[], %(indexes)s::bigint[]) AS wanted (level, index) USING (level, index);
