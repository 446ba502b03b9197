"""One request of a reader: in which language, with which form, and how a page is made for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, ClassVar, Final, NoReturn
from uuid import UUID

from flask import Request, Response
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from shared.calls import Caller
from shared.case_references import REFERENCE
from shared.dates_in_words import long_date, short_instant
from shared.errors import Invalid, NotFound, TooMany
from shared.identifiers import new_id
from shared.terms.texts import LANGUAGES
from shared.version import VERSION
from shared.web.assets import Assets
from shared.web.csrf import FIELD, is_our_own, token_of
from shared.web.preferences import chosen_in, language_of, scheme_of
from shared.web.responses import DONE, NUMBER

SHORT: Final = 8
NOTHING: Final = "\N{EN DASH}"
KEY_FIELD: Final = "idempotency_key"
NUMBERED: Final = f"{{{NUMBER}}}"
IT_IS_DONE: Final = ("Det er gjort.", "It is done.")


def templates_of(package: str) -> Environment:
    """The templates of a host's pages, and those that both hosts share; what is put into one is escaped."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("shared.web")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What a page has to work with; each host adds who is there, and names its `templates`.

    `kept` is what stood in the form of this address when it was set aside, where one comes back to it; `is_over`
    says that the browser shows a session which is none any more. `done_words` are what a page says of what one just
    did, by what the address names; `{number}` in them is that of a case. `braked` is why what was sent is not done
    now, on a page that shows its form again then.
    """

    templates: ClassVar[Environment]
    done_words: ClassVar[Mapping[str, tuple[str, str]]] = MappingProxyType({"done": IT_IS_DONE})

    request: Request
    assets: Assets
    browser: str
    caller: Caller
    kept: MultiDict[str, str] | None = None
    is_over: bool = False
    braked: TooMany | None = None
    language: str = field(init=False)

    def __post_init__(self) -> None:
        """Read the language once."""
        name, value = self.preference or ("", "")
        object.__setattr__(self, "language", value if name == "language" else language_of(self.request))

    @property
    def preference(self) -> tuple[str, str] | None:
        """What the button of a form chose for all pages: the form is only shown again then, as it stands."""
        try:
            return chosen_in(self.request.form) if self.request.method == "POST" else None
        except HTTPException:  # what cannot be read chooses nothing; why it cannot is told all the same
            return None

    @property
    def is_filled_in(self) -> bool:
        """Whether a form was sent, now or before the session ended."""
        return self.request.method == "POST" or self.kept is not None

    @property
    def form(self) -> MultiDict[str, str]:
        """What stands in the form that was sent, now or before the session ended."""
        return self.request.form if self.kept is None else self.kept

    def chosen(self, name: str, offered: tuple[str, ...]) -> str:
        """What the address chooses of what is offered, the first where it chooses nothing. Raises `NotFound`."""
        value = self.request.args.get(name, offered[0])
        return value if value in offered else not_found()

    def page(self, template: str, *, status: int = 200, **facts: Any) -> Response:
        """A page from its template; everything put into it is escaped."""
        html = self.templates.get_template(f"{template}.html").render(**{**self.facts(), **facts})
        return Response(html, status=status, content_type="text/html; charset=utf-8")

    def facts(self) -> Mapping[str, Any]:
        """What every page is made with."""
        return {
            "language": self.language,
            "other_language": next(each for each in LANGUAGES if each != self.language),
            "scheme": self._scheme(),
            "path": self.request.full_path.rstrip("?") if self.request.method == "GET" else self.request.path,
            "section": f"/{self.request.path.split('/')[1]}",
            "styles": self.assets.styles,
            "icon": self.assets.icon,
            "version": VERSION,
            "t": self.say,
            "count": self.count,
            "day": self.day,
            "instant": self.instant,
            "short": short,
            "is_resumed": self.kept is not None,
            "just_done": self._done(),
            "form_on_page": None,
            "form_fields": self.form_fields,
            "form_token": self.form_token,
        }

    def _scheme(self) -> str:
        name, value = self.preference or ("", "")
        return value if name == "scheme" else scheme_of(self.request)

    def _done(self) -> str | None:
        """What is said of what one just did; nothing where anything else than a page of ours led here."""
        if self.request.method != "GET" or not is_our_own(self.request):
            return None
        said, number = self.done_words.get(self.request.args.get(DONE, "")), self.request.args.get(NUMBER, "")
        if said is None or (NUMBERED in said[0] and not REFERENCE.fullmatch(number)):
            return None
        return self.say(*said, number=number)

    def say(self, norwegian: str, english: str, **values: Any) -> str:
        """A sentence in the reader's language; `values` fill its braces and are escaped."""
        chosen = norwegian if self.language == "nb" else english
        return Markup(chosen).format(**values) if values else chosen  # noqa: S704  # our own words, values escaped

    def count(self, number: int, norwegian: tuple[str, str], english: tuple[str, str]) -> str:
        """A sentence about so many; each pair is for one, and for `{n}` of them."""
        return self.say(norwegian[number != 1], english[number != 1], n=number)

    def day(self, value: date | str | None) -> str:
        """A date as it is written in a letter, with its weekday; a dash for none."""
        if value is None:
            return NOTHING
        return long_date(date.fromisoformat(value) if isinstance(value, str) else value, self.language)

    def instant(self, value: datetime | str | None) -> Markup:
        """An instant by the clock in Oslo, with its offset; a dash for none."""
        if value is None:
            return Markup("{}").format(NOTHING)
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        words = short_instant(at, self.language)
        return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), words)

    def form_token(self) -> Markup:
        """The token of this browser, which is all that a form carries which may be sent as often as one likes."""
        return _hidden(FIELD, token_of(self.browser))

    def form_fields(self, key: UUID | None = None) -> Markup:
        """What every form carries: the token of this browser, and a key by which a second press does nothing.

        A form that is shown again keeps its `key`: whether it was done the first time may not be known.
        """
        return self.form_token() + _hidden(KEY_FIELD, key or new_id())

    @property
    def form_key(self) -> UUID:
        """The key of the form that was sent. Raises `Invalid` for a form that brings none."""
        try:
            return UUID(self.form.get(KEY_FIELD, ""))
        except ValueError:
            raise Invalid(details={"fields": {KEY_FIELD: ["missing"]}}) from None


def _hidden(name: str, value: object) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)


def short(value: UUID | str | None) -> str:
    """The end of an id, which is enough to tell it from others and to say it aloud; a dash for none."""
    return NOTHING if value is None else str(value)[-SHORT:]


def ident(text: str) -> UUID:
    """An id in an address. Raises `NotFound` for what is none: there is no such page."""
    try:
        return UUID(text)
    except ValueError:
        not_found()


def not_found() -> NoReturn:
    """There is nothing at this address."""
    raise NotFound("There is nothing at this address.")
