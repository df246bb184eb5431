"""What the public thinks: an archive of polls with the address of each, and their pool as of any day.

Examples
--------
>>> from caudal import opinion
>>> pooled = opinion.pool("immigration", as_of="2023-12-22")
>>> pooled.disapprove.mean, pooled.method
(69.0, 'few polls')
>>> opinion.check(69, "disapprove", pollster="Monmouth").verdict
'true'
"""

from __future__ import annotations

from caudal.opinion._archive import PUBLICATION_LAG, issues, own_directory, own_polls, polls, read_own
from caudal.opinion._chart import chart, save_chart
from caudal.opinion._compile import compile_polls
from caudal.opinion._find import PollVerdict, check, check_text, find, read_claim
from caudal.opinion._houses import crosstabs, houses
from caudal.opinion._pool import Estimate, Pooled, note, pool
from caudal.opinion._scores import held_out, leave_one_house_out, scores, weighted_interval_score

__all__ = [
    "PUBLICATION_LAG",
    "Estimate",
    "PollVerdict",
    "Pooled",
    "chart",
    "check",
    "check_text",
    "compile_polls",
    "crosstabs",
    "find",
    "held_out",
    "houses",
    "issues",
    "leave_one_house_out",
    "note",
    "own_directory",
    "own_polls",
    "polls",
    "pool",
    "read_claim",
    "read_own",
    "save_chart",
    "scores",
    "weighted_interval_score",
]
