-- Acceptances of the terms.

-- insert_agreement: somebody accepted a document for a company
INSERT INTO agreement (id, account_id, user_id, document, version, text_sha256, language, authority, attested, domain,
                       element, sentences, accepted_at, ip_sealed)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(document)s, %(version)s, %(text_sha256)s, %(language)s, %(authority)s,
        %(attested)s, %(domain)s, %(element)s, %(sentences)s, %(now)s, %(ip_sealed)s);

-- latest_agreement: what a company agreed to last
SELECT document, version, language, text_sha256, sentences, accepted_at, user_id FROM agreement
WHERE account_id = %(account_id)s ORDER BY accepted_at DESC, id DESC LIMIT 1;

-- without_agreement: active companies for which nobody accepted anything
SELECT count(*) AS count FROM account a
WHERE a.state = 'active' AND NOT EXISTS (SELECT FROM agreement g WHERE g.account_id = a.id);

-- other_text: active companies whose last acceptance is of no text that is held
SELECT count(*) AS count FROM account a
JOIN LATERAL (
    SELECT text_sha256 FROM agreement WHERE account_id = a.id ORDER BY accepted_at DESC, id DESC LIMIT 1
) AS g ON true
WHERE a.state = 'active' AND g.text_sha256 <> ALL (%(held)s);

-- unattested: active companies whose last acceptance lacks one of what is to be confirmed
SELECT count(*) AS count FROM account a
JOIN LATERAL (
    SELECT attested FROM agreement WHERE account_id = a.id ORDER BY accepted_at DESC, id DESC LIMIT 1
) AS g ON true
WHERE a.state = 'active' AND NOT g.attested @> %(wanted)s;

-- stand_by_agreement: whoever proved the address stands by what the sign-up accepted
UPDATE agreement SET stood_by_at = coalesce(stood_by_at, %(now)s) WHERE account_id = %(account_id)s;

-- expire_agreement_ips: from where somebody accepted, after it served its purpose
UPDATE agreement SET ip_sealed = NULL WHERE id IN (
    SELECT id FROM agreement WHERE accepted_at < %(before)s AND ip_sealed IS NOT NULL
        AND NOT is_kept(account_id, user_id, 'agreements')
    LIMIT %(limit)s
);

-- expire_archive: accepted agreements whose time of keeping has ended
DELETE FROM agreement_archive WHERE id IN (SELECT id FROM agreement_archive WHERE keep_until < %(today)s LIMIT %(limit)s);
