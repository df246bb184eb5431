"""What comes next: probability forecasts of monthly figures, scored in the open.

``run`` forecasts a measure as of a day.
"""

from __future__ import annotations

from caudal.forecast._forecast import Forecast
from caudal.forecast._panel import Panel
from caudal.forecast._quantiles import LEVELS
from caudal.forecast._run import DEFAULT_SEED, run
from caudal.forecast.models import MODELS

__all__ = ["DEFAULT_SEED", "LEVELS", "MODELS", "Forecast", "Panel", "run"]
