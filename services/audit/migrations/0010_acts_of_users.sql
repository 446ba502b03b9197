-- What users did of late: found without reading the trail, which is looked at each minute.
CREATE INDEX trail_acts_of_users ON trail (occurred_at) WHERE actor LIKE 'user:%';
