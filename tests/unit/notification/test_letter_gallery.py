"""All letters and pages in one page, so that a person can read them as they are."""

from __future__ import annotations

import re
from html import unescape

import pytest

from deploy.letter_gallery import gallery
from services.gateway.pages import PAGES
from services.notification.letters.kinds import KINDS
from services.notification.letters.rendering import TO_STAFF
from shared.terms.texts import LANGUAGES

pytestmark = pytest.mark.unit


def test_every_letter_and_page_is_there_in_both_languages_and_nothing_is_loaded() -> None:
    page = gallery()
    for code in (*(kind.code for kind in KINDS), *TO_STAFF):
        for language in LANGUAGES:
            assert f'id="{code}-{language}"' in page
    html = [each.path for each in PAGES if not each.path.endswith((".json", ".pem")) and each.path != "/v1/terms"]
    assert [path for path in html if path not in unescape(page)] == []
    assert not re.findall(r"<h3>[^<]*: 500", page), "a page that nobody could make"
    assert not re.search(r"<(?:script|link|img)\b| src=", page)
