"""Chosen languages in the store: the latest counts, the agent's before the Slack user's."""

from __future__ import annotations

from bot.store.unit_of_work import Store
from tests.support.builders import at


def test_a_choice_is_replaced_and_ended(store: Store) -> None:
    with store.unit() as uow:
        assert uow.languages.of("bo", "UBO") is None
        uow.languages.keep("UBO", "en", now=at(9))
        uow.languages.keep("bo", "zh-Hans", now=at(9))
        uow.languages.keep("bo", "zh-Hant", now=at(10))
        uow.commit()
    with store.unit() as uow:
        assert uow.languages.of("bo", "UBO") == "zh-Hant"
        assert uow.languages.of("UBO", "bo") == "en"
        assert uow.languages.end("bo")
        assert not uow.languages.end("bo")
        assert uow.languages.of("bo", "UBO") == "en"
        uow.commit()
