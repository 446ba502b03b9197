-- The desk searches every table after an erasure. It is granted these tables, not the server's role for reading all
-- data, which also shows the password verifiers of every role and the statistics of every column.

GRANT SELECT ON ALL TABLES IN SCHEMA public TO desk;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO desk;
