"""What can be changed: policy events, how well their effects are known, levers on the corridor, and scenarios.

``events`` are what was done and when; ``evidence`` what encounters did after; the status of an effect is set by a
declared rule, never by hand. A `Scenario` sets levers, `run` simulates it beside its baseline.
"""

from __future__ import annotations

from caudal._core.later import later
from caudal.levers._displacement import displacement
from caudal.levers._events import Event, event, events
from caudal.levers._evidence import Evidence, Study, evidence, null_test, studies
from caudal.levers._lever import Lever, lever, levers
from caudal.levers._pages import evidence_chart, evidence_pages, write_evidence_pages
from caudal.levers._prior import Prior, prior
from caudal.levers._published import published, published_sets, table_of, write_published
from caudal.levers._status import Status, status_of

__all__ = [
    "Event",
    "Evidence",
    "Lever",
    "Prior",
    "Result",
    "Scenario",
    "Score",
    "Status",
    "Study",
    "calibrated",
    "displacement",
    "event",
    "events",
    "evidence",
    "evidence_chart",
    "evidence_pages",
    "ledger",
    "lever",
    "levers",
    "load_scenario",
    "null_test",
    "prior",
    "published",
    "published_sets",
    "run",
    "scenario_names",
    "status_of",
    "studies",
    "table_of",
    "write_evidence_pages",
    "write_published",
]

#: Loaded when first used: scenarios need the corridor's compiled code, events and evidence do not.
_LATER = {
    "Result": "_run",
    "Scenario": "_scenario",
    "Score": "_ledger",
    "calibrated": "_run",
    "ledger": "_ledger",
    "load_scenario": "_scenario",
    "run": "_run",
    "scenario_names": "_scenario",
}
__getattr__ = later(__name__, _LATER)
