"""People moving over a network by rules: cohorts, agents and expected flow, ensembles, validation errors."""

from __future__ import annotations

from caudal._core.later import later
from caudal.flow._ensemble import Ensemble, run
from caudal.flow._model import Gate, Hazard, Model, Passage, daily_capacity
from caudal.flow._model_run import Movement, run_model
from caudal.flow._program import Program, compile_case
from caudal.flow._replicate import Options, Replicate, run_once
from caudal.flow._scores import case_errors, errors_of
from caudal.flow._validate import validation_row

__all__ = [
    "Calibration",
    "Ensemble",
    "Gate",
    "Hazard",
    "Model",
    "Movement",
    "Options",
    "Passage",
    "Program",
    "Replicate",
    "animated_map",
    "calibrate",
    "case_errors",
    "compile_case",
    "daily_capacity",
    "equality",
    "errors_of",
    "paired_differences",
    "run",
    "run_model",
    "run_once",
    "run_to",
    "sankey",
    "sensitivity",
    "validation_row",
    "write_frames",
]

#: Loaded when first used: they need what a single run does not.
_LATER = {
    "Calibration": "_calibrate",
    "animated_map": "_draw",
    "calibrate": "_calibrate",
    "equality": "_compare",
    "paired_differences": "_compare",
    "run_to": "_store",
    "sankey": "_draw",
    "sensitivity": "_sensitivity",
    "write_frames": "_frames",
}
__getattr__ = later(__name__, _LATER)
