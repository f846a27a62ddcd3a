"""A campaign's report as one self-contained HTML page: goals against what came, feedback, causes (CA10)."""

from __future__ import annotations

from datetime import datetime

from jinja2 import Environment, PackageLoader, select_autoescape

from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.campaign_text import goal_text
from bot.usecases.close_campaign import CampaignReview

__all__ = ["render_campaign"]


def render_campaign(reviewed: CampaignReview, *, locale: str, zone: str, made_at: datetime) -> str:
    """The page in the reader's language and zone."""
    t = Translator(locale)
    formats = Formats(t.locale, zone)
    environment = Environment(
        loader=PackageLoader("bot.reports", "templates"),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found = reviewed.found
    types = [
        t.text(
            "campaign.type",
            type=t.text(f"label.type.{kind}"),
            count=count,
            share=formats.percent(count / found.contacts),
        )
        for kind, count in found.by_type
    ]
    return environment.get_template("campaign.html.j2").render(
        t=t,
        formats=formats,
        campaign=reviewed.campaign,
        found=found,
        goals=[goal_text(goal, t, formats) for goal in reviewed.goals],
        types=formats.join(types) if types else "–",
        made_at=formats.moment(made_at),
        language=t.locale,
    )
