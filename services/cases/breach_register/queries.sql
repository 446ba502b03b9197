-- The register of breaches. Every query has a name and a sentence.

-- page: the breaches after one of them, the first one first
SELECT id FROM case_file
WHERE kind = ANY(%(kinds)s) AND (%(after)s::uuid IS NULL OR id > %(after)s) ORDER BY id LIMIT %(limit)s;

-- belonging: the cases that a breach followed from or that followed from the same decision, by how they belong to it
SELECT l.kind, f.id, f.reference FROM case_link AS l JOIN case_file AS f ON f.id = l.case_id
WHERE l.other_id = %(id)s AND l.kind IN ('promoted_to', 'twin')
UNION
SELECT l.kind, f.id, f.reference FROM case_link AS l JOIN case_file AS f ON f.id = l.other_id
WHERE l.case_id = %(id)s AND l.kind = 'twin'
ORDER BY 3;
