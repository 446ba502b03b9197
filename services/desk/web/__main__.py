"""`python -m services.desk.web`: the pages of staff."""

from services.desk.web.service import serve

if __name__ == "__main__":
    raise SystemExit(serve())
