-- Reports are sealed anew as everything else: found by the generation of their text.

CREATE INDEX nonconformity_report_sealed_under ON nonconformity_report (least(sealed_generation(text_sealed)), id);
