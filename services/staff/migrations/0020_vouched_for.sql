-- That somebody has a key for a week says nothing of who it is. Who came by a link of a colleague is another person from
-- the day on which somebody else says that it was they.

COMMENT ON TABLE admission IS 'By whose link a person came, until somebody else vouches: till then they are not two persons.';
COMMENT ON COLUMN admission.issued_by IS 'pii:staff; erased: row deleted when somebody vouches or with its person; named no more three years after they left';

-- What root on the machine has made counts for nobody, and a grant that others gave has vouched already.
DELETE FROM admission WHERE issued_by = 'system';
DELETE FROM admission USING role_grant AS given
WHERE admission.purpose = 'invitation' AND given.person_id = admission.person_id AND NOT given.bootstrap
  AND given.granted_at >= admission.issued_at
  AND (given.granted_by <> admission.issued_by OR given.approved_by <> admission.issued_by);
