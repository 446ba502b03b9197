"""Enhetsregisteret over HTTP. Its units come from sandbox/data/organisations.json and from nowhere else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sandbox.faults import Outcome
from sandbox.register.search import BadSearchError, search, updates
from sandbox.web import HTTPException, Request, Response, Routes

if TYPE_CHECKING:
    from sandbox.faults import Fault
    from sandbox.store import Document, Store
    from shared.clock import Clock

DATA: Final = Path(__file__).parent.parent / "data" / "organisations.json"
V2: Final = "application/vnd.brreg.enhetsregisteret.{kind}.v2+json;charset=UTF-8"
_VERSION: Final = re.compile(r"application/vnd\.brreg\.enhetsregisteret\.\w+\.v(\d+)\+json")
_BROKEN: Final = "<html><body><h1>500 Internal Server Error</h1></body></html>"


class Register:
    """The stand-in for data.brreg.no/enhetsregisteret/api."""

    name = "register"

    def __init__(self, store: Store, clock: Clock) -> None:
        """Units are read from the shipped file; nothing sent here changes them."""
        self._store = store
        self._clock = clock
        self.data: Document = json.loads(DATA.read_text(encoding="utf-8"))
        self._main = _by_number(self.data["enheter"] + self.data["slettede"])
        self._sub = _by_number(self.data["underenheter"] + self.data["slettede_underenheter"])
        self._removed = _by_number(self.data["fjernede"])
        self._routes = Routes(
            [
                ("GET", "/enheter", self._search_main),
                ("GET", "/enheter/<number>", self._read_main),
                ("GET", "/enheter/<number>/roller", self._roles),
                ("GET", "/underenheter", self._search_sub),
                ("GET", "/underenheter/<number>", self._read_sub),
                ("GET", "/oppdateringer/enheter", self._updates),
            ]
        )

    def handle(self, request: Request, path: str) -> Response:
        """Answer a call."""
        version = _VERSION.search(request.headers.get("Accept", ""))
        if version is not None and version[1] != "2":
            return Response(status=406)
        try:
            handler, values = self._routes.find(request, path)
            return handler(request, **values)
        except BadSearchError as error:
            return self._bad(request, path, error)
        except HTTPException as error:
            return Response(status=error.code)

    def refuse(self, outcome: Outcome, fault: Fault) -> Response:
        """Fail as the register does; it knows no keys, so an unauthorised call does not exist here."""
        if outcome in (Outcome.RATE_LIMITED, Outcome.RATE_LIMITED_BARE):
            headers = (
                {"Retry-After": str(max(1, round(fault.seconds)))} if outcome is Outcome.RATE_LIMITED else None
            )
            return Response(status=429, headers=headers)
        if outcome is Outcome.BAD_GATEWAY:
            return Response(
                _BROKEN.replace("500 Internal Server Error", "502 Bad Gateway"), 502, mimetype="text/html"
            )
        if outcome is Outcome.UNAVAILABLE:
            return Response(status=503)
        return Response(_BROKEN, status=500, mimetype="text/html")

    def holdings(self) -> dict[str, list[tuple[str, Any]]]:
        """The register holds nothing about our customers; it only knows its own units."""
        return {}

    def configure(self, changes: dict[str, Any]) -> dict[str, Any]:
        """There is nothing to configure."""
        if changes:
            raise ValueError("the register has no settings")
        return {}

    def reset(self) -> None:
        """Nothing to prepare."""

    def _read_main(self, request: Request, number: str) -> Response:
        return self._read(request, number, self._main, "enhet", "enheter")

    def _read_sub(self, request: Request, number: str) -> Response:
        return self._read(request, number, self._sub, "underenhet", "underenheter")

    def _read(self, request: Request, number: str, units: dict[str, Document], kind: str, folder: str) -> Response:
        base = base_of(request)
        if number in self._removed and kind == "enhet":
            gone = {**self._removed[number], "_links": {"self": {"href": f"{base}/{folder}/{number}"}}}
            return _json(gone, 410)
        unit = units.get(number)
        if unit is None:
            return Response(status=404)
        return _json(linked(unit, base, folder), 200, V2.format(kind=kind))

    def _roles(self, request: Request, number: str) -> Response:
        if number not in self._main:
            return Response(status=404)
        base = base_of(request)
        groups = []
        for group in self.data["roller"].get(number, []):
            kind = group["type"]
            link = {"self": {"href": f"{base}/roller/rollegruppetyper/{kind['kode']}"}}
            groups.append({**group, "type": {**kind, "_links": link}})
        links = {
            "self": {"href": f"{base}/enheter/{number}/roller"},
            "enhet": {"href": f"{base}/enheter/{number}"},
        }
        return _json({"rollegrupper": groups, "_links": links}, 200)

    def _search_main(self, request: Request) -> Response:
        return self._search(request, self.data["enheter"], "enheter")

    def _search_sub(self, request: Request) -> Response:
        return self._search(request, self.data["underenheter"], "underenheter")

    def _search(self, request: Request, units: list[Document], folder: str) -> Response:
        base = base_of(request)
        page = search(units, request.args, f"{base}/{folder}", folder)
        if "_embedded" in page:
            page["_embedded"][folder] = [linked(unit, base, folder) for unit in page["_embedded"][folder]]
        return _json(page, 200)

    def _updates(self, request: Request) -> Response:
        return _json(updates(self.data["oppdateringer"], request.args, base_of(request)), 200)

    def _bad(self, request: Request, path: str, error: BadSearchError) -> Response:
        complaint = {
            "feilmelding": str(error),
            "parametere": [error.parameter],
            "feilaktigVerdi": f"[{request.args.get(error.parameter, '')}]",
        }
        body = {
            "tidsstempel": int(self._clock.now().timestamp() * 1000),
            "status": 400,
            "feilmelding": "Feilaktig forespørsel",
            "valideringsfeil": [complaint],
            "sti": f"/enhetsregisteret/api{path}",
            "antallFeil": 1,
        }
        return _json(body, 400)


def base_of(request: Request) -> str:
    """The address under which this register is reached."""
    return f"{request.host_url}register"


def linked(unit: Document, base: str, folder: str) -> Document:
    """`unit` with the links the register adds."""
    form = unit["organisasjonsform"]
    links = {"self": {"href": f"{base}/{folder}/{unit['organisasjonsnummer']}"}}
    if "overordnetEnhet" in unit:
        links["overordnetEnhet"] = {"href": f"{base}/enheter/{unit['overordnetEnhet']}"}
    form_link = {"self": {"href": f"{base}/organisasjonsformer/{form['kode']}"}}
    return {**unit, "organisasjonsform": {**form, "_links": form_link}, "_links": links}


def _by_number(units: list[Document]) -> dict[str, Document]:
    return {unit["organisasjonsnummer"]: unit for unit in units}


def _json(body: Document, status: int, media: str = "application/json;charset=UTF-8") -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status=status, content_type=media)
