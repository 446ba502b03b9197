-- A form that is shown again shows what it showed before: such looks belong to one visit, and are told once.

ALTER TABLE reading ADD COLUMN visit_id uuid;
COMMENT ON COLUMN reading.visit_id IS 'no_pii';
