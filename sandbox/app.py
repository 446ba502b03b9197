"""The WSGI application: finds the vendor by the first part of the path, lets it answer or fail, writes it down."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from sandbox import origin_check
from sandbox.control import Control
from sandbox.faults import MODES, Fault, Faults, Outcome
from sandbox.journal import Journal
from sandbox.mailgun.api import Mailgun
from sandbox.pager.api import Pager
from sandbox.pages import Pages
from sandbox.register.api import Register
from sandbox.scheduler import Scheduler
from sandbox.store import Store
from sandbox.tripletex.api import Tripletex
from sandbox.web import MAX_BODY_BYTES, HTTPException, Request, Response, Vendor, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.settings import SandboxSettings
    from shared.clock import Clock

VENDOR_NAMES: Final = frozenset({"mailgun", "tripletex", "register", "pager"})
DROP_KEY: Final = "sandbox.drop_connection"


class Sandbox:
    """All vendors and the pager, their faults, their memory, and the pages that show it."""

    def __init__(self, settings: SandboxSettings, clock: Clock) -> None:
        """Nothing runs before `start`."""
        self.settings = settings
        self.clock = clock
        self._stopping = threading.Event()
        self.store = Store(settings.state_dir)
        self.faults = Faults(VENDOR_NAMES)
        self.journal = Journal(self.store)
        self.scheduler = Scheduler(self.store)
        self.mailgun = Mailgun(settings, self.store, self.scheduler, clock)
        self.tripletex = Tripletex(settings, self.store, self.scheduler, clock)
        self.register = Register(self.store, clock)
        self.pager = Pager(settings, self.store, clock)
        self.vendors: dict[str, Vendor] = {
            vendor.name: vendor for vendor in (self.mailgun, self.tripletex, self.register, self.pager)
        }
        self._control = Control(self)
        self._pages = Pages(self)

    def start(self) -> None:
        """Let events and webhooks happen."""
        self.scheduler.start()

    def hurry(self) -> None:
        """Let nobody sleep any longer: the end is near."""
        self._stopping.set()

    def stop(self) -> None:
        """Let nothing more happen, and close the file."""
        self.scheduler.stop()
        self.store.close()

    def reset(self) -> None:
        """Forget everything received, every fault and every setting; as on the first day."""
        with self.store.lock:
            self.faults.clear()
            self.store.clear()
            for vendor in self.vendors.values():
                vendor.reset()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one call (WSGI)."""
        request = Request(environ)
        request.max_content_length = request.max_form_memory_size = MAX_BODY_BYTES
        try:
            response = self._answer(request)
        except HTTPException as error:
            response = json_answer({"error": error.description}, error.code or 500)
        finally:
            request.close()  # uploaded files
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        first, _, rest = request.path.lstrip("/").partition("/")
        vendor = self.vendors.get(first)
        if vendor is not None:
            return self._call(vendor, request, "/" + rest)
        origin_check.check(request)
        if first == "control":
            return self._control.handle(request, "/" + rest)
        return self._pages.handle(request)

    def _call(self, vendor: Vendor, request: Request, path: str) -> Response:
        fault = self.faults.take(vendor.name, request.method, path)
        if fault is None:
            with self.store.lock:
                response = vendor.handle(request, path)
        else:
            response = self._fail(vendor, request, path, fault)
        self.journal.record(
            vendor.name,
            path,
            request,
            response,
            at=self.clock.now(),
            fault=fault.mode if fault else None,
        )
        return response

    def _fail(self, vendor: Vendor, request: Request, path: str, fault: Fault) -> Response:
        mode = MODES[fault.mode]
        own = None
        if mode.commits:
            with self.store.lock:
                own = vendor.handle(request, path)
        if mode.sleeps:
            self._stopping.wait(fault.seconds)
        if mode.outcome is Outcome.OWN and own is not None:
            return own
        if mode.outcome is Outcome.DROP:
            request.environ[DROP_KEY]()
            return Response(status=500)
        return vendor.refuse(mode.outcome, fault)
