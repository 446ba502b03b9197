-- Whom of the staff a reference stands for has an end as well: three years after they last stood in the trail.
COMMENT ON COLUMN subject_link.id IS
    'pii:pseudonym; erased: row deleted at erasure.ordered, of staff three years after the last row that names them';
COMMENT ON COLUMN subject_link.ref IS
    'pii:pseudonym; erased: row deleted at erasure.ordered, of staff three years after the last row that names them';
