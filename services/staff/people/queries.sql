-- The vendor's people, and the links by which they enrol.

-- lock_people: one after the other, until the end of the transaction
SELECT pg_advisory_xact_lock(hashtext('person'));

-- count_people: how many people there are
SELECT count(*) AS count FROM person;

-- add_person: keep somebody invited, unless the code is somebody's
INSERT INTO person (id, code, state, invited_at, invited_by) VALUES (%(id)s, %(code)s, 'invited', %(now)s, %(by)s)
ON CONFLICT DO NOTHING;

-- everybody: in order of their codes
SELECT id, code, state, invited_at, activated_at, left_at FROM person ORDER BY code;

-- person_by_code: who is called so
SELECT id, code, state, invited_at, activated_at, left_at FROM person WHERE code = %(code)s;

-- lock_by_code: who is called so, locked until the transaction ends
SELECT id, code, state, invited_at, activated_at, left_at FROM person WHERE code = %(code)s FOR UPDATE;

-- person_by_id: the person with this id
SELECT id, code, state, invited_at, activated_at, left_at FROM person WHERE id = %(id)s;

-- lock_by_id: the person with this id, locked until the transaction ends
SELECT id, code, state, invited_at, activated_at, left_at FROM person WHERE id = %(id)s FOR UPDATE;

-- activate: somebody invited has enrolled
UPDATE person SET state = 'active', activated_at = %(now)s WHERE id = %(id)s AND state = 'invited';

-- leave: somebody has left
UPDATE person SET state = 'left', left_at = %(now)s, left_by = %(by)s, left_because = %(reason)s
WHERE id = %(id)s AND state <> 'left';

-- leave_again: somebody has left, whom a backup knows otherwise or not at all
INSERT INTO person (id, code, state, invited_at, invited_by, left_at, left_by, left_because)
VALUES (%(id)s, %(code)s, 'left', %(at)s, %(by)s, %(at)s, %(by)s, %(reason)s)
ON CONFLICT (code) DO UPDATE SET state = 'left', left_at = %(at)s, left_by = %(by)s, left_because = %(reason)s
WHERE person.state <> 'left';

-- drop_links_of_code: the links of who is called so end
DELETE FROM enrolment_link USING person WHERE person.id = person_id AND person.code = %(code)s;

-- drop_links_until: the links end that who is called so had by then
DELETE FROM enrolment_link USING person
WHERE person.id = person_id AND person.code = %(code)s AND issued_at <= %(until)s;

-- links_until: how many links who is called so has of those from until then
SELECT count(*) AS count FROM enrolment_link JOIN person ON person.id = person_id
WHERE person.code = %(code)s AND issued_at <= %(until)s;

-- anybody: whether anybody is known
SELECT 1 FROM person LIMIT 1;

-- lapsed: who was invited before then and has not come, locked until the transaction ends
SELECT id, code, state, invited_at, activated_at, left_at FROM person
WHERE state = 'invited' AND invited_at < %(before)s
ORDER BY invited_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- drop_links: the links of a person end
DELETE FROM enrolment_link WHERE person_id = %(person_id)s;

-- add_link: keep a link by the digest of its token, unless it is that of another one
INSERT INTO enrolment_link (digest, person_id, purpose, issued_at, issued_by, expires_at)
VALUES (decode(%(digest)s, 'hex'), %(person_id)s, %(purpose)s, %(now)s, %(by)s, %(expires_at)s)
ON CONFLICT DO NOTHING;

-- link_of_digest: a link by the digest of its token
SELECT person_id, purpose, expires_at, used_at FROM enrolment_link WHERE digest = decode(%(digest)s, 'hex');

-- links_of_person: the links of a person
SELECT person_id, purpose, expires_at, used_at FROM enrolment_link WHERE person_id = %(person_id)s;

-- admit: a person comes by a link that somebody of the staff made
INSERT INTO admission (person_id, purpose, issued_by, issued_at)
SELECT person_id, purpose, issued_by, issued_at FROM enrolment_link
WHERE digest = decode(%(digest)s, 'hex') AND issued_by <> %(machine)s
ON CONFLICT (person_id, purpose, issued_by) DO UPDATE SET issued_at = greatest(admission.issued_at, excluded.issued_at);

-- admissions: who came by whose link, where nobody has vouched since
SELECT person.code, purpose, issued_by FROM admission JOIN person ON person.id = person_id;

-- vouch: these say of who came by links that it was that person; whoever made a link does not say so alone
DELETE FROM admission
WHERE person_id = %(person_id)s AND purpose = ANY(%(purposes)s) AND %(by)s::text[] <> ARRAY[issued_by];

-- unvouched: how many may do something of whom nobody has said that it was they who came, and since when
SELECT count(DISTINCT person_id) AS count, min(issued_at) AS since
FROM admission JOIN person ON person.id = person_id
WHERE person.state = 'active' AND (
    purpose = 'recovery' OR EXISTS (SELECT FROM role_grant AS g WHERE g.person_id = person.id AND g.ended_at IS NULL)
);

-- use_link: a link has enrolled what it was for
UPDATE enrolment_link SET used_at = %(now)s WHERE digest = decode(%(digest)s, 'hex');

-- expire_links: forget links that ended before then
DELETE FROM enrolment_link WHERE expires_at < %(before)s;

-- forget: who left before then, with all that is recorded of them; what they were called
DELETE FROM person WHERE id IN (SELECT id FROM person WHERE state = 'left' AND left_at < %(before)s LIMIT %(limit)s)
RETURNING code;

-- unname_inviter: somebody of whom nothing else is recorded has invited these
UPDATE person SET invited_by = %(word)s WHERE invited_by = %(actor)s;

-- unname_grantors: they have asked for these grants, approved or ended them; two who are gone stay two
UPDATE role_grant
SET granted_by = CASE WHEN granted_by = %(actor)s THEN %(word)s ELSE granted_by END,
    approved_by = CASE WHEN approved_by = %(actor)s THEN %(other_word)s ELSE approved_by END,
    ended_by = CASE WHEN ended_by = %(actor)s THEN %(word)s ELSE ended_by END
WHERE %(actor)s IN (granted_by, approved_by, ended_by);

-- unname_recorder: they have recorded these
UPDATE prerequisite SET recorded_by = %(word)s WHERE recorded_by = %(actor)s;

-- unname_link_maker: they have made the links by which these came; of several who are gone one is enough
WITH made AS (DELETE FROM admission WHERE issued_by = %(actor)s RETURNING person_id, purpose, issued_at)
INSERT INTO admission (person_id, purpose, issued_by, issued_at)
SELECT person_id, purpose, %(word)s, issued_at FROM made ON CONFLICT DO NOTHING;

-- unname_contact_setter: they have entered these addresses
UPDATE contact SET set_by = %(word)s WHERE set_by = %(actor)s;

-- spend_code: a code was somebody's of whom nothing else is recorded
INSERT INTO spent_code (digest, spent_at) VALUES (%(digest)s, %(now)s) ON CONFLICT DO NOTHING;

-- spent_code: whether a code was
SELECT 1 FROM spent_code WHERE digest = %(digest)s;

-- free_codes: codes that were spent before then may be somebody's again
DELETE FROM spent_code WHERE spent_at < %(before)s;
