"""Makes the images of the compose file before its tests begin: `python -m tests.e2e.compose.build_images`."""

from tests.e2e.compose.compose_project import ComposeProject

if __name__ == "__main__":
    ComposeProject().build()
