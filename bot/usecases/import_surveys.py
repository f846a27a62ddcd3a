"""Checked answers of surveys into the store; the same file twice changes nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from bot.core.import_report import Finding, ImportReport, Numbered, RefusedRow
from bot.core.surveys import SurveyAnswer, SurveyEntry
from bot.store.unit_of_work import Store

__all__ = ["import_surveys"]


def import_surveys(store: Store, rows: Sequence[Numbered[SurveyEntry]], report: ImportReport) -> ImportReport:
    """Write answers.  A case has one: a later one replaces it.  Rows of unknown cases and tokens are refused.

    An answer of a case without a date is dated by its solution, or by its opening where it has none.
    """
    refused: list[RefusedRow] = []
    answers: list[SurveyAnswer] = []
    alike: Counter[str] = Counter()
    undated = 0
    with store.unit() as uow:
        cases = uow.survey_requests.by_token({n.value.token for n in rows if n.value.token is not None})
        named = {n.line: n.value.ref or cases.get(n.value.token or "") for n in rows}
        contacts = uow.contacts.many({ref for ref in named.values() if ref is not None})
        for row in rows:
            entry, ref = row.value, named[row.line]
            if ref is None and entry.token is not None:
                refused.append(RefusedRow(line=row.line, reason="survey_token"))
                continue
            if ref is None:
                assert entry.queue is not None
                assert entry.answered_at is not None
                mark = _mark(entry)
                alike[mark] += 1
                answers.append(
                    SurveyAnswer(
                        key=f"{mark}:{alike[mark]}",  # two customers may answer alike
                        queue=entry.queue,
                        answered_at=entry.answered_at,
                        satisfaction=entry.satisfaction,
                        aspects=entry.aspects,
                    )
                )
                continue
            contact = contacts.get(ref)
            if contact is None:
                refused.append(RefusedRow(line=row.line, reason="survey_case", data={"ref": ref}))
                continue
            undated += entry.answered_at is None
            answers.append(
                SurveyAnswer(
                    key=f"case:{ref}",
                    ref=ref,
                    queue=contact.queue,
                    answered_at=entry.answered_at or contact.resolved_at or contact.opened_at,
                    satisfaction=entry.satisfaction,
                    aspects=entry.aspects,
                )
            )
        counts = uow.surveys.save(answers)
        uow.commit()
    findings = (Finding(code="survey_times", data={"rows": undated}),) if undated else ()
    return report.with_outcome(counts, tuple(refused), findings)


def _mark(entry: SurveyEntry) -> str:
    held = entry.satisfaction
    parts = [str(entry.queue), str(entry.answered_at), held.scale.value, str(held.value)]
    parts += [f"{name}={value}" for name, value in sorted(entry.aspects.items())]
    return "file:" + hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]
