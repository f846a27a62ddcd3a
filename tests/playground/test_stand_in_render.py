"""What a person reads: blocks as plain text, in their own language and zone."""

from bot.playground import StandInSlack
from tests.playground.bolt_app import MODAL
from tests.playground.conftest import client_of, make_workspace

BLOCKS = [
    {"type": "header", "text": {"type": "plain_text", "text": "Overdue"}},
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "*Case 17* of _billing_ &amp; <https://x.example|more>"},
        "fields": [{"type": "mrkdwn", "text": "*Due*\n10:00"}],
        "accessory": {"type": "image", "image_url": "u", "alt_text": "a clock"},
    },
    {"type": "divider"},
    {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": "by <@WHO>"}, {"type": "mrkdwn", "text": "now"}],
    },
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Acknowledge"}},
            {
                "type": "static_select",
                "action_id": "s",
                "placeholder": {"type": "plain_text", "text": "Snooze"},
                "options": [{"text": {"type": "plain_text", "text": "5 min"}, "value": "5"}],
            },
        ],
    },
]


def test_blocks_are_read_from_top_to_bottom(slack: StandInSlack) -> None:
    lead = slack.workspace.user("lead").id
    blocks = [dict(block) for block in BLOCKS]
    blocks[3] = {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": f"by <@{lead}>"}, *BLOCKS[3]["elements"][1:]],
    }
    client_of(slack).chat_postMessage(channel="#harbour-alerts", text="Overdue: case 17", blocks=blocks)
    (message,) = slack.channel("harbour-alerts").messages
    assert slack.render(message).splitlines() == [
        "# Overdue",
        "Case 17 of billing & more",
        "  Due: 10:00",
        "(picture: a clock)",
        "-" * 24,
        "  by @lead · now",
        "[Acknowledge] [Snooze v]",
    ]


def test_dates_follow_the_reader(slack: StandInSlack) -> None:
    """2026-11-22 10:00 UTC is 11:00 in Berlin and 18:00 in Shanghai."""
    text = "due <!date^1795341600^{date_short} {time}|22 Nov 10:00 UTC>"
    client_of(slack).chat_postMessage(channel="#harbour-alerts", text=text)
    (message,) = slack.channel("harbour-alerts").messages
    assert slack.render(message, "agent-a") == "due Nov 22, 2026 11:00 AM"
    assert slack.render(message, "agent-b") == "due 2026年11月22日 18:00"
    assert slack.render(message) == "due Nov 22, 2026 10:00 AM"


def test_text_is_shown_where_there_are_no_blocks_and_escapes_stay_text(slack: StandInSlack) -> None:
    client_of(slack).chat_postMessage(
        channel="#harbour-alerts", text="&lt;!channel&gt; 2*3*4 snake_case_name"
    )
    (message,) = slack.channel("harbour-alerts").messages
    assert slack.render(message) == "<!channel> 2*3*4 snake_case_name"


def test_a_transcript_is_what_one_reader_sees() -> None:
    with StandInSlack(make_workspace(now=lambda: 1_795_341_600.0)) as slack:
        client, alerts = client_of(slack), slack.channel("harbour-alerts")
        first = client.chat_postMessage(channel=alerts.id, text="Case 17 is overdue")
        client.chat_postMessage(channel=alerts.id, text="Case 18 is overdue")
        client.chat_postMessage(channel=alerts.id, text="warned at 09:30", thread_ts=first["ts"])
        client.chat_postEphemeral(channel=alerts.id, user=slack.user("agent-a").user.id, text="yours")
        assert slack.transcript(alerts, "agent-a").splitlines() == [
            "Muster  11:00",
            "  Case 17 is overdue",
            "",
            "    Muster  11:00",
            "      warned at 09:30",
            "",
            "Muster  11:00",
            "  Case 18 is overdue",
            "",
            "Muster  11:00 (only visible to you)",
            "  yours",
        ]
        assert "yours" not in slack.transcript(alerts)


def test_a_modal_shows_its_fields(slack: StandInSlack) -> None:
    trigger = slack.workspace.new_trigger(slack.workspace.user("lead").id)
    client_of(slack).views_open(trigger_id=trigger, view=MODAL)
    view = slack.user("lead").modal
    assert view is not None
    assert slack.render(view, "lead").splitlines() == [
        "=== Ask for leave ===",
        "Reason: [____]",
        "Kind: [ v]",
        "[Send]",
    ]
