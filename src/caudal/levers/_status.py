"""The rule that sets a status. No status is written by hand anywhere."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Status", "status_of"]

#: The rule's numbers, as declared before any result was seen (design of the levers).
MOST_P, MOST_RMSE, MOST_SPREAD = 0.10, 0.45, 0.5


@dataclass(frozen=True)
class Status:
    """A status and, when it is not *identified*, the conditions that failed."""

    status: str
    reason: str


def status_of(
    effect: float,
    p_space: float | None,
    p_time: float | None,
    pre_rmse: float,
    spread: float,
    minimum_detectable: float,
    *,
    exposed_controls: bool = False,
    other_event: bool = False,
) -> Status:
    """Return the status of an effect.

    *identified* when the smaller p is at most 0.10, the error before at most 0.45, the spread of the estimators at most
    half the effect, and the controls were not exposed themselves. *suggestive* when the p holds, the effect is larger
    than the minimum detectable one and all but one of the other conditions hold. *not identified* otherwise, and always
    without controls or when another event reached the same group at the same time or shortly before.

    Parameters
    ----------
    effect, pre_rmse, spread, minimum_detectable : float
        Logarithms; ``pre_rmse`` NaN without controls.
    p_space, p_time : float or None
        Ranks among placebos.
    exposed_controls : bool
        Whether the event reached the controls too.
    other_event : bool
        Whether another event reached the same group in the last three months of the baseline or in the same month.
    """
    if other_event:
        return Status(
            "not identified", "another event reached the same group at the same time or shortly before"
        )
    if math.isnan(pre_rmse):
        return Status("not identified", "no unexposed group to compare with")
    ranks = [p for p in (p_space, p_time) if p is not None]
    failed = []
    if not ranks or min(ranks) > MOST_P:
        failed.append("not unusual among placebos")
    if pre_rmse > MOST_RMSE:
        failed.append("controls did not follow the group before")
    if spread > MOST_SPREAD * abs(effect):
        failed.append("estimators disagree")
    if exposed_controls:
        failed.append("controls were exposed too")
    reason = "; ".join(failed)
    if not failed:
        return Status("identified", "")
    usual = "not unusual among placebos" in failed or abs(effect) < minimum_detectable
    return Status("not identified" if usual or len(failed) > 1 else "suggestive", reason)
