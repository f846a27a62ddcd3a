"""CR13: a ticket of a helpdesk, told by its signed webhook, is watched like any contact."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.connectors.registry import secret_variable
from bot.core.ids import ContactRef
from tests.stories.service import Service, Setting, running
from tests.support.builders import at, settings
from tests.support.webhooks import SECRET, SETTINGS, sample, signed


@pytest.fixture
def service(tmp_path: Path):
    # At ten, when the sample ticket was created.
    setting = Setting(
        start=at(10),
        settings=replace(settings(), connectors=SETTINGS),
        environ={secret_variable("zendesk"): SECRET},
        shifts=[("bo", at(9), at(18)), ("lin", at(9), at(18))],
    )
    with running(tmp_path, setting) as running_service:
        yield running_service


def deliver(service: Service, name: str, *, secret: str = SECRET) -> Any:
    body = json.dumps(sample(name)).encode()
    headers = signed("zendesk", body, service.clock(), secret)
    return httpx.post(f"{service.url}/v1/connectors/zendesk", content=body, headers=headers, timeout=10)


def breaches(service: Service) -> list[Any]:
    return [m for m in service.posts() if "zendesk:1001" in m.text]


def test_a_ticket_that_nobody_answers_reaches_the_alert_channel(service: Service) -> None:
    assert deliver(service, "zendesk_created", secret="guessed").status_code == 401
    assert deliver(service, "zendesk_created").json()["accepted"] == 1
    service.forward_to(at(10, 11))
    (post,) = service.wait(lambda: breaches(service), "the breach of the ticket")
    assert "first response was due 10:10" in post.text
    for private in ("Zhang", "refund", "1381"):
        assert private not in post.text

    # The vendor is not sure and delivers again, then tells of the answer; the alert is over.
    assert deliver(service, "zendesk_created").json()["repeated"] == 1
    service.forward_to(at(10, 13))
    assert deliver(service, "zendesk_comment_by_agent").json()["accepted"] == 1
    service.wait(lambda: post.text.startswith("Over"), "the end of the alert")
    service.settle()
    assert len(breaches(service)) == 1
    with service.store.read() as uow:
        contact = uow.contacts.get(ContactRef("zendesk:1001"))
    assert contact is not None
    assert contact.agent == "bo"


def test_an_answer_that_arrives_before_its_ticket_counts(service: Service) -> None:
    service.forward_to(at(10, 13))
    assert deliver(service, "zendesk_comment_by_agent").json()["accepted"] == 1
    assert deliver(service, "zendesk_created").json()["accepted"] == 1
    service.settle()
    with service.store.read() as uow:
        contact = uow.contacts.get(ContactRef("zendesk:1001"))
    assert contact is not None
    assert contact.responded_at is not None
    assert contact.responded_at.replace(microsecond=0) == at(10, 12)
