-- opt_outs_of: which classes a user declined
SELECT letter_class FROM opt_out WHERE user_id = %(user_id)s;

-- add_opt_out: a user declines a class of letters
INSERT INTO opt_out (user_id, letter_class, account_id, since)
VALUES (%(user_id)s, %(letter_class)s, %(account_id)s, %(now)s)
ON CONFLICT (user_id, letter_class) DO NOTHING;
