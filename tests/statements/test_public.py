from __future__ import annotations

from caudal import statements


def test_all_names_what_is_exported() -> None:
    assert statements.__all__ == sorted(
        statements.__all__, key=lambda name: (not name.isupper(), name[0].islower(), name)
    )
    assert all(hasattr(statements, name) for name in statements.__all__)
