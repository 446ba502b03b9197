-- What is in a copy is in no backup: a company's is sealed under the key of the company, and would be read in a backup
-- after somebody in it was erased. Unlogged: dumps leave it out. What a crash or a restore takes is collected anew.

ALTER TABLE export_page SET UNLOGGED;
ALTER TABLE export_chunk SET UNLOGGED;
ALTER TABLE export_download SET UNLOGGED;
COMMENT ON TABLE export_page IS 'What was handed out for a copy, until the file is made of it. In no backup.';
COMMENT ON TABLE export_chunk IS 'The file of a copy, in pieces. In no backup.';
COMMENT ON COLUMN export_page.page_sealed IS 'pii:copy; erased: row deleted once the file is made, a week after it was asked for at the latest, or with whom it is about, and of a company with anybody who is in it; in no backup';
COMMENT ON COLUMN export_chunk.chunk_sealed IS 'pii:copy; erased: row deleted a week after the file was made, or with whom it is about, and of a company with anybody who is in it; in no backup';
