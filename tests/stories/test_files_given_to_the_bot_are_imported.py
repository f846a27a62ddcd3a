"""P1 from Slack: a CSV file in a direct message is imported as the command line does."""

from __future__ import annotations

from pathlib import Path

from bot.core.ids import QueueId
from bot.playground import Fault, FaultKind
from bot.slack.manifest import SCOPES
from tests.stories.planning import planning
from tests.stories.service import Service

VOLUMES = "queue,start,contacts\nphone,2026-11-16T09:00+08:00,7\nphone,2026-11-16T09:30+08:00,9\n"


def give(service: Service, user: str, name: str, text: str) -> str:
    """What the bot writes to a person who gives it a file."""
    before = len(service.direct(user))
    service.slack.user(user).upload(None, name, text.encode())
    [answer] = service.wait(lambda: service.direct(user)[before:], "an answer to the file")
    return service.slack.render(answer, user)


def test_rows_are_taken_and_refused_by_line_and_the_same_again_changes_nothing(tmp_path: Path) -> None:
    with planning(tmp_path, prepared=False) as service:
        text = give(service, "ada", "nov.csv", VOLUMES + "fax,2026-11-16T09:00+08:00,1\nphone,soon,2\n")
        assert "Imported nov.csv (volumes)" in text
        assert "4 rows read; 2 new, 0 changed, 0 unchanged, 2 refused" in text
        assert "line 4:" in text
        assert "line 5: start is soon" in text
        with service.store.read() as uow:
            assert uow.volumes.last_end(QueueId("phone")) is not None
            [noted] = [e for e in uow.audit.entries() if e.action == "file.imported"]
        assert (noted.actor, noted.subject) == (service.slack.user("ada").user.id, "file:volumes")
        assert "nov.csv" not in str(noted)
        again = give(service, "chen", "nov.csv", VOLUMES)
        assert "新增 0" in again
        assert "再次发送同一文件不会有变化" in again
        tested = give(service, "ada", "tests.csv", "agent,skill,level\nbo,refunds,0.8\nno,refunds,1\n")
        assert "Imported tests.csv (skills)" in tested
        assert "line 3" in tested
        assert "/muster training" in tested
        leave = give(service, "ada", "holidays.csv", "agent,start,end,kind\nbo,2026-11-30,2026-12-01,leave\n")
        assert "(leave)" in leave
        assert "1 new" in leave


def test_a_missing_column_and_an_unknown_file_say_what_would_be_right(tmp_path: Path) -> None:
    with planning(tmp_path, prepared=False) as service:
        text = give(service, "ada", "contacts-nov.csv", "contact,queue,created\nC1,phone,2026-11-16T09:00\n")
        assert "Line 1: no column arrived" in text
        assert "Found: contact, queue, created" in text
        assert "--map" not in text
        assert "those of no file Muster reads" in give(service, "ada", "misc.csv", "a,b\n1,2\n")
        assert "is empty" in give(service, "ada", "empty.csv", "  \n")
        assert "workbook" in give(service, "ada", "contacts.xlsx", "PK\x03\x04")


def test_only_planners_import_and_only_admins_give_roles(tmp_path: Path) -> None:
    with planning(tmp_path, prepared=False) as service:
        assert "Only planners may do that" in give(service, "bo", "nov.csv", VOLUMES)
        roles = (
            "agent,name,email,team,skills,contract,zone,role\n"
            "bo,Bo,bo@harbour.example,harbour,phone,full-time,Asia/Shanghai,admin\n"
        )
        assert "only admins import it" in give(service, "ada", "agents.csv", roles)
        with service.store.read() as uow:
            assert uow.volumes.last_end(QueueId("phone")) is None
            assert [p.role.value for p in uow.people.all() if p.agent == "bo"] == ["agent"]
            assert "refused" in [e.action for e in uow.audit.entries()]


def test_a_file_in_a_channel_is_nobodys_request(tmp_path: Path) -> None:
    with planning(tmp_path, prepared=False) as service:
        service.slack.user("ada").upload("harbour-alerts", "nov.csv", VOLUMES.encode())
        # Told later, answered first: the one in the channel is not waited for by anybody.
        assert "2 new" in give(service, "ada", "volumes.csv", VOLUMES)
        assert len(service.direct("ada")) == 1
        assert service.posts() == []


def test_an_answer_that_slack_puts_off_comes_all_the_same(tmp_path: Path) -> None:
    with planning(tmp_path, prepared=False) as service:
        service.slack.faults.add("chat.postMessage", Fault(kind=FaultKind.RATE_LIMITED, retry_after=1))
        assert "2 new" in give(service, "ada", "volumes.csv", VOLUMES)
        service.slack.workspace.refusals.clear()


def test_without_the_scope_nothing_is_read_and_that_is_said(tmp_path: Path) -> None:
    with planning(tmp_path, prepared=False, scopes=frozenset(SCOPES) - {"files:read"}) as service:
        assert "has not granted Muster files:read" in give(service, "ada", "nov.csv", VOLUMES)
        service.slack.workspace.refusals.clear()
