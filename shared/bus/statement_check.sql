-- Statements of staff that were used up.

-- spend: use a statement up; no row where it was before
INSERT INTO spent_statement (id, act, spent_at) VALUES (%(id)s, %(act)s, %(now)s) ON CONFLICT DO NOTHING;
