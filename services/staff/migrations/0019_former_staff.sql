-- Who left three years ago is named no more as who invited, granted or entered what is recorded of others.

COMMENT ON COLUMN person.invited_by IS 'pii:staff; erased: a word in its place three years after whoever it names left, or row deleted';
COMMENT ON COLUMN prerequisite.recorded_by IS 'pii:staff; erased: a word in its place three years after whoever it names left, or row deleted';
COMMENT ON COLUMN role_grant.granted_by IS 'pii:staff; erased: a word in its place three years after whoever it names left, or row deleted';
COMMENT ON COLUMN role_grant.approved_by IS 'pii:staff; erased: a word in its place three years after whoever it names left, or row deleted';
COMMENT ON COLUMN role_grant.ended_by IS 'pii:staff; erased: a word in its place three years after whoever it names left, or row deleted';
COMMENT ON COLUMN contact.set_by IS 'pii:staff; erased: a word in its place three years after whoever it names left, or row deleted';

-- Of those who were forgotten before nothing else is known: the code of whoever is not here is that of somebody gone.
UPDATE person SET invited_by = 'former_staff'
WHERE invited_by LIKE 'staff:%' AND substr(invited_by, 7) NOT IN (SELECT code FROM person);
UPDATE prerequisite SET recorded_by = 'former_staff'
WHERE recorded_by LIKE 'staff:%' AND substr(recorded_by, 7) NOT IN (SELECT code FROM person);
UPDATE role_grant SET granted_by = 'former_staff'
WHERE granted_by LIKE 'staff:%' AND substr(granted_by, 7) NOT IN (SELECT code FROM person);
UPDATE role_grant SET approved_by = 'former_approver'
WHERE approved_by LIKE 'staff:%' AND substr(approved_by, 7) NOT IN (SELECT code FROM person);
UPDATE role_grant SET ended_by = 'former_staff'
WHERE ended_by LIKE 'staff:%' AND substr(ended_by, 7) NOT IN (SELECT code FROM person);
UPDATE contact SET set_by = 'former_staff'
WHERE set_by LIKE 'staff:%' AND substr(set_by, 7) NOT IN (SELECT code FROM person);
