"""Looks at a page as people meet it: by axe-core, on a screen of 320 pixels, by keyboard, under its own policy."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, Request

AXE: Final = Path(sys.prefix) / "share/vilkar/web/axe.min.js"
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALL: Final = {"width": 320, "height": 640}
LARGE: Final = {"width": 1280, "height": 900}
ABORTED: Final = "net::ERR_ABORTED"
BARRIERS, TOO_WIDE, OUT_OF_REACH, FORBIDDEN, KEPT = "barriers", "too wide", "out of reach", "forbidden", "kept"

_BARRIERS: Final = """async rules => {
    const found = await axe.run(document, {runOnly: {type: "tag", values: rules}, resultTypes: ["violations"]});
    return found.violations.map(each => `${each.id}: ${each.nodes.map(node => node.target.join(" ")).join(", ")}`);
}"""
_BEYOND: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
"""How many pixels of the page lie beyond its right edge."""
_WIDTH: Final = """async ([address, fields, millis]) => {
    const given = fields && {method: "post", body: new URLSearchParams({
        ...fields, form_token: window.formToken, idempotency_key: crypto.randomUUID()})};
    const answer = await fetch(address, {...given, signal: AbortSignal.timeout(millis)});
    const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
    const root = document.documentElement;
    for (const each of shown.documentElement.attributes) root.setAttribute(each.name, each.value);
    document.body.replaceWith(shown.body);
    return {status: answer.status, language: root.lang, headings: document.querySelectorAll("h1").length,
            pixels: root.scrollWidth - root.clientWidth};
}"""
"""Shows what is at an address under the style sheets that are there already, and measures it."""
_TOKEN: Final = """() => { window.formToken = document.querySelector("[name=form_token]").value; }"""
_MILLIS: Final = 10_000
_KEPT: Final = (
    """() => [...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].filter(Boolean)"""
)
_WATCH: Final = """() => {
    const main = document.querySelector("main");
    const wanted = [...main.querySelectorAll(
        "a[href], button:not([disabled]), input:not([type=hidden]), select, textarea, [tabindex='0']")];
    window.stops = [];
    document.addEventListener("focusin", () => {
        const at = document.activeElement, box = at.getBoundingClientRect();
        // A box to tick is shown by the field around it.
        const styles = [at, at.closest(".ds-field")].filter(Boolean).map(each => getComputedStyle(each));
        const seen = box.width > 2 && box.height > 2 &&
            styles.some(style => style.outlineStyle !== "none" || style.boxShadow !== "none");
        window.stops.push({place: wanted.indexOf(at), seen});
    });
    main.focus();
    window.stops = [];
    return [wanted.length, wanted.filter(each => ["date", "datetime-local", "time"].includes(each.type)).length];
}"""
"""What can be reached in the content of a page, and how many of it are days or times: those take several keys."""
_STOPS: Final = """() => window.stops"""
_IS_INSIDE: Final = """() => document.querySelector("main").contains(document.activeElement)"""
_MORE_KEYS: Final = 7
"""A field of a day or a time has at most so many stops more: month, year, hour, minute and the like."""


class Looker:
    """Looks at the pages that a tab shows, and notes what its browser complains about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._said: list[str] = []
        page.on("console", lambda message: self._said.append(message.text))
        page.on("requestfailed", self._note_failure)

    def _note_failure(self, request: Request) -> None:
        """What was under way when the tab went on to another page is no fault."""
        if request.failure != ABORTED:
            self._said.append(f"{request.url}: {request.failure}")

    def faults(self) -> Iterator[tuple[str, str]]:
        """Each fault of the page with its kind. The tab is as large afterwards as it was before."""
        page, size = self.page, self.page.viewport_size
        yield from ((FORBIDDEN, each) for each in self._said if "status of" not in each)
        self._said.clear()
        if page.evaluate("getComputedStyle(document.body).backgroundColor").startswith("rgba(0, 0, 0, 0"):
            yield FORBIDDEN, "the style sheets do not count"
        yield from ((KEPT, each) for each in page.evaluate(_KEPT))
        yield from ((BARRIERS, each) for each in self.barriers())
        yield from ((OUT_OF_REACH, each) for each in self._by_keyboard())
        yield from self.beyond()
        page.set_viewport_size(size)  # type: ignore[arg-type]

    def barriers(self) -> list[str]:
        """What keeps somebody out, by axe-core."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[str] = self.page.evaluate(_BARRIERS, RULES)
        return found

    def beyond(self) -> Iterator[tuple[str, str]]:
        """What of the page lies beyond a small screen, where only tables are scrolled."""
        self.page.set_viewport_size(SMALL)  # type: ignore[arg-type]
        if pixels := self.page.evaluate(_BEYOND):
            yield TOO_WIDE, f"{pixels} px"

    def begin_widths(self) -> None:
        """Make this tab, which shows a page with a form, as narrow as a small screen, to measure others in it."""
        self.page.set_viewport_size(SMALL)  # type: ignore[arg-type]
        self.page.evaluate(_TOKEN)

    def width(self, address: str, fields: Mapping[str, str] | None = None) -> dict[str, Any]:
        """How a page stands in this tab, or the answer to a form: its status, language, and pixels too many.

        It is fetched and not gone to, which takes a fifth of the time: no style sheet is read again.
        """
        measured: dict[str, Any] = self.page.evaluate(_WIDTH, [address, fields, _MILLIS])
        return measured

    def _by_keyboard(self) -> Iterator[str]:
        """Everything in the content is reached by the tabulator, in order, and seen when it is."""
        number, days = self.page.evaluate(_WATCH)
        for _ in range(number):
            self.page.keyboard.press("Tab")
        for _ in range(_MORE_KEYS * days + 1):
            if not self.page.evaluate(_IS_INSIDE):
                break
            self.page.keyboard.press("Tab")
        stops: list[dict[str, Any]] = self.page.evaluate(_STOPS)
        reached = [each["place"] for each in stops if each["place"] >= 0]
        if reached != list(range(number)):
            yield f"{number} elements are reached as {reached}"
        yield from (
            f"element {each['place']} is not seen" for each in stops if each["place"] >= 0 and not each["seen"]
        )
