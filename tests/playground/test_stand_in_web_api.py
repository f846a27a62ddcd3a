"""The Web API through Slack's own client: what it answers, and what it refuses."""

import urllib.request
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground import AppSettings, StandInSlack
from tests.playground.conftest import client_of, make_workspace


def error_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    return str(refused.value.response["error"])


def uid(slack: StandInSlack, name: str) -> str:
    return slack.workspace.user(name).id


def cid(slack: StandInSlack, name: str) -> str:
    return slack.workspace.channel(name).id


def test_who_am_i_and_who_may_not_ask(slack: StandInSlack, client: WebClient) -> None:
    me = client.auth_test()
    assert (me["user"], me["team"], me["bot_id"]) == ("muster", "Harbour", slack.workspace.bot_id)
    assert "chat:write" in me.headers["X-OAuth-Scopes"]
    assert error_of(client_of(slack, "xoxb-wrong").auth_test) == "invalid_auth"
    assert error_of(client_of(slack, slack.app_token).auth_test) == "not_allowed_token_type"
    assert error_of(WebClient(base_url=slack.api_url, retry_handlers=[]).auth_test) == "not_authed"
    assert error_of(client.apps_connections_open, app_token=slack.bot_token) == "not_allowed_token_type"
    assert error_of(client.api_call, api_method="chat.shout") == "unknown_method"
    slack.workspace.revoke_tokens()
    assert error_of(client.auth_test) == "token_revoked"


def test_every_method_wants_its_scope(slack: StandInSlack) -> None:
    slack.workspace.app.scopes = {"channels:read"}
    client = client_of(slack)
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="#harbour-alerts", text="x")
    assert refused.value.response["error"] == "missing_scope"
    assert refused.value.response["needed"] == "chat:write"
    assert refused.value.response["provided"] == "channels:read"
    user, alerts = uid(slack, "lead"), cid(slack, "harbour-alerts")
    needed = {
        "users:read": lambda: client.users_info(user=user),
        "users:read.email": lambda: client.users_lookupByEmail(email="lead@example.org"),
        "im:write": lambda: client.conversations_open(users=user),
        "channels:history": lambda: client.conversations_history(channel=alerts),
        "channels:manage": lambda: client.conversations_setTopic(channel=alerts, topic="x"),
        "channels:join": lambda: client.conversations_join(channel=alerts),
        "files:write": lambda: client.files_getUploadURLExternal(filename="a", length=1),
        "groups:read": lambda: client.conversations_list(types="private_channel"),
        "reactions:write": lambda: client.reactions_add(channel=alerts, timestamp="1", name="eyes"),
        "pins:write": lambda: client.pins_add(channel=alerts, timestamp="1"),
        "usergroups:read": lambda: client.usergroups_list(),
    }
    for scope, call in needed.items():
        with pytest.raises(SlackApiError) as refused:
            call()
        assert refused.value.response["needed"] == scope
    assert client.conversations_info(channel=alerts)["channel"]["name"] == "harbour-alerts"


def test_where_one_may_post(slack: StandInSlack, client: WebClient) -> None:
    slack.workspace.app.scopes.discard("chat:write.public")
    slack.workspace.deactivate("agent-b")
    post = client.chat_postMessage
    assert error_of(post, channel="#nowhere", text="x") == "channel_not_found"
    assert error_of(post, channel="C404", text="x") == "channel_not_found"
    assert error_of(post, channel=cid(slack, "secret"), text="x") == "channel_not_found"
    assert error_of(post, channel=cid(slack, "elsewhere"), text="x") == "not_in_channel"
    assert error_of(post, channel=cid(slack, "old"), text="x") == "is_archived"
    assert error_of(post, channel=uid(slack, "agent-b"), text="x") == "channel_not_found"
    assert error_of(post, channel="#harbour-alerts") == "no_text"
    assert error_of(post, channel="#harbour-alerts", text="x", thread_ts="1.000000") == "thread_not_found"
    assert error_of(client.conversations_open, users=uid(slack, "agent-b")) == "user_disabled"
    assert error_of(client.conversations_open, users="U404") == "user_not_found"
    slack.workspace.remove_bot("harbour-alerts")
    assert error_of(post, channel="#harbour-alerts", text="x") == "not_in_channel"
    client.conversations_join(channel=cid(slack, "harbour-alerts"))
    post(channel="#harbour-alerts", text="back")
    post(channel=uid(slack, "agent-a"), text="to you")
    assert [m.text for m in slack.dm("agent-a").messages] == ["to you"]


def test_editing_and_deleting(slack: StandInSlack, client: WebClient) -> None:
    alerts = cid(slack, "harbour-alerts")
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "first"}}
    posted = client.chat_postMessage(channel=alerts, text="first", blocks=[block])
    client.chat_update(channel=alerts, ts=posted["ts"], text="second")
    (message,) = slack.channel("harbour-alerts").messages
    assert message.text == "second"
    assert message.blocks[0]["text"]["text"] == "first"  # not sent, therefore kept
    assert message.versions[0][0] == "first"
    client.chat_update(channel=alerts, ts=posted["ts"], text="third", blocks=[])
    assert message.blocks == []
    theirs = slack.user("lead").say("harbour-alerts", "mine").started
    assert error_of(client.chat_update, channel=alerts, ts=theirs, text="x") == "cant_update_message"
    assert error_of(client.chat_delete, channel=alerts, ts=theirs) == "cant_delete_message"
    assert error_of(client.chat_update, channel=alerts, ts="1.000000", text="x") == "message_not_found"
    link = client.chat_getPermalink(channel=alerts, message_ts=posted["ts"])["permalink"]
    assert posted["ts"].replace(".", "") in link
    client.chat_delete(channel=alerts, ts=posted["ts"])
    assert [m.text for m in slack.channel("harbour-alerts").messages] == ["mine"]
    assert error_of(client.chat_update, channel=alerts, ts=posted["ts"], text="x") == "message_not_found"


def test_an_ephemeral_message_needs_a_member(slack: StandInSlack, client: WebClient) -> None:
    standup = cid(slack, "harbour-standup")
    whisper = client.chat_postEphemeral
    assert error_of(whisper, channel=standup, user=uid(slack, "agent-a"), text="x") == "user_not_in_channel"
    ts = whisper(channel=standup, user=uid(slack, "lead"), text="for you")["message_ts"]
    assert [m.text for m in slack.ephemerals("lead")] == ["for you"]
    assert slack.channel("harbour-standup").messages == []
    assert error_of(client.chat_update, channel=standup, ts=ts, text="x") == "message_not_found"


def test_history_shows_metadata_only_when_asked(slack: StandInSlack, client: WebClient) -> None:
    alerts = cid(slack, "harbour-alerts")
    metadata = {"event_type": "muster_outbox", "event_payload": {"key": "a1"}}
    first = client.chat_postMessage(channel=alerts, text="one", metadata=metadata)
    client.chat_postMessage(channel=alerts, text="reply", thread_ts=first["ts"])
    client.chat_postMessage(channel=alerts, text="two")
    shown = client.conversations_history(channel=alerts, include_all_metadata=True)["messages"]
    assert [m["text"] for m in shown] == ["two", "one"]
    assert shown[1]["metadata"] == metadata
    assert shown[1]["reply_count"] == 1
    assert "metadata" not in client.conversations_history(channel=alerts)["messages"][1]
    thread = client.conversations_replies(channel=alerts, ts=first["ts"])["messages"]
    assert [m["text"] for m in thread] == ["one", "reply"]
    later = client.conversations_history(channel=alerts, oldest=first["ts"])["messages"]
    assert [m["text"] for m in later] == ["two"]
    page = client.conversations_history(channel=alerts, limit=1)
    assert page["has_more"]
    following = client.conversations_history(
        channel=alerts, limit=1, cursor=page["response_metadata"]["next_cursor"]
    )
    assert [m["text"] for m in following["messages"]] == ["one"]
    assert error_of(client.chat_postMessage, channel=alerts, text="x", metadata={"event_type": 1}) == (
        "invalid_metadata_format"
    )


def test_people_page_by_page_and_by_address(slack: StandInSlack, client: WebClient) -> None:
    names: list[str] = []
    for page in client.users_list(limit=2):
        assert len(page["members"]) <= 2
        names += [member["name"] for member in page["members"]]
    assert names == ["muster", "agent-a", "agent-b", "lead"]
    assert client.users_lookupByEmail(email="Agent-A@example.org")["user"]["name"] == "agent-a"
    assert error_of(client.users_lookupByEmail, email="nobody@example.org") == "users_not_found"
    shown = client.users_info(user=uid(slack, "agent-b"), include_locale=True)["user"]
    assert (shown["locale"], shown["tz"], shown["tz_offset"]) == ("zh-CN", "Asia/Shanghai", 28800)
    slack.workspace.add_user("nameless", email="")
    assert "email" not in client.users_info(user=uid(slack, "nameless"))["user"]["profile"]
    slack.workspace.deactivate("agent-a")
    assert error_of(client.users_lookupByEmail, email="agent-a@example.org") == "users_not_found"
    assert client.users_info(user=uid(slack, "agent-a"))["user"]["deleted"]
    slack.workspace.app.scopes.discard("users:read.email")
    assert "email" not in client.users_info(user=uid(slack, "lead"))["user"]["profile"]


def test_channels_members_topics(slack: StandInSlack, client: WebClient) -> None:
    listed = client.conversations_list(types="public_channel,private_channel", exclude_archived=True)
    names = {channel["name"]: channel["is_member"] for channel in listed["channels"]}
    assert names == {"harbour-alerts": True, "harbour-standup": True, "elsewhere": False}
    mine = client.users_conversations(user=uid(slack, "agent-a"))["channels"]
    assert [channel["name"] for channel in mine] == ["harbour-alerts"]
    members = client.conversations_members(channel=cid(slack, "harbour-standup"))["members"]
    assert members == [slack.workspace.bot.id, uid(slack, "lead")]
    client.conversations_setTopic(channel=cid(slack, "harbour-alerts"), topic="on shift: Ada")
    assert slack.channel("harbour-alerts").topic == "on shift: Ada"
    too_long = error_of(client.conversations_setTopic, channel=cid(slack, "harbour-alerts"), topic="x" * 251)
    assert too_long == "too_long"


def test_reactions_pins_and_user_groups(slack: StandInSlack, client: WebClient) -> None:
    alerts = cid(slack, "harbour-alerts")
    ts = client.chat_postMessage(channel=alerts, text="x")["ts"]
    client.reactions_add(channel=alerts, timestamp=ts, name="eyes")
    assert error_of(client.reactions_add, channel=alerts, timestamp=ts, name="eyes") == "already_reacted"
    client.pins_add(channel=alerts, timestamp=ts)
    assert client.pins_list(channel=alerts)["items"][0]["message"]["ts"] == ts
    group = slack.workspace.add_usergroup("on-shift", members=["lead"])
    client.usergroups_users_update(usergroup=group.id, users=[uid(slack, "agent-a")])
    shown = client.usergroups_list(include_users=True)["usergroups"][0]
    assert shown["users"] == [uid(slack, "agent-a")]
    assert error_of(client.usergroups_users_update, usergroup=group.id, users=["U404"]) == "invalid_users"


def test_user_groups_are_switched_off_and_admit_members_only(slack: StandInSlack, client: WebClient) -> None:
    group = slack.workspace.add_usergroup("on-shift", members=["lead"])
    update = client.usergroups_users_update
    assert error_of(update, usergroup="S404", users=[uid(slack, "lead")]) == "no_such_subteam"
    assert error_of(update, usergroup=group.id, users="") == "no_users_provided"
    for number, (kind, error) in enumerate(
        {
            "guest": "invalid_user",
            "single_channel": "single_channel_guests_cannot_be_added",
            "stranger": "failed_for_some_users",
            "bot": "invalid_user",
        }.items()
    ):
        visitor = slack.workspace.add_user(f"visitor-{number}", **{kind: True})
        assert error_of(update, usergroup=group.id, users=[uid(slack, "lead"), visitor.id]) == error
    assert client.usergroups_disable(usergroup=group.id)["usergroup"]["date_delete"]
    assert client.usergroups_list()["usergroups"] == []
    assert len(client.usergroups_list(include_disabled=True)["usergroups"]) == 1
    assert client.usergroups_enable(usergroup=group.id)["usergroup"]["date_delete"] == 0
    slack.workspace.everybody_changes_usergroups = False
    assert error_of(client.usergroups_disable, usergroup=group.id) == "permission_denied"
    slack.workspace.paid = False
    assert error_of(client.usergroups_enable, usergroup=group.id) == "plan_upgrade_required"
    slack.workspace.app.scopes.discard("usergroups:write")
    assert error_of(client.usergroups_disable, usergroup=group.id) == "missing_scope"


def test_topics_need_one_scope_by_kind_of_channel(slack: StandInSlack, client: WebClient) -> None:
    private = slack.workspace.add_channel("den", private=True)
    for kept in ({"channels:write.topic", "groups:write.topic"}, {"channels:manage", "groups:write"}):
        slack.workspace.app.scopes = kept
        for channel in (cid(slack, "harbour-alerts"), private.id):
            client.conversations_setTopic(channel=channel, topic="x & y")
    slack.workspace.app.scopes = {"channels:write.topic", "channels:read", "im:write"}
    assert error_of(client.conversations_setTopic, channel=private.id, topic="y") == "missing_scope"
    shown = client.conversations_info(channel=cid(slack, "harbour-alerts"))["channel"]
    assert shown["topic"]["value"] == "x &amp; y"
    direct = slack.workspace.dm(uid(slack, "lead")).id
    error = error_of(client.conversations_setTopic, channel=direct, topic="y")
    assert error == "method_not_supported_for_channel_type"


def test_a_picture_goes_up_is_shared_and_comes_down(slack: StandInSlack, client: WebClient) -> None:
    alerts = cid(slack, "harbour-alerts")
    content = b"\x89PNG" + bytes(1000)
    answer = client.files_upload_v2(
        channel=alerts, filename="cover.png", content=content, title="Cover", initial_comment="today"
    )
    (message,) = slack.channel("harbour-alerts").messages
    assert message.text == "today"
    assert [c.kind for c in slack.workspace.complaints] == ["missing_alt_text"]
    client.files_upload_v2(channel=alerts, filename="b.png", content=content, alt_txt="cover by hour")
    assert len(slack.workspace.complaints) == 1
    url = client.files_info(file=answer["file"]["id"])["file"]["url_private_download"]
    assert fetch(url, slack.bot_token) == content
    assert b"Sign in" in fetch(url, "xoxb-wrong")


def test_an_upload_of_another_length_is_refused(slack: StandInSlack, client: WebClient) -> None:
    step = client.files_getUploadURLExternal(filename="a.csv", length=5)
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(step["upload_url"], data=b"four")
    files = [{"id": step["file_id"], "title": "a"}]
    assert error_of(client.files_completeUploadExternal, files=files) == "file_not_found"
    urllib.request.urlopen(step["upload_url"], data=b"12345")
    assert client.files_completeUploadExternal(files=files)["files"][0]["size"] == 5


def test_a_file_somebody_uploads_reaches_the_app(slack: StandInSlack, client: WebClient) -> None:
    slack.user("lead").upload(None, "volumes.csv", b"start,contacts\n", "please import")
    (message,) = slack.dm("lead").messages
    shown = client.files_info(file=message.files[0])["file"]
    assert fetch(shown["url_private_download"], slack.bot_token) == b"start,contacts\n"


def test_a_trigger_opens_one_modal_within_three_seconds() -> None:
    at = [1_000_000.0]
    with StandInSlack(make_workspace(now=lambda: at[0])) as slack:
        client, person = client_of(slack), uid(slack, "lead")
        view = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": []}
        trigger = slack.workspace.new_trigger(person)
        at[0] += 3.0
        client.views_open(trigger_id=trigger, view=view)
        assert error_of(client.views_open, trigger_id=trigger, view=view) == "exchanged_trigger_id"
        trigger = slack.workspace.new_trigger(person)
        at[0] += 3.01
        assert error_of(client.views_open, trigger_id=trigger, view=view) == "expired_trigger_id"
        assert error_of(client.views_open, trigger_id="1.2.3", view=view) == "invalid_trigger_id"


def test_views_are_updated_by_hash_and_stacked_three_high(slack: StandInSlack, client: WebClient) -> None:
    person = uid(slack, "lead")
    view = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": []}
    first = client.views_open(trigger_id=slack.workspace.new_trigger(person), view=view)["view"]
    changed = view | {"callback_id": "new"}
    client.views_update(view_id=first["id"], hash=first["hash"], view=changed)
    stale = error_of(client.views_update, view_id=first["id"], hash=first["hash"], view=changed)
    assert stale == "hash_conflict"
    assert error_of(client.views_update, view_id="V404", view=view) == "not_found"
    second = client.views_push(trigger_id=slack.workspace.new_trigger(person, first["id"]), view=view)["view"]
    assert second["previous_view_id"] == second["root_view_id"] == first["id"]
    third = client.views_push(trigger_id=slack.workspace.new_trigger(person, second["id"]), view=view)["view"]
    top = slack.workspace.new_trigger(person, third["id"])
    assert error_of(client.views_push, trigger_id=top, view=view) == "push_limit_reached"
    assert slack.user("lead").modal.id == third["id"]


def test_broken_bodies_are_answers_too(slack: StandInSlack) -> None:
    def post(body: bytes) -> bytes:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {slack.bot_token}"}
        request = urllib.request.Request(f"{slack.api_url}chat.postMessage", data=body, headers=headers)
        with urllib.request.urlopen(request) as answer:
            return bytes(answer.read())

    assert b'"invalid_json"' in post(b"{")
    assert b'"json_not_object"' in post(b"[]")
    assert b'"channel_not_found"' in post(b"{}")


def test_the_app_may_be_furnished_before_the_start() -> None:
    app = AppSettings(id="A7", scopes={"chat:write"}, commands={"/shift"})
    with StandInSlack(make_workspace(app=app)) as slack:
        assert client_of(slack).auth_test()["app_id"] == "A7"
        assert slack.environment()["SLACK_API_URL"] == slack.api_url


def fetch(url: str, token: str) -> bytes:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as answer:
        return bytes(answer.read())
