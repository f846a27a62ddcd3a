"""The page over HTTP: what it shows to whom, and who may ask."""

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from bot.playground import StandInSlack
from bot.playground.page import Happened, Hint, Lever, Page, Player, PortTakenError, Scene
from tests.playground.bolt_app import alert_blocks, socket_app
from tests.playground.conftest import client_of, make_workspace

HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(2)> &amp; \u202eevil \ue0000\ue001 *b*"


class Asker:
    """Asks the page's server as the page does."""

    def __init__(self, page: Page, slack: StandInSlack) -> None:
        self.page = page
        self.slack = slack
        self.http = httpx.Client(base_url=page.url, headers={"X-Playground-Token": page.token}, timeout=60)

    def id(self, name: str) -> str:
        return self.slack.workspace.user(name).id

    def place(self, name: str) -> str:
        return self.slack.channel(name).id

    def dm(self, name: str) -> str:
        return self.slack.dm(name).id

    def seen(self, who: str, place: str | None = None, **more: str) -> dict[str, Any]:
        asked = {"as": self.id(who), **({} if place is None else {"place": place}), **more}
        answer = self.http.get("/api/seen", params=asked)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def screen(self, who: str, place: str | None = None, **more: str) -> dict[str, Any]:
        return dict(self.seen(who, place, **more)["screen"])

    def do(self, who: str, gesture: str, **more: Any) -> httpx.Response:
        return self.http.post("/api/do", json={"as": self.id(who), "do": gesture, **more})


@pytest.fixture
def slack() -> Iterator[StandInSlack]:
    with StandInSlack(make_workspace()) as running, socket_app(running):
        yield running


def words(_locale: str) -> Mapping[str, str]:
    return {"send": "Send"}


@pytest.fixture
def asker(slack: StandInSlack) -> Iterator[Asker]:
    scene = Scene(
        players=[Player(user=name, role=name, first=True) for name in ("agent-a", "agent-b", "lead")],
        words=words,
        hints=lambda user: [Hint(typed="/shift", usage="[DAY]", help=f"for {user}")],
        levers=[Lever(name="later", pull=lambda: Happened(name="later", data={"minutes": 5}))],
        start_in="harbour-alerts",
    )
    with Page(slack, scene) as page:
        yield Asker(page, slack)


# -- who may ask ----------------------------------------------------------------------------------------


def test_only_the_page_itself_may_read_and_do(asker: Asker) -> None:
    body = {"as": asker.id("lead"), "do": "say", "place": asker.place("harbour-alerts"), "text": "hello"}
    good = {"X-Playground-Token": asker.page.token}
    paths = (
        "/api/start",
        f"/api/seen?as={asker.id('lead')}",
        f"/api/hints?as={asker.id('lead')}",
        "/api/file/F1",
    )

    with httpx.Client(base_url=asker.page.url, timeout=30) as stranger:
        for path in paths:
            assert stranger.get(path).status_code == 403
            assert stranger.get(path, headers={"X-Playground-Token": "guess"}).status_code == 403
        assert stranger.post("/api/do", json=body).status_code == 403
        # Another website cannot read the token; had it one, its origin and its kind of form give it away.
        foreign = {**good, "Origin": "http://evil.example"}
        assert stranger.post("/api/do", json=body, headers=foreign).status_code == 403
        plain = {**good, "Content-Type": "text/plain"}
        assert stranger.post("/api/do", content=b"{}", headers=plain).status_code == 415
        # A name that somebody's DNS points here
        rebound = {**good, "Host": "evil.example"}
        assert stranger.get("/", headers=rebound).status_code == 403
        assert stranger.get(paths[1], headers=rebound).status_code == 403
    assert asker.slack.channel("harbour-alerts").messages == []

    own = {**good, "Origin": asker.page.url.rstrip("/")}
    assert asker.http.post("/api/do", json=body, headers=own).status_code == 200
    assert [m.text for m in asker.slack.channel("harbour-alerts").messages if not m.bot] == ["hello"]


def test_the_page_runs_nothing_that_is_not_its_own(asker: Asker) -> None:
    page = asker.http.get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"(?:src|href)=\"https?:", page.text)
    assert "{{" not in page.text
    assert asker.page.token in page.text
    for name in ("page.js", "page.css"):
        text = asker.http.get(f"/{name}").text
        assert "innerHTML" not in text
        assert "://" not in text.replace("http://www.w3.org", "")
    for unknown in ("/page.py", "/../server.py", "/static/index.html"):
        assert asker.http.get(unknown).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "no json",
        '{"do": "say"}',
        '{"as": 1, "do": "say"}',
        '{"as": "LEAD", "do": "destroy"}',
        '{"as": "LEAD", "do": "say", "place": "ALERTS"}',
        '{"as": "LEAD", "do": "say", "place": "ALERTS", "text": "  "}',
        '{"as": "LEAD", "do": "upload", "place": "ALERTS", "name": "x", "content": "?"}',
        '{"as": "LEAD", "do": "locale", "locale": "tlh"}',
    ],
)
def test_a_request_the_page_never_sends_is_refused_with_a_reason(asker: Asker, body: str) -> None:
    body = body.replace("LEAD", asker.id("lead")).replace("ALERTS", asker.place("harbour-alerts"))
    answer = asker.http.post("/api/do", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["refused"] == "malformed"
    assert answer.json()["detail"]


def test_a_port_in_use_is_said_and_a_preferred_one_is_not_needed(asker: Asker) -> None:
    taken = int(asker.page.url.rsplit(":", 1)[1].strip("/"))
    scene = Scene(players=[], words=words, hints=lambda _: [])
    with pytest.raises(PortTakenError), Page(asker.slack, scene, port=taken):
        pass
    with Page(asker.slack, scene, preferred=taken) as other:
        assert other.url != asker.page.url
        assert httpx.get(other.url, timeout=30).status_code == 200


# -- what a person sees ---------------------------------------------------------------------------------


def test_nobody_sees_what_was_said_to_another(asker: Asker) -> None:
    client = client_of(asker.slack)
    for name in ("agent-a", "agent-b"):
        client.chat_postMessage(channel=asker.id(name), text=f"private for {name}")
    alerts = asker.place("harbour-alerts")
    client.chat_postEphemeral(channel=alerts, user=asker.id("agent-a"), text="whispered to agent-a")
    asker.do("agent-a", "home")
    asker.slack.wait_for(lambda: asker.slack.user("agent-a").home)
    asker.do("agent-a", "command", place=alerts, text="/leave")
    asker.slack.wait_for(lambda: asker.slack.user("agent-a").modal)

    mine = asker.screen("agent-a", asker.dm("agent-a"))
    assert [m["text"] for m in mine["here"]["messages"]] == [["private for agent-a"]]
    assert mine["home"]["blocks"][0]["text"]["nodes"] == ["Welcome"]
    assert mine["modal"]["title"] == "Ask for leave"
    assert "whispered" in str(asker.screen("agent-a", alerts))

    theirs = asker.screen("agent-b", alerts)
    assert theirs["home"] is None
    assert theirs["modal"] is None
    assert "agent-a" not in str(theirs["here"])
    assert asker.dm("agent-a") not in str(theirs["places"])
    for place in (asker.dm("agent-a"), asker.place("secret")):
        answer = asker.http.get("/api/seen", params={"as": asker.id("agent-b"), "place": place})
        assert answer.status_code == 409
        assert asker.do("agent-b", "say", place=place, text="hello").status_code == 409


def test_nobody_acts_in_anothers_place(asker: Asker) -> None:
    client = client_of(asker.slack)
    alerts = asker.place("harbour-alerts")
    client.chat_postMessage(channel=asker.id("agent-a"), text="take it", blocks=alert_blocks())
    asker.do("agent-a", "command", place=alerts, text="/leave")
    view = asker.slack.wait_for(lambda: asker.slack.user("agent-a").modal)
    post = asker.slack.user("agent-a").dm[-1]
    on = {"place": post.channel, "ts": post.ts, "action": "acknowledge", "block": post.blocks[1]["block_id"]}

    assert asker.do("agent-b", "press", **on).status_code == 409
    assert asker.do("agent-b", "submit", view=view.id, typed={"reason_block": "for them"}).status_code == 409
    assert asker.do("agent-b", "close", view=view.id).status_code == 409
    assert view.open
    assert asker.do(asker.slack.workspace.bot.id, "home").status_code == 409
    assert asker.do("agent-a", "press", **on).json() == {}
    assert asker.slack.wait_for(lambda: "taken by agent-a" in post.text, what="the press")


def test_files_are_for_those_who_see_where_they_were_shared(asker: Asker) -> None:
    file = {"name": "plan.csv", "content": base64.b64encode(b"a,b\n").decode()}
    asker.do("agent-a", "upload", place=asker.dm("agent-a"), **file)
    shown = asker.screen("agent-a", asker.dm("agent-a"))["here"]["messages"]
    [listed] = next(m["files"] for m in shown if m["files"])
    path = f"/api/file/{listed['id']}"
    mine = asker.http.get(path, params={"as": asker.id("agent-a")})
    assert mine.content == b"a,b\n"
    assert mine.headers["Content-Disposition"].startswith("attachment")
    assert asker.http.get(path, params={"as": asker.id("agent-b")}).status_code == 409


def test_hostile_text_stays_text(asker: Asker) -> None:
    client = client_of(asker.slack)
    shown_as_text = HOSTILE.replace("<", "&lt;").replace(">", "&gt;")
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": shown_as_text}},
        {"type": "header", "text": {"type": "plain_text", "text": HOSTILE}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "<javascript:alert(1)|press me> <!everyone>"}},
    ]
    client.chat_postMessage(channel=asker.id("lead"), text="x", blocks=blocks)
    asker.do("agent-a", "say", place=asker.place("harbour-alerts"), text=HOSTILE)
    body = asker.http.get("/api/seen", params={"as": asker.id("lead"), "place": asker.dm("lead")})
    assert body.headers["Content-Type"].startswith("application/json")
    first, header, link = body.json()["screen"]["here"]["messages"][0]["blocks"]
    # Words to be put into a text node: every node is a string or one of the few kinds the page knows.
    assert "<script>alert(1)</script>" in first["text"]["nodes"][0]
    assert first["text"]["nodes"][-1] == {"t": "b", "c": ["b"]}
    assert header["text"]["nodes"][0].startswith("<script>")
    assert "\ue000" not in str(body.json())
    assert not [n for n in link["text"]["nodes"] if isinstance(n, dict) and n["t"] == "a"]
    said = asker.screen("lead", asker.place("harbour-alerts"))["here"]["messages"][0]["text"]
    assert "<img src=x onerror=alert(2)>" in said[0]


def test_mrkdwn_is_read_as_slack_shows_it(asker: Asker) -> None:
    lead, alerts = asker.id("lead"), asker.place("harbour-alerts")
    text = (
        f"*bold _both_* ~gone~ `a*b*c` <@{lead}> <#{alerts}> <https://x.example/a_b_c|more> 3*4*5\n"
        "&gt; quoted\n&gt; twice\n```\n<@"
        + lead
        + "> *raw*\n``` <!date^0^{date_num} {time}|long ago> :warning:"
    )
    client_of(asker.slack).chat_postMessage(channel=alerts, text=text)
    nodes = asker.screen("lead", alerts)["here"]["messages"][0]["text"]
    assert {"t": "b", "c": ["bold ", {"t": "i", "c": ["both"]}]} in nodes
    assert {"t": "s", "c": ["gone"]} in nodes
    assert {"t": "code", "x": "a*b*c"} in nodes
    assert {"t": "at", "c": ["@lead"], "me": True} in nodes
    assert {"t": "at", "c": ["#harbour-alerts"], "me": False} in nodes
    assert {"t": "a", "href": "https://x.example/a_b_c", "c": ["more"]} in nodes
    assert {"t": "quote", "c": ["quoted\ntwice"]} in nodes
    assert {"t": "pre", "x": "@lead *raw*"} in nodes
    assert " 3*4*5" in nodes
    assert "1970-01-01 1:00 AM" in nodes  # the lead lives in London, an hour ahead in that year
    assert nodes[-1].strip() == "⚠️"


def test_a_look_waits_for_a_change_and_sees_it(asker: Asker) -> None:
    alerts = asker.place("harbour-alerts")
    first = asker.seen("lead", alerts)
    client_of(asker.slack).chat_postMessage(channel=alerts, text="news")
    second = asker.seen("lead", alerts, since=first["mark"])
    assert second["mark"] != first["mark"]
    assert second["screen"]["here"]["messages"][-1]["text"] == ["news"]
    # Replies stand in the thread and are counted under its first message.
    post = second["screen"]["here"]["messages"][-1]
    asker.do("lead", "say", place=alerts, thread=post["ts"], text="@agent-a look, @nobody.")
    third = asker.screen("lead", alerts, thread=post["ts"])
    assert third["here"]["messages"][0]["replies"] == 1
    reply = third["thread"]["messages"][-1]["text"]
    assert reply == [{"t": "at", "c": ["@agent-a"], "me": False}, " look, @nobody."]


# -- what a person does ---------------------------------------------------------------------------------


def test_a_command_is_answered_and_a_wrong_one_explained(asker: Asker) -> None:
    alerts = asker.place("harbour-alerts")
    assert asker.do("agent-a", "command", place=alerts, text="/shift week").json() == {}
    asker.slack.wait_for(lambda: asker.slack.ephemerals("agent-a"))
    whisper = asker.screen("agent-a", alerts)["here"]["messages"][-1]
    assert whisper["whisper"] is True
    assert whisper["text"] == ["Your shifts: week"]

    asker.slack.workspace.app.commands = {"/shift"}
    unknown = asker.do("agent-a", "command", place=alerts, text="/nonsense")
    assert unknown.status_code == 409
    assert unknown.json()["refused"] == "unknown_command"
    outside = asker.do("agent-a", "command", place=asker.place("elsewhere"), text="/shift")
    assert outside.json()["refused"] == "outside"


def test_an_app_that_says_nothing_is_shown_as_slack_shows_it(asker: Asker) -> None:
    came = asker.do("agent-a", "command", place=asker.place("harbour-alerts"), text="/slow").json()
    assert came == {"problem": "command", "command": "/slow", "error": "operation_timeout"}


def test_a_form_is_filled_in_corrected_and_sent(asker: Asker) -> None:
    alerts = asker.place("harbour-alerts")
    asker.do("agent-a", "command", place=alerts, text="/leave")
    view = asker.slack.wait_for(lambda: asker.slack.user("agent-a").modal)

    assert asker.do("agent-a", "submit", view=view.id, typed={}).json() == {"missing": ["reason_block"]}
    asker.do("agent-a", "submit", view=view.id, typed={"reason_block": "no", "kind_block": "sick"})
    assert asker.screen("agent-a")["modal"]["errors"] == {"reason_block": "say a little more"}
    # Emptied again, and a field that is not there is not sent.
    typed = {"reason_block": "a wedding", "kind_block": "", "gone": "x"}
    assert asker.do("agent-a", "submit", view=view.id, typed=typed).json() == {}
    said = asker.slack.wait_for(lambda: [m.text for m in asker.slack.user("agent-a").dm if m.bot])
    assert said == ["asked: a wedding (any)"]
    assert asker.screen("agent-a")["modal"] is None
    late = asker.do("agent-a", "submit", view=view.id, typed=typed)
    assert late.json()["refused"] == "gone"


def test_language_hints_and_levers_come_from_those_who_set_the_page_up(asker: Asker) -> None:
    start = asker.http.get("/api/start").json()
    assert [p["handle"] for p in start["players"]] == ["agent-a", "agent-b", "lead"]
    assert start["start_in"] == asker.place("harbour-alerts")
    assert start["levers"] == ["later"]
    lead = asker.id("lead")
    hints = asker.http.get("/api/hints", params={"as": lead}).json()["hints"]
    assert hints == [{"typed": "/shift", "usage": "[DAY]", "help": f"for {lead}"}]
    pulled = asker.http.post("/api/pull", json={"lever": "later"}).json()
    assert pulled == {"happened": "later", "data": {"minutes": 5}}
    assert asker.http.post("/api/pull", json={"lever": "other"}).status_code == 400
    asker.do("lead", "locale", locale="zh-CN")
    assert asker.screen("lead")["me"]["locale"] == "zh-CN"
