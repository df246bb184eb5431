"""All packages of a negotiation: every combination of degrees that its linkage allows."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

from caudal._core.errors import InputError, OptionError, did_you_mean
from caudal.bargain._file import Negotiation
from caudal.bargain._phrases import in_language, phrase

__all__ = ["LIMIT", "NO_DEAL", "Packages", "enumerate_packages"]

#: Packages that are enumerated at most: fourteen yes-or-no asks.
LIMIT = 2**14
NO_DEAL = "no-deal"


@dataclass(frozen=True)
class Packages:
    """The packages of a negotiation; number 0 is no deal.

    Attributes
    ----------
    negotiation : Negotiation
        Whose they are.
    degree : ndarray of int, shape (packages, asks)
        Number of the degree of each ask.
    level : ndarray of float, shape (packages, asks)
        Level of that degree, 0 to 1.
    terms : list of str
        Every degree beyond nothing, as ``ask=degree``.
    has : ndarray of float, shape (packages, terms)
        1 where the package holds the term.
    allowed : ndarray of bool, shape (packages,)
        Whether the linkage allows it.
    """

    negotiation: Negotiation
    degree: npt.NDArray[np.int64]
    level: npt.NDArray[np.float64]
    terms: list[str]
    has: npt.NDArray[np.float64]
    allowed: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.degree)

    def name(self, index: int) -> str:
        """Return ``ask=degree,…``, or ``no-deal``."""
        parts = [t for t, has in zip(self.terms, self.has[index], strict=True) if has]
        return ",".join(parts) or NO_DEAL

    def label(self, index: int, language: str = "en") -> str:
        """Return a short label of what is in it, for charts."""
        parts = []
        for (_, ask), d in zip(self.negotiation.asks.items(), self.degree[index], strict=True):
            if d:
                short = in_language(ask.short, language)
                how = in_language(ask.degrees[d].label, language) or ask.degrees[d].name
                parts.append(short if len(ask.degrees) == 2 else f"{short}: {how}")
        return " · ".join(parts) or phrase("no_deal", language)

    def contents(self, index: int) -> dict[str, str]:
        """Return ask → degree for all that is granted."""
        return dict(part.split("=", 1) for part in self.name(index).split(",") if "=" in part)

    def index(self, name: str) -> int:
        """Return the number of the package called ``name`` (terms in any order, ``,`` or ``+`` between).

        Raises
        ------
        OptionError
            For an unknown ask or degree, or an ask given twice.
        """
        asks = list(self.negotiation.asks)
        chosen = [0] * len(asks)
        text = name.strip()
        for part in [] if text in ("", NO_DEAL) else text.replace("+", ",").split(","):
            ask, _, degree = (p.strip() for p in part.partition("="))
            if ask not in asks:
                raise OptionError(f"no ask {ask!r}", where="package", remedy=did_you_mean(ask, asks))
            names = [d.name for d in self.negotiation.asks[ask].degrees]
            if degree not in names:
                remedy = did_you_mean(degree, names)
                raise OptionError(f"{ask} has no degree {degree!r}", where="package", remedy=remedy)
            if chosen[asks.index(ask)]:
                raise OptionError(f"{ask} stands twice", where="package", remedy="Give each ask once")
            chosen[asks.index(ask)] = names.index(degree)
        return int(np.flatnonzero((self.degree == np.array(chosen)).all(axis=1))[0])


def enumerate_packages(negotiation: Negotiation) -> Packages:
    """Return every combination of degrees.

    Raises
    ------
    InputError
        For more than `LIMIT` packages.
    """
    asks = list(negotiation.asks.items())
    sizes = [len(ask.degrees) for _, ask in asks]
    if prod(sizes) > LIMIT:
        raise InputError(
            f"{prod(sizes):,} packages, more than {LIMIT:,}", where="asks",
            remedy="Drop asks or degrees, or bundle asks that always go together",
        )  # fmt: skip
    degree = np.stack([g.ravel() for g in np.meshgrid(*map(np.arange, sizes), indexing="ij")], axis=1)
    level = np.stack(
        [np.array([d.level for d in ask.degrees])[degree[:, i]] for i, (_, ask) in enumerate(asks)], axis=1
    )
    terms, columns = [], []
    for i, (key, ask) in enumerate(asks):
        for d in range(1, len(ask.degrees)):
            terms.append(f"{key}={ask.degrees[d].name}")
            columns.append(degree[:, i] == d)
    return Packages(
        negotiation, degree.astype(np.int64), level, terms, np.stack(columns, axis=1).astype(float),
        _allowed(negotiation, degree),
    )  # fmt: skip


def _allowed(negotiation: Negotiation, degree: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    asks = list(negotiation.asks)

    def reached(ask: str, name: str) -> npt.NDArray[np.bool_]:
        names = [d.name for d in negotiation.asks[ask].degrees]
        return np.asarray(degree[:, asks.index(ask)] >= names.index(name))

    allowed = np.ones(len(degree), dtype=bool)
    for link in negotiation.links:
        met = np.all([reached(ask, name) for ask, name in link.requires.items()], axis=0)
        allowed &= ~reached(link.ask, link.from_) | met
    return allowed
