"""`vilkar`, or `python -m services.desk`."""

from services.desk.app import app


def main() -> None:
    """The entry point of the `vilkar` command."""
    app(prog_name="vilkar")


if __name__ == "__main__":
    main()
