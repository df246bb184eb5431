"""These tests see the embedded archive only, whatever the store of the person who runs them holds."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def _empty_store(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAUDAL_HOME", str(tmp_path_factory.mktemp("store")))
        yield
