"""What a failed certificate asks of the next solve: more people in the peaks that failed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scheduler.simulation.certificate import Certificate

Ints = NDArray[np.int64]


def raises(
    certificate: Certificate, required: Mapping[str, Ints], at_work: Mapping[str, Ints]
) -> dict[str, Ints]:
    """Agents to add to the requirement per queue and interval, shape (count,); empty where none would help.

    A peak that fails although everybody required is there needs more than was required: what the certificate
    estimates as missing, at least one.  Where fewer are there than required the requirement is not what is
    wrong, so it stays: the solver had nobody left, or found nobody in time.
    """
    found: dict[str, Ints] = {}
    for judgement in certificate.judgements:
        if judgement.probability >= certificate.threshold:
            continue
        queue = judgement.queue
        at = np.array(judgement.intervals)
        full = at_work[queue][at] >= required[queue][at]
        if not full.any():
            continue
        more = found.setdefault(queue, np.zeros_like(required[queue]))
        spare = at_work[queue][at] - required[queue][at]
        # People beyond the requirement were there by chance; the next roster may not have them.
        wanted = np.where(full, spare + max(1, judgement.missing_agents), 0)
        more[at] = np.maximum(more[at], wanted)
    return found
