"""Who wants what, and which packages all could sign: negotiations on file, solved over every package.

Examples
--------
>>> from caudal import bargain
>>> result = bargain.solve("2023-12-us-mexico", draws=50)
>>> result.recommended is not None
True
"""

from __future__ import annotations

from caudal.bargain._chart import acceptability_chart, pareto_chart
from caudal.bargain._explain import explain
from caudal.bargain._file import Negotiation, load, parse, templates
from caudal.bargain._influence import Influence
from caudal.bargain._outcomes import Outcomes, read_table
from caudal.bargain._packages import LIMIT, Packages, enumerate_packages
from caudal.bargain._phrases import in_language, phrase
from caudal.bargain._solutions import agreement_zone, egalitarian, kalai_smorodinsky, nash, pareto
from caudal.bargain._solve import Bargain, solve

__all__ = [
    "LIMIT",
    "Bargain",
    "Influence",
    "Negotiation",
    "Outcomes",
    "Packages",
    "acceptability_chart",
    "agreement_zone",
    "egalitarian",
    "enumerate_packages",
    "explain",
    "in_language",
    "kalai_smorodinsky",
    "load",
    "nash",
    "pareto",
    "pareto_chart",
    "parse",
    "phrase",
    "read_table",
    "solve",
    "templates",
]
