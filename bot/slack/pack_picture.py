"""The picture of a posted pack: goals against what was reached, and the Pareto, in the pack's thread."""

from __future__ import annotations

from bot.core.packs import Pack
from bot.core.ports import Destination, Sent
from bot.i18n.catalog import Translator
from bot.slack.pictures import Picture, Pictures

__all__ = ["draw_below"]


def draw_below(pictures: Pictures, sent: Sent, pack: Pack, destination: Destination) -> None:
    """Draw and upload it later; the pack stands whatever becomes of that."""
    t, zone = Translator(destination.locale), destination.zone

    def draw() -> list[Picture]:
        from bot.reports.pack_picture import pack_alt, pack_png

        png = pack_png(pack, t, zone)
        if png is None:
            return []
        return [
            Picture(
                name=f"pack-{pack.kind}-{pack.first.isoformat()}.png",
                title=t.text("pack.picture_title", team=pack.team),
                alt=pack_alt(pack, t, zone),
                png=png,
            )
        ]

    pictures.later(sent.channel, draw, comment=t.text("pack.picture_comment"), failed=None, below=sent)
