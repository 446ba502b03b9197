"""The control API: see what was received, make things fail, change settings, start over. For demos and tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sandbox.faults import MODES, Fault, FaultError
from sandbox.mailgun import inbound
from sandbox.mailgun.delivery import SCENARIOS
from sandbox.web import HTTPException, Request, Response, Routes, json_answer, json_body

if TYPE_CHECKING:
    from sandbox.app import Sandbox

VERSION: Final = 1
DEFAULT_CALLS: Final = 500


class Control:
    """Everything under /control."""

    def __init__(self, sandbox: Sandbox) -> None:
        """`sandbox` is what is controlled."""
        self._sandbox = sandbox
        self._routes = Routes(
            [
                ("GET", "/", self._overview),
                ("POST", "/reset", self._reset),
                ("GET", "/calls", self._calls),
                ("GET", "/letters", self._letters),
                ("GET", "/webhooks", self._webhooks),
                ("GET", "/pages", self._paged),
                ("GET", "/sent-invoices", self._sent_invoices),
                ("GET", "/faults", self._faults),
                ("POST", "/faults", self._add_fault),
                ("DELETE", "/faults", self._clear_faults),
                ("GET", "/settings/<vendor>", self._settings),
                ("PUT", "/settings/<vendor>", self._change_settings),
                ("GET", "/holdings", self._holdings),
                ("POST", "/inbound", self._inbound),
            ]
        )

    def handle(self, request: Request, path: str) -> Response:
        """Answer a call."""
        try:
            handler, values = self._routes.find(request, path)
            return handler(request, **values)
        except (FaultError, ValueError, TypeError) as error:
            return json_answer({"error": str(error)}, 400)
        except HTTPException as error:
            return json_answer({"error": error.description}, error.code or 500)

    def _overview(self, _request: Request) -> Response:
        collections = self._sandbox.store.collections()
        return json_answer(
            {
                "version": VERSION,
                "now": self._sandbox.clock.now().isoformat(),
                "modes": sorted(MODES),
                "scenarios": {name: list(steps) for name, steps in SCENARIOS.items()},
                "collections": {
                    name: {"count": len(one), "limit": one.limit, "dropped": one.dropped}
                    for name, one in sorted(collections.items())
                },
                "jobs_pending": len(self._sandbox.scheduler.pending()),
            }
        )

    def _reset(self, _request: Request) -> Response:
        self._sandbox.reset()
        return json_answer({"reset": True})

    def _calls(self, request: Request) -> Response:
        vendor, limit = request.args.get("vendor"), int(request.args.get("limit", DEFAULT_CALLS))
        calls = [one for one in self._sandbox.journal.calls.values() if vendor in (None, one["vendor"])]
        return json_answer({"calls": calls[-limit:] if limit > 0 else [], "held": len(calls)})

    def _letters(self, request: Request) -> Response:
        to = request.args.get("to", "").lower()
        letters = self._sandbox.mailgun.letters.values()
        found = [letter for letter in letters if not to or to in [r.lower() for r in letter["recipients"]]]
        return json_answer({"letters": found})

    def _webhooks(self, _request: Request) -> Response:
        return json_answer({"webhooks": self._sandbox.mailgun.state.webhooks.values()})

    def _paged(self, _request: Request) -> Response:
        return json_answer({"pages": self._sandbox.pager.calls.values()})

    def _sent_invoices(self, _request: Request) -> Response:
        return json_answer({"sent": self._sandbox.tripletex.orders.sent.values()})

    def _faults(self, _request: Request) -> Response:
        return json_answer({"faults": [fault.as_json() for fault in self._sandbox.faults.waiting()]})

    def _add_fault(self, request: Request) -> Response:
        fault = self._sandbox.faults.add(Fault(**_object(request)))
        return json_answer(fault.as_json(), 201)

    def _clear_faults(self, _request: Request) -> Response:
        self._sandbox.faults.clear()
        return json_answer({"faults": []})

    def _settings(self, _request: Request, vendor: str) -> Response:
        return self._configure(vendor, {})

    def _change_settings(self, request: Request, vendor: str) -> Response:
        return self._configure(vendor, _object(request))

    def _configure(self, vendor: str, changes: dict[str, Any]) -> Response:
        known = self._sandbox.vendors.get(vendor)
        if known is None:
            raise ValueError(f"unknown vendor {vendor!r}; known: {', '.join(self._sandbox.vendors)}")
        return json_answer(known.configure(changes))

    def _inbound(self, request: Request) -> Response:
        return json_answer(inbound.post(self._sandbox.mailgun.state, _object(request)))

    def _holdings(self, request: Request) -> Response:
        return json_answer(holdings(self._sandbox, request.args.get("needle", "")))


def holdings(sandbox: Sandbox, needle: str) -> dict[str, Any]:
    """Where `needle` still occurs in what each vendor holds, and how often outside of it.

    Letters in mailboxes are the recipients' own; the lists of calls, sendings and jobs are the sandbox's: all are
    counted apart, for no vendor holds them. Case does not matter. Raises `ValueError` for an empty needle.
    """
    if not needle.strip():
        raise ValueError("needle must not be empty")
    sought = needle.casefold()
    shown = []
    searched = {}
    with sandbox.store.lock:
        for vendor in sandbox.vendors.values():
            for kind, documents in vendor.holdings().items():
                searched[f"{vendor.name}/{kind}"] = len(documents)
                for key, document in documents:
                    shown += [
                        {"vendor": vendor.name, "kind": kind, "key": key, "field": field}
                        for field in _places(document, sought, "")
                    ]
        outside = {
            "mailboxes": _count(sandbox.mailgun.letters.values(), sought),
            "calls": _count(sandbox.journal.calls.values(), sought),
            "sent_invoices": _count(sandbox.tripletex.orders.sent.values(), sought),
            "jobs": _count(sandbox.scheduler.pending(), sought),
        }
    return {"needle": needle, "found": shown, "searched": searched, "outside_vendors": outside}


def _places(value: Any, sought: str, path: str) -> list[str]:
    if isinstance(value, dict):
        paths = [path + "." + str(key) for key in value if sought in str(key).casefold()]
        for key, inner in value.items():
            paths += _places(inner, sought, f"{path}.{key}" if path else str(key))
        return paths
    if isinstance(value, list):
        return [place for i, inner in enumerate(value) for place in _places(inner, sought, f"{path}[{i}]")]
    return [path] if sought in str(value).casefold() else []


def _count(documents: list[dict[str, Any]], sought: str) -> int:
    return sum(bool(_places(document, sought, "")) for document in documents)


def _object(request: Request) -> dict[str, Any]:
    try:
        body = json_body(request)
    except json.JSONDecodeError:
        raise ValueError("the body must be JSON") from None
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004  # one error kind for callers
    return body
