"""`vilkar`, or `python -m services.desk`."""

from services.desk.app import app


def main() -> None:
    """The entry point of the `vilkar` command."""
    app()


if __name__ == "__main__":
    main()
