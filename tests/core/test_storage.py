"""The values that go into a store and come out. What stores do with them, ``tests/contracts`` keeps."""

from __future__ import annotations

import msgspec
from hypothesis import given

from penstock.core.storage import ConversationPage
from support.legal_logs import structs_of


@given(structs_of(ConversationPage))
def test_a_page_says_in_so_many_words_that_it_is_the_last(page: ConversationPage):
    assert "next_cursor" in msgspec.to_builtins(page)
