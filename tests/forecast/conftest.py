"""Forecasts of a test are kept in its own directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from caudal.forecast import _past


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what is computed away from the user's cache."""
    monkeypatch.setattr(_past, "_REMEMBERED", {})
    monkeypatch.setenv("CAUDAL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("CAUDAL_HOME", str(tmp_path / "home"))
    return tmp_path / "cache"
