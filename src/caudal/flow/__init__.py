"""People moving over a network by rules: cohorts, agents and expected flow, ensembles, validation errors."""

from __future__ import annotations

from caudal.flow._ensemble import Ensemble, run
from caudal.flow._program import Program, compile_case
from caudal.flow._replicate import Options, Replicate, run_once
from caudal.flow._scores import case_errors, errors_of

__all__ = [
    "Ensemble",
    "Options",
    "Program",
    "Replicate",
    "case_errors",
    "compile_case",
    "errors_of",
    "run",
    "run_once",
]
