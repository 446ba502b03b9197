"""What a data pack says in codes is said in words, as the letter says it."""

from __future__ import annotations

import pytest

from services.cases.data_packs.calls import DataPackShown, NoticeInPack
from services.gateway.public_schemas import data_pack
from shared import breach_words
from tests.examples import example

pytestmark = [pytest.mark.unit, pytest.mark.clause("BREACH-1")]


def pack(**codes) -> DataPackShown:
    known = {name: [next(iter(words))] for name, words in breach_words.OF_NOTICE.items()}
    notice = example(NoticeInPack, **known | {"late_reason": None} | codes)
    return DataPackShown.from_json(example(DataPackShown, notices=[notice]))


def test_each_code_has_the_words_of_the_letter_in_both_languages() -> None:
    (notice,) = data_pack(pack(late_reason="facts_not_known")).notices
    for name, words in breach_words.OF_NOTICE.items():
        (said,) = getattr(notice, name)
        assert (said.nb, said.en) == words[said.code]
    assert notice.late_reason is not None
    assert notice.late_reason.nb == breach_words.LATE["facts_not_known"][0]


def test_a_code_that_has_no_words_any_more_is_shown_as_it_is_and_nothing_else_is_kept_back() -> None:
    (notice,) = data_pack(pack(natures=["of_yesterday"])).notices
    assert [(each.code, each.nb, each.en) for each in notice.natures] == [("of_yesterday",) * 3]
    assert notice.measures
