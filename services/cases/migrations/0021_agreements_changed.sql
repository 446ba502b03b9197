-- A list by agreements is looked at again where one of them changed: how often that was heard, and how often taken in.

ALTER TABLE affected_list
    ADD COLUMN changes integer NOT NULL DEFAULT 0 CHECK (changes >= 0),
    ADD COLUMN changes_seen integer NOT NULL DEFAULT 0 CHECK (changes_seen >= 0);
COMMENT ON COLUMN affected_list.changes IS 'no_pii';
COMMENT ON COLUMN affected_list.changes_seen IS 'no_pii';
GRANT UPDATE (changes, changes_seen) ON affected_list TO cases;
