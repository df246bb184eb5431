"""People moving over a network by rules: cohorts, agents and expected flow, ensembles, validation errors."""

from __future__ import annotations

from typing import Any

from caudal.flow._ensemble import Ensemble, run
from caudal.flow._program import Program, compile_case
from caudal.flow._replicate import Options, Replicate, run_once
from caudal.flow._scores import case_errors, errors_of
from caudal.flow._validate import validation_row

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
    "run_to",
    "validation_row",
    "write_frames",
]

#: Loaded when first used: they need polars, which a single run does not.
_LATER = {"run_to": "_store", "write_frames": "_frames"}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        import importlib

        return getattr(importlib.import_module(f"caudal.flow.{_LATER[name]}"), name)
    raise AttributeError(f"module 'caudal.flow' has no attribute {name!r}")
