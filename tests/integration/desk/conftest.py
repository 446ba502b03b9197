"""The desk's pages in a browser: Debian's Chromium, driven by playwright."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from services.desk.demo_log_in import InventedPeople
from services.desk.sessions import COOKIE
from shared.http import server
from shared.webauthn import RelyingParty
from tests.desk_stage import TOKEN, Services, app_of
from tests.integration.running import free_port

THREADS = 4


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file; each has a profile of its own in it."""
    # The shell has no windows, tabs and menus to draw, which nobody sees here; it takes half the time.
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        pytest.skip("no Chromium to look at pages with: apt-get install chromium-headless-shell")
    # Chromium's own sandbox does not run as root; it sees nothing but pages of ours.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Address:
    """Where the pages are, and what answers behind them."""

    url: str
    services: Services

    @contextmanager
    def replying(self, replies: Mapping[str, Any]) -> Iterator[None]:
        """Some calls are answered in this way for a while."""
        kept = dict(self.services.replies)
        self.services.replies |= replies
        try:
            yield
        finally:
            self.services.replies = kept


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """The pages of a demo, served as in a process of their own, at a host name of their own; one a file."""
    services, port = Services(), free_port()
    url = f"http://desk.localhost:{port}"
    invented = InventedPeople(caller=services, party=RelyingParty.of_url(url), environment="test")
    application = app_of(tmp_path_factory.mktemp("desk"), services, public_url=url, invented_people=invented)
    listening = server.listen(application, host="127.0.0.1", port=port, threads=THREADS)
    thread = threading.Thread(target=listening.run)
    thread.start()
    yield Address(url, services)
    stop(listening, thread)


def stop(listening: Any, thread: threading.Thread) -> None:
    """End a server; where another pull of its trigger has closed it just before, this one finds it closed."""
    with suppress(OSError):
        listening.trigger.pull_trigger(listening.close)
    listening.task_dispatcher.shutdown(cancel_pending=True, timeout=5)
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def profile(chromium: Browser, desk: Address, request) -> Iterator[BrowserContext]:
    """A profile of a member of staff who has logged in; a test may ask for other settings of it."""
    desk.services.asked.clear()
    context = logged_in(chromium, desk, **getattr(request, "param", {}))
    yield context
    context.close()


def logged_in(chromium: Browser, desk: Address, **settings: Any) -> BrowserContext:
    """A profile of a member of staff who has logged in."""
    context = chromium.new_context(base_url=desk.url, locale="nb-NO", **settings)
    # Of a page that came over TLS: browsers take this host for one that is as safe.
    where = desk.url.replace("http:", "https:")
    context.add_cookies([{"name": COOKIE, "value": TOKEN, "url": where, "secure": True, "httpOnly": True}])
    return context
