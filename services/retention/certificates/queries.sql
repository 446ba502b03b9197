-- Certificates. Every query has a name and a sentence.

-- chain_lock: certificates are issued one after the other
SELECT pg_advisory_xact_lock(%(lock)s);

-- last_certificate: the end of the chain
SELECT sequence, hash FROM certificate ORDER BY sequence DESC LIMIT 1;

-- insert: the next link of the chain
INSERT INTO certificate (sequence, certificate_id, document, hash, issued_at)
VALUES (%(sequence)s, %(certificate_id)s, %(document)s, %(hash)s, %(now)s);

-- find: one certificate by its id
SELECT sequence, certificate_id, document, hash, issued_at FROM certificate WHERE certificate_id = %(id)s;

-- hash_of: the hash of the certificate in a place of the chain
SELECT hash FROM certificate WHERE sequence = %(sequence)s;

-- state_of_erasure: how far the erasure is that will have this certificate
SELECT state FROM erasure WHERE certificate_id = %(id)s;

-- uncertified: erasures that are over and whose certificate is not there
SELECT count(*) AS count FROM erasure AS e WHERE e.state = 'certified'
  AND NOT EXISTS (SELECT FROM certificate AS c WHERE c.certificate_id = e.certificate_id);

-- newest: the end of the chain, each with the hash of the one before it
SELECT c.sequence, c.document, p.hash AS previous
FROM certificate AS c LEFT JOIN certificate AS p ON p.sequence = c.sequence - 1
ORDER BY c.sequence DESC LIMIT %(limit)s;

-- chain: a stretch of the chain
SELECT sequence, document FROM certificate WHERE sequence > %(after)s ORDER BY sequence LIMIT %(limit)s;
