"""What can truthfully be said: statements checked against the official figures, definition by definition.

``check`` reads one sentence; ``verdicts_on`` takes a typed statement; ``read`` goes through a document.

Examples
--------
>>> from caudal import statements
>>> found = statements.check("November 2023 was the highest November for encounters at the southwest border")
>>> [(one.measure, one.verdict) for one in found][:2]
[('sw-encounters', 'true'), ('usbp-encounters', 'false')]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from caudal._core.later import later
from caudal.statements._check import check, verdicts_on
from caudal.statements._definitions import Definition, candidates
from caudal.statements._grammar import Claim, Understood, parse
from caudal.statements._span import Span, calendar_year, fiscal, month
from caudal.statements._types import (
    Change,
    Compare,
    Level,
    Poll,
    Quantity,
    Rank,
    Ratio,
    Record,
    Share,
    Statement,
    Streak,
    Threshold,
)
from caudal.statements._verdict import VERDICTS, Check, Verdict

if TYPE_CHECKING:
    from caudal.statements._read import DocumentClaim, Reading, read, read_text

__all__ = [
    "VERDICTS",
    "Change",
    "Check",
    "Claim",
    "Compare",
    "Definition",
    "DocumentClaim",
    "Level",
    "Poll",
    "Quantity",
    "Rank",
    "Ratio",
    "Reading",
    "Record",
    "Share",
    "Span",
    "Statement",
    "Streak",
    "Threshold",
    "Understood",
    "Verdict",
    "calendar_year",
    "candidates",
    "check",
    "fiscal",
    "month",
    "parse",
    "read",
    "read_text",
    "verdicts_on",
]

#: The reader of documents is loaded when it is first used: checking one sentence should not wait for it.
_READER = ("DocumentClaim", "Reading", "read", "read_text")

__getattr__ = later(__name__, dict.fromkeys(_READER, "_read"))
