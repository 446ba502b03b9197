"""When a file that has changed is sent."""

from __future__ import annotations

import pytest

from deploy.backup.daemon import Watch

pytestmark = pytest.mark.unit


def test_a_file_is_sent_when_it_has_changed_and_not_before_the_pause_is_over(tmp_path):
    file = tmp_path / "proofs.jsonl"
    watch = Watch("copy", file, 300.0)
    assert not watch.due(0.0), "there is nothing to send"
    file.write_text("1\n")
    assert watch.due(0.0)
    watch.done(10.0, watch.look())
    assert not watch.due(1000.0), "nothing has changed"
    file.write_text("1\n2\n")
    assert not watch.due(309.0)
    assert watch.due(310.0)


def test_what_failed_is_tried_again_after_the_pause(tmp_path):
    file = tmp_path / "proofs.jsonl"
    file.write_text("1\n")
    watch = Watch("copy", file, 300.0)
    watch.done(0.0, None)
    assert not watch.due(299.0)
    assert watch.due(300.0)
