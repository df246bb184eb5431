"""What the room exports."""

from __future__ import annotations

import caudal.flow
import caudal.network


def test_public_names_exist_and_are_sorted() -> None:
    for room in (caudal.network, caudal.flow):
        assert room.__all__ == sorted(room.__all__, key=lambda n: (n[0].islower(), n))
        for name in room.__all__:
            assert getattr(room, name) is not None


def test_unknown_name_is_an_attribute_error() -> None:
    import pytest

    with pytest.raises(AttributeError):
        _ = caudal.flow.nothing  # type: ignore[attr-defined]
