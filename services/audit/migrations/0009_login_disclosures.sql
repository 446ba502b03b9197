-- What logins of one company were disclosed, counted by day: found without reading the company's whole trail.
CREATE INDEX trail_login_disclosures ON trail (account_ref, occurred_at) WHERE type = 'login.disclosed';
