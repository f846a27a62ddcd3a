"""A team at work: a store, a clock, a Slack that keeps what it was sent."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.store.unit_of_work import Store
from tests.bot.usecases.harbour import Harbour


@pytest.fixture
def harbour(store: Store) -> Harbour:
    """On both databases."""
    return Harbour(store)


@pytest.fixture
def quick_harbour(sqlite_store: Store) -> Harbour:
    """On SQLite only."""
    return Harbour(sqlite_store)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """No log lines, and no time spent on printing tracebacks of faults the tests make on purpose."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()
