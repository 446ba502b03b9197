"""Words that the test, the probe and the plain service share; imports nothing that waits."""

from __future__ import annotations

SOURCE = "probe-source"
PASSWORD_IN_A_FAULT = "hunter2-must-not-leak"
