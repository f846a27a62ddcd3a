"""A rehearsal works like the store itself, and leaves nothing behind."""

from __future__ import annotations

import pytest

from bot.store.unit_of_work import Store
from tests.support.builders import at


def test_commits_hold_inside_and_vanish_after(store: Store) -> None:
    with store.rehearsal() as stage:
        with stage.unit() as uow:
            assert uow.job_slots.take("digest", "2026-11-24", at(9))
            uow.commit()
        with stage.unit() as uow:
            assert not uow.job_slots.take("digest", "2026-11-24", at(9))
        with stage.unit() as uow:
            assert uow.job_slots.take("digest", "2026-11-25", at(9))
            # Left without a commit: undone, as ever.
        with stage.unit() as uow:
            assert uow.job_slots.take("digest", "2026-11-25", at(9))
            uow.commit()
    with store.unit() as uow:
        assert uow.job_slots.take("digest", "2026-11-24", at(9))


def test_an_error_inside_leaves_nothing_either(store: Store) -> None:
    def fails(stage: Store) -> None:
        with stage.unit() as uow:
            uow.job_slots.take("digest", "2026-11-24", at(9))
            uow.commit()
        raise RuntimeError

    with pytest.raises(RuntimeError), store.rehearsal() as stage:
        fails(stage)
    with store.unit() as uow:
        assert uow.job_slots.take("digest", "2026-11-24", at(9))
