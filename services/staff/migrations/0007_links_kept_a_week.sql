-- A link by which somebody comes back is kept for a week: for so long they are not another person than whoever made it.
COMMENT ON COLUMN enrolment_link.issued_by IS 'pii:staff; erased: row deleted a week after the link ended';
