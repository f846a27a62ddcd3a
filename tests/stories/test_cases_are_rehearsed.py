"""K7: a case typed in by hand is watched like any other; with `--speed 60` ten minutes are ten seconds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.context import CliContext
from bot.cli.main import cli
from bot.store.engine import make_engine
from bot.store.schema import upgrade
from tests.stories.service import Service, Setting, running
from tests.support.builders import at

ROOT = Path(__file__).parents[2]
SHIFTS = [("lin", at(9), at(18)), ("bo", at(9), at(18))]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    with running(tmp_path, Setting(start=at(10), shifts=SHIFTS, database_url=url)) as started:
        yield started


def muster(service: Service, folder: Path, *words: str, lang: str = "en", code: int = 0) -> str:
    """What the command prints, typed beside the service that runs."""
    shutil.copy(ROOT / "app.yaml", folder / "app.yaml")
    context = CliContext(
        config=folder / "app.yaml",
        lang=lang,
        environ={"MUSTER_DATABASE_URL": service.store.engine.url.render_as_string(hide_password=False)},
        clock=service.clock,
    )
    try:
        done = CliRunner().invoke(cli, ["--lang", lang, *words], obj=context)
    finally:
        context.close()
    assert done.exit_code == code, done.output
    return done.output


def warnings(service: Service) -> list[str]:
    """What the lead on shift was told."""
    return [m.text for m in service.direct("lin") if m.text.startswith("Warning")]


def breaches(service: Service) -> list[str]:
    return [m.text for m in service.posts() if m.text.startswith("Breach")]


def test_a_case_added_now_warns_the_lead_on_shift_after_its_minutes(service: Service, tmp_path: Path) -> None:
    said = muster(service, tmp_path, "case", "add", "--channel", "chat", "--priority", "high", "--at", "now")
    assert "GD20261124001: chat, priority high, received 10:00." in said
    assert "first response due 10:10" in said
    service.settle()
    assert breaches(service) == []
    service.forward_to(at(10, 8, 5))
    (warned,) = service.wait(lambda: warnings(service), "the warning to whoever leads")
    assert "GD20261124001" in warned
    service.forward_to(at(10, 10, 5))
    (breach,) = service.wait(lambda: breaches(service), "the breach")
    assert "GD20261124001" in breach


def test_with_speed_its_ten_minutes_are_over_in_ten_seconds(service: Service, tmp_path: Path) -> None:
    # Seconds pass by themselves as well; the clock is only ever turned past what is awaited.
    added = muster(
        service, tmp_path, "case", "add", "--channel", "chat", "--priority", "high", "--speed", "60"
    )
    assert "A rehearsal: received 9 min 50 sec ago, so that its first due time comes in 10 sec." in added
    (warned,) = service.wait(lambda: warnings(service), "the lead on shift is warned")
    assert "GD20261124001" in warned
    service.forward_to(service.clock() + timedelta(seconds=11))
    (breach,) = service.wait(lambda: breaches(service), "the breach")
    assert "GD20261124001" in breach
    chinese = muster(service, tmp_path, "case", "add", "--channel", "chat", "--priority", "high",
                     "--speed", "60", lang="zh")  # fmt: skip
    assert "演练：按 9分钟50秒前收到计，首个到期时间在 10秒后。" in chinese


def test_a_speed_that_is_none_opens_no_case(service: Service, tmp_path: Path) -> None:
    for wrong in ("0", "fast"):
        refused = muster(service, tmp_path, "case", "add", "--channel", "chat", "--speed", wrong, code=2)
        assert "--speed" in refused
    assert "GD20261124001" in muster(service, tmp_path, "case", "add", "--channel", "chat")
