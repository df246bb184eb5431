"""What comes next: probability forecasts of monthly figures, scored in the open.

``run`` forecasts a measure as of a day, ``refresh`` all declared series; ``nowcast`` says what the month in progress
will be printed as; ``backtest`` and ``score_table`` show how every model has done; ``record`` and ``score_ledger`` keep
forecasts as they were made and score them when the month is published.
"""

from __future__ import annotations

from caudal.forecast._backtest import Backtest, backtest
from caudal.forecast._chart import fan_chart
from caudal.forecast._dm import diebold_mariano
from caudal.forecast._forecast import Forecast
from caudal.forecast._hub import COLUMNS, hubverse_table, read_hubverse
from caudal.forecast._ledger import Claim, add_claim, hub_directory, import_forecasts, record, score_ledger
from caudal.forecast._nowcast import Nowcast, nowcast, nowcast_scores
from caudal.forecast._panel import Panel
from caudal.forecast._propose import propose_reports
from caudal.forecast._quantiles import LEVELS
from caudal.forecast._refresh import refresh
from caudal.forecast._run import DEFAULT_SEED, run
from caudal.forecast._scoreboard import score_table, upstream_scores
from caudal.forecast._scores import wis
from caudal.forecast.models import MODELS

__all__ = [
    "COLUMNS",
    "DEFAULT_SEED",
    "LEVELS",
    "MODELS",
    "Backtest",
    "Claim",
    "Forecast",
    "Nowcast",
    "Panel",
    "add_claim",
    "backtest",
    "diebold_mariano",
    "fan_chart",
    "hub_directory",
    "hubverse_table",
    "import_forecasts",
    "nowcast",
    "nowcast_scores",
    "propose_reports",
    "read_hubverse",
    "record",
    "refresh",
    "run",
    "score_ledger",
    "score_table",
    "upstream_scores",
    "wis",
]
