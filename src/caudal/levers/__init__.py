"""What can be changed: policy events, how well their effects are known, levers on the corridor, and scenarios.

``events`` are what was done and when; ``evidence`` what encounters did after; the status of an effect is set by a
declared rule, never by hand.
"""

from __future__ import annotations

from caudal.levers._displacement import displacement
from caudal.levers._events import Event, event, events
from caudal.levers._evidence import Evidence, Study, evidence, null_test, studies
from caudal.levers._pages import evidence_chart, evidence_pages, write_evidence_pages
from caudal.levers._status import Status, status_of

__all__ = [
    "Event",
    "Evidence",
    "Status",
    "Study",
    "displacement",
    "event",
    "events",
    "evidence",
    "evidence_chart",
    "evidence_pages",
    "null_test",
    "status_of",
    "studies",
    "write_evidence_pages",
]
