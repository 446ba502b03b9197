-- What staff looked at of one company, counted by day: found without reading the company's whole trail.
CREATE INDEX trail_reads ON trail (account_ref, occurred_at) WHERE type = 'staff.personal_data_read';
