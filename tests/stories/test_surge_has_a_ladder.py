"""More contacts than planned: what helps today, each lever with its effect, and what cannot be reckoned."""

from __future__ import annotations

from pathlib import Path

from tests.stories.service import Setting, running
from tests.support.builders import at
from tests.support.forecasts import forecast, save

SHIFTS = [("lin", at(8), at(20)), ("bo", at(10), at(21))]


def test_levers_are_ranked_with_their_effect_and_what_cannot_be_is_said(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10, 2), shifts=SHIFTS)) as service:

        def said(words: str, who: str = "lin") -> str:
            answer = service.slack.user(who).command("/muster", words).answer()
            return service.slack.render(answer, who)

        assert "no forecast of today" in said("surge chat")
        save(service.store, forecast(12.0))
        ladder = said("surge chat")
        assert "chat until 22:00" in ladder
        first = ladder.index("1. ")
        assert ladder.index("Temporary staff", first) > 0
        assert "Divert to self-service" in ladder
        assert "For customers:" in ladder
        assert "which system diverts contacts; nothing was changed" in said("divert chat on")
        assert "No queue was diverted yet." in said("divert")
        assert "Nobody waits on the line at email" in said("surge email")
        assert "Say which queue, of: phone, chat" in said("surge")
        assert "needs the role lead" in said("surge chat", "bo")
