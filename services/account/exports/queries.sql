-- Copies of what is held. Every query has a name and a sentence.

-- one_by_one: wishes of one user come one after the other
SELECT pg_advisory_xact_lock(hashtextextended(%(user_id)s::text, 31));

-- add: somebody asked for a copy
INSERT INTO export (id, account_id, user_id, asked_by, kind, with_company, state, asked_at, wished_at, wish_id, handed_over_at,
                    next_at)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(asked_by)s, %(kind)s, %(with_company)s, 'collecting', %(asked_at)s, %(wished_at)s,
        %(wish_id)s, %(handed_over_at)s, %(asked_at)s);

-- company_is_a_persons: whether the company is known to be an organisation
SELECT org_form, org_number_index IS NOT NULL AS has_number FROM account WHERE id = %(account_id)s;

-- add_part: what one contributor is to hand out
INSERT INTO export_part (export_id, contributor, next_at) VALUES (%(export_id)s, %(contributor)s, %(next_at)s);

-- find: a copy
SELECT id, account_id, user_id, asked_by, kind, state, asked_at, wished_at, ready_at, package_bytes, package_sha256, chunks,
       tries, withdrawn_at, withdrawn_because, renewed_at, handed_over_at, with_company, wish_id
FROM export WHERE id = %(id)s;

-- asked_by: the copies that a user asked for, the newest first
SELECT id, account_id, user_id, asked_by, kind, state, asked_at, wished_at, ready_at, package_bytes, package_sha256, chunks,
       tries, withdrawn_at, withdrawn_because, renewed_at, handed_over_at, with_company, wish_id
FROM export WHERE asked_by = %(user_id)s ORDER BY asked_at DESC, id DESC LIMIT %(limit)s;

-- parts: how far each part of a copy is
SELECT contributor, is_done, rows, tries FROM export_part WHERE export_id = %(export_id)s ORDER BY contributor;

-- claim_parts: parts to be fetched now; whoever has one keeps the others from it for a while
UPDATE export_part AS p SET next_at = %(until)s
FROM (
    SELECT export_id, contributor FROM export_part
    WHERE NOT is_done AND is_due(next_at, %(now)s, %(at_most)s)
    ORDER BY next_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) AS due
WHERE p.export_id = due.export_id AND p.contributor = due.contributor
RETURNING p.export_id, p.contributor, p.following, p.pages, p.rows, p.tries, p.tables, p.form, p.bytes;

-- move_part: a page came; nothing happens where another process has come further
UPDATE export_part SET pages = pages + 1, rows = rows + %(rows)s, bytes = bytes + %(size)s, tables = %(tables)s,
    form = %(form)s, following = %(following)s, is_done = %(is_done)s, tries = 0
WHERE export_id = %(export_id)s AND contributor = %(contributor)s AND pages = %(pages)s AND NOT is_done;

-- add_page: what a contributor handed out, sealed
INSERT INTO export_page (id, export_id, account_id, user_id, contributor, position, page_sealed)
SELECT %(id)s, id, account_id, user_id, %(contributor)s, %(position)s, %(sealed)s FROM export WHERE id = %(export_id)s;

-- put_off: ask a contributor again then, unless another process has come further
UPDATE export_part SET next_at = %(next_at)s, tries = %(tries)s
WHERE export_id = %(export_id)s AND contributor = %(contributor)s AND pages = %(pages)s AND NOT is_done;

-- put_off_packing: pack it again then
UPDATE export SET next_at = %(next_at)s, tries = tries + 1 WHERE id = %(id)s AND state = 'collecting';

-- claim_collected: copies of which every part is there; whoever packs one keeps the others from it for a while
UPDATE export AS e SET next_at = %(until)s
FROM (
    SELECT id FROM export AS waiting
    WHERE state = 'collecting' AND is_due(next_at, %(now)s, %(at_most)s)
      AND NOT EXISTS (SELECT FROM export_part AS p WHERE p.export_id = waiting.id AND NOT p.is_done)
    ORDER BY next_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) AS due
WHERE e.id = due.id
RETURNING e.id, e.account_id, e.user_id, e.asked_by, e.kind, e.state, e.asked_at, e.wished_at, e.ready_at,
          e.package_bytes, e.package_sha256, e.chunks, e.tries, e.withdrawn_at, e.withdrawn_because,
          e.renewed_at, e.handed_over_at, e.with_company, e.wish_id;

-- lock_collecting: a copy that is not packed yet; nobody else packs it or erases it meanwhile
SELECT id FROM export WHERE id = %(id)s AND state = 'collecting' FOR UPDATE;

-- next_page: the page that comes after this one
SELECT id, contributor, position, page_sealed FROM export_page
WHERE export_id = %(export_id)s AND (contributor, position) > (%(contributor)s, %(position)s)
ORDER BY contributor, position LIMIT 1;

-- add_chunk: a piece of the file, sealed
INSERT INTO export_chunk (id, export_id, account_id, user_id, position, chunk_sealed)
SELECT %(id)s, id, account_id, user_id, %(position)s, %(sealed)s FROM export WHERE id = %(export_id)s;

-- drop_chunks: pieces of a file that was never finished
DELETE FROM export_chunk WHERE export_id = %(export_id)s;

-- drop_pages: what the file was made of
DELETE FROM export_page WHERE export_id = %(export_id)s;

-- set_ready: the file is there; whether a person has a case of it
UPDATE export SET state = 'ready', ready_at = %(now)s, package_bytes = %(size)s, package_sha256 = %(sha256)s,
                  chunks = %(chunks)s
WHERE id = %(id)s RETURNING handed_over_at IS NOT NULL AS was_overdue;

-- open_file: whoever proved the password may read the file with this token
INSERT INTO export_download (digest, export_id, opened_until) VALUES (%(digest)s, %(export_id)s, %(opened_until)s);

-- chunk: a piece of a file, for who has a token of it that is not over, and whose password is still the one that was proved
SELECT c.id, c.account_id, c.user_id, c.chunk_sealed, e.ready_at
FROM export_download AS d JOIN export AS e ON e.id = d.export_id JOIN export_chunk AS c ON c.export_id = e.id
JOIN credential AS k ON k.user_id = e.asked_by AND k.reset_required_at IS NULL AND k.changed_at <= d.opened_until - %(open_for)s
WHERE d.digest = %(digest)s AND d.export_id = %(export_id)s AND d.opened_until > %(now)s AND e.state = 'ready'
  AND c.position = %(position)s;

-- drop: a copy with its parts, pages and pieces
DELETE FROM export WHERE id = %(id)s;

-- late: copies that are not ready though they should be, and since when the first
SELECT count(*) AS count, min(asked_at) AS since FROM export WHERE state = 'collecting' AND asked_at < %(before)s;

-- withdraw: copies of the company that were asked for before then are opened no more
UPDATE export SET state = 'withdrawn', withdrawn_at = %(now)s, withdrawn_because = %(because)s, ready_at = NULL,
    package_bytes = NULL, package_sha256 = NULL, chunks = NULL
WHERE account_id = %(account_id)s AND user_id IS NULL AND state <> 'withdrawn' AND asked_at <= %(before)s
RETURNING id;

-- drop_parts: how far its contributors were
DELETE FROM export_part WHERE export_id = %(export_id)s;

-- drop_tokens: whoever reads it stops
DELETE FROM export_download WHERE export_id = %(export_id)s;

-- to_renew: copies that were withdrawn and not ordered anew yet, for these reasons
SELECT id, account_id, user_id, asked_by, kind, state, asked_at, wished_at, ready_at, package_bytes, package_sha256, chunks,
       tries, withdrawn_at, withdrawn_because, renewed_at, handed_over_at, with_company, wish_id
FROM export
WHERE account_id = %(account_id)s AND state = 'withdrawn' AND renewed_at IS NULL AND withdrawn_because = ANY(%(reasons)s)
ORDER BY asked_at FOR UPDATE;

-- set_renewed: it is not ordered anew a second time
UPDATE export SET renewed_at = %(now)s WHERE id = %(id)s;

-- hand_over: copies that are neither ready nor with a person, though they should be; what is dated ahead is as well
UPDATE export AS e SET handed_over_at = %(now)s
FROM (
    SELECT id FROM export
    WHERE handed_over_at IS NULL AND (state = 'collecting' OR state = 'withdrawn' AND renewed_at IS NULL)
      AND (asked_at < %(before)s OR asked_at > %(ahead)s)
    ORDER BY asked_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) AS waiting
WHERE e.id = waiting.id
RETURNING e.id, e.account_id, e.user_id, e.asked_by, e.kind, e.state, e.asked_at, e.wished_at, e.ready_at,
          e.package_bytes, e.package_sha256, e.chunks, e.tries, e.withdrawn_at, e.withdrawn_because,
          e.renewed_at, e.handed_over_at, e.with_company, e.wish_id;

-- expire: copies whose week is over; what was never ready only once a person has its case
DELETE FROM export WHERE id IN (
    SELECT id FROM export
    WHERE ready_at < %(ready_before)s OR (withdrawn_at < %(ready_before)s AND renewed_at IS NOT NULL)
       OR (ready_at IS NULL AND handed_over_at IS NOT NULL AND asked_at < %(asked_before)s)
    LIMIT %(limit)s
);

-- expire_tokens: tokens whose quarter of an hour is over
DELETE FROM export_download WHERE digest IN (
    SELECT digest FROM export_download WHERE opened_until < %(now)s LIMIT %(limit)s
);

-- note_key: copies are signed with this key
INSERT INTO export_key (key_id, public_key, used_since) VALUES (%(key_id)s, %(public_key)s, %(now)s) ON CONFLICT (key_id) DO NOTHING;

-- keys: all keys that copies were signed with, the newest first
SELECT key_id, public_key, used_since FROM export_key ORDER BY used_since DESC, key_id LIMIT %(limit)s;

-- lock_lost_files: copies that are ready and whose file is not whole any more; nobody withdraws or erases them meanwhile
SELECT e.id FROM export AS e
WHERE e.state = 'ready' AND e.chunks <> (SELECT count(*) FROM export_chunk AS c WHERE c.export_id = e.id)
ORDER BY e.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- collect_anew: copies are made from the beginning; until when their file was to be fetched does not count
UPDATE export SET state = 'collecting', ready_at = NULL, package_bytes = NULL, package_sha256 = NULL, chunks = NULL,
    next_at = %(now)s, tries = 0
WHERE id = ANY(%(ids)s) AND state = 'ready'
  AND chunks <> (SELECT count(*) FROM export_chunk AS c WHERE c.export_id = export.id);

-- lock_lost_parts: parts of which pages are gone that were kept; whoever collects one leaves it alone meanwhile
SELECT p.export_id, p.contributor FROM export_part AS p JOIN export AS e ON e.id = p.export_id AND e.state = 'collecting'
WHERE p.pages <> (SELECT count(*) FROM export_page AS g WHERE g.export_id = p.export_id AND g.contributor = p.contributor)
ORDER BY p.export_id, p.contributor LIMIT %(limit)s FOR UPDATE OF p SKIP LOCKED;

-- drop_pages_of_part: what is left of its pages
DELETE FROM export_page WHERE export_id = %(export_id)s AND contributor = %(contributor)s
  AND EXISTS (SELECT FROM export_part AS p WHERE p.export_id = %(export_id)s AND p.contributor = %(contributor)s AND p.pages <>
      (SELECT count(*) FROM export_page AS g WHERE g.export_id = p.export_id AND g.contributor = p.contributor));

-- begin_part_anew: a part is fetched from its first page on
UPDATE export_part AS p SET pages = 0, rows = 0, bytes = 0, tables = '{}', form = NULL, following = NULL, is_done = false,
    tries = 0, next_at = %(now)s
WHERE p.export_id = %(export_id)s AND p.contributor = %(contributor)s AND p.pages <>
      (SELECT count(*) FROM export_page AS g WHERE g.export_id = p.export_id AND g.contributor = p.contributor);
