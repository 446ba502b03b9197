"""The system in containers, once for all tests of this folder."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from deploy.engine import daemon, install
from tests.e2e.compose.compose_project import REPOSITORY, ComposeProject, docker, remove_abandoned

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE_IMAGES_SECONDS = 900
COULD_NOT_RUN = "could not run: no Docker engine answers here (make test-compose brings one on Debian, as root)"


@pytest.fixture(scope="session")
def engine() -> None:
    """An engine with images to stand on: our own has no registry behind it, so it is given images of our making."""
    if not daemon.answers() or install.compose_missing():
        pytest.skip(COULD_NOT_RUN)
    if os.environ.get("DOCKER_HOST") == daemon.Daemon().address:
        script = REPOSITORY / "deploy/base-images/build.sh"
        result = subprocess.run(
            [str(script), "--as-official"], check=False, capture_output=True, text=True, timeout=BASE_IMAGES_SECONDS
        )
        assert result.returncode == 0, result.stderr[-4000:]


@pytest.fixture(scope="session")
def project(engine: None) -> Iterator[ComposeProject]:
    remove_abandoned()
    project = ComposeProject(settings={"VILKAR_NOTIFICATION_REPLICAS": "3"})
    try:
        project.up()
        # As one of the invented people: what staff ask takes a session, which stays in a volume of its own.
        project.compose("run", "--rm", "-T", "vilkar", "login", "--as", "kari")
        yield project
    finally:
        project.down()
        # What earlier builds left without a name; ours alone, by its label.
        docker("image", "prune", "--force", "--filter", "label=no.vilkar.image")
    assert project.leftovers() == []
