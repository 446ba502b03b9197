-- note_change: the register of classes has changed: it is to be copied again
INSERT INTO letter_class_change (record_id, heard_at) VALUES (%(record_id)s, %(now)s)
ON CONFLICT (record_id) DO UPDATE SET heard_at = EXCLUDED.heard_at;

-- changed: whether anything was heard that is not copied
SELECT 1 AS found FROM letter_class_change LIMIT 1;

-- copied: what was heard until the register was asked is done
DELETE FROM letter_class_change WHERE heard_at <= %(until)s;

-- clear: forget the copy
DELETE FROM letter_class;

-- set: what two persons said of a letter
INSERT INTO letter_class (record_id, letter, letter_class, purpose, text_sha256, valid_from, valid_to, copied_at)
VALUES (%(record_id)s, %(letter)s, %(letter_class)s, %(purpose)s, %(text_sha256)s, %(valid_from)s, %(valid_to)s, %(now)s);

-- clear_purposes: forget the copy of what Mailgun is used for
DELETE FROM mail_purpose;

-- set_purpose: what two persons said that a processor is used for
INSERT INTO mail_purpose (record_id, processor, purpose, valid_from, valid_to, copied_at)
VALUES (%(record_id)s, %(processor)s, %(purpose)s, %(valid_from)s, %(valid_to)s, %(now)s);

-- purposes: what a processor is used for on a day, besides what the terms name
SELECT DISTINCT purpose FROM mail_purpose
WHERE processor = %(processor)s AND valid_from <= %(today)s AND (valid_to IS NULL OR valid_to > %(today)s);

-- approvals: what two persons said of a letter, or of all
SELECT letter, letter_class, purpose, text_sha256, valid_from, valid_to FROM letter_class
WHERE %(letter)s::text IS NULL OR letter = %(letter)s ORDER BY letter, valid_from DESC, record_id;

-- waiting: letters that wait because nobody has said which class they are of, and since when the oldest
SELECT count(*) AS count, min(requested_at) AS since FROM letter WHERE state = 'pending' AND reason = %(reason)s;
