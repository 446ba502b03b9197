-- A list by agreements tells how many customers it leaves out, for they are inactive.

ALTER TABLE affected_list ADD COLUMN left_out integer CHECK (left_out >= 0);
COMMENT ON COLUMN affected_list.left_out IS 'no_pii';
GRANT UPDATE (left_out) ON affected_list TO cases;
