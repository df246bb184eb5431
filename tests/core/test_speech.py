"""Numbers as a language writes them."""

from __future__ import annotations

import pytest

from caudal._core.speech import Tongue


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234.4, 0, "+1,234"),
        (-0.26, 1, "−0.3"),
        (0.04, 1, "0.0"),  # what rounds to nothing has no sign
        (-0.04, 1, "0.0"),
        (-19_442.4, -3, "−19,000"),
        (499.0, -3, "0"),
    ],
)
def test_a_difference_has_the_sign_of_what_is_shown(value: float, decimals: int, text: str) -> None:
    for language in ("en", "es"):
        assert Tongue("caudal.brief", language).signed(value, decimals=decimals) == text
