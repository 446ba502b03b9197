"""`python -m services.gateway`: the public HTTP interface."""

from services.gateway.service import serve

if __name__ == "__main__":
    raise SystemExit(serve())
