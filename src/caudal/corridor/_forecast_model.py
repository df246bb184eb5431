"""The outlook as a model of `caudal.forecast`: the naive quantiles, moved by the corridor's growth factors.

Rows of Border Patrol's system follow what is expected between ports, those of offices what is expected at ports,
citizenships their class, everything else the total. Offered through the entry point ``caudal.forecast_models``
(``--model corridor``), so that the forecast need not know the corridor. It sees what had been published when the
panel's last month was; before eighteen months of inputs were known it says what naive says.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from caudal._core.errors import NotKnownError
from caudal.corridor._calibrate import calibrate_inputs
from caudal.corridor._inputs import inputs, published
from caudal.corridor._origins import FIRST_ORIGIN, TRAINING
from caudal.corridor._outlook import Outlook, outlook
from caudal.corridor._setting import RELABEL, setting
from caudal.forecast.models import model

__all__ = ["marginals"]

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def marginals(panel: object, horizon: int) -> Array:
    """Return quantiles of counts, shape ``(rows, horizon, 23)``; see `caudal.forecast.models.Model`."""
    plain = np.asarray(model("naive")(panel, horizon))  # type: ignore[arg-type]
    last = panel.last  # type: ignore[attr-defined]
    if last < FIRST_ORIGIN:
        return plain
    try:
        made, start = _made(last, horizon)
    except NotKnownError:
        return plain
    given = setting()
    of = {code: i for i, codes in enumerate(given.classes.values()) for code in codes}
    by_class = (made.classes + 1.0) / (start + 1.0)
    between_ports = panel.locations[0] == "total"  # type: ignore[attr-defined]
    for row, name in enumerate(panel.locations):  # type: ignore[attr-defined]
        level, _, code = name.rpartition("/")
        if level.endswith("citizenship") and code in of:
            growth = by_class[:, of[code]]
        elif level == "field-office" or code == "OFO":
            growth = made.at_ports
        elif between_ports or code == "USBP":
            growth = made.between
        else:
            growth = made.factor
        plain[row] *= growth[:, None]
    return plain


@lru_cache(maxsize=64)
def _made(last: object, horizon: int) -> tuple[Outlook, Array]:
    given = setting()
    day = published("usbp-encounters", last)  # type: ignore[arg-type]
    known = inputs(day, given.classes, given.net.destinations, relabel=RELABEL)
    cal = calibrate_inputs(known, TRAINING, given)
    return outlook(cal, horizon), np.asarray(cal.observed[-1].sum(axis=1))
