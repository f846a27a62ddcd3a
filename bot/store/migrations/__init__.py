"""Alembic's environment; `bot.store.schema` runs it, no alembic.ini is needed.

Revisions are named by date and purpose (``20261122_initial``).  ``REVISIONS`` lists them, oldest first, so
that the schema's age can be told without loading Alembic; a test keeps it equal to the files.
"""

from __future__ import annotations

from typing import Final

REVISIONS: Final = (
    "20261122_initial",
    "20261126_connectors",
    "20261126_records",
    "20261126_outlook",
    "20261126_case_clocks",
    "20261126_line",
    "20261126_alerts",
    "20261126_promises",
    "20261126_privacy",
    "20261126_storms",
    "20261126_queue_events",
    "20261127_labour",
    "20261127_templates",
    "20261127_requests",
    "20261127_wishes",
    "20261127_calendar_links",
    "20261127_shift_reminders",
    "20261127_languages",
    "20261127_board_posts",
    "20261128_action_items",
    "20261128_on_shift_places",
    "20261128_adherence_choices",
    "20261128_incidents",
    "20261128_campaigns",
    "20261128_weekly_reviews",
    "20261128_knowledge_proposals",
    "20261128_remote_answers",
    "20261128_ideas",
    "20261128_miss_causes",
    "20261128_improvements",
    "20261128_surveys",
    "20261128_file_promises",
    "20261128_agent_index",
    "20261128_training",
    "20261128_survey_requests",
    "20261128_customer_confirmations",
)
HEAD: Final = REVISIONS[-1]
