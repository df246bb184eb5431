"""Random numbers inside compiled code: a counter-based stream, binomial, multinomial and Poisson draws.

The stream is SplitMix64 (Steele, Lea and Flood 2014, doi 10.1145/2660193.2660195): one 64-bit state, so a
stream can be opened anywhere by mixing a key. Keys made of (seed, day, purpose, place, class) give paired
scenarios common random numbers and make results independent of what else is drawn.

Binomials cost the same for any ``n``: inversion where ``n min(p, 1-p) < 10``, else transformed rejection
(BTRS, Hörmann 1993, doi 10.1080/00949659308811496). Poisson: inversion, else PTRS of the same author (doi
10.1016/0167-6687(93)90997-4).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from caudal.flow._compiled import compiled

__all__ = ["binomial", "mix", "multinomial", "open_stream", "poisson", "uniform"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31, _S11 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(11)
_UNIT = 1.0 / 9007199254740992.0  # 2**-53


@compiled(inline=True)
def mix(z: Any) -> Any:
    """Return 64 well-mixed bits of a 64-bit key."""
    z = (z ^ (z >> _S30)) * _M1
    z = (z ^ (z >> _S27)) * _M2
    return z ^ (z >> _S31)


@compiled(inline=True)
def open_stream(rng: Any, seed: Any, a: Any, b: Any) -> None:
    """Open the stream of key ``(seed, a, b)`` in ``rng`` (one uint64)."""
    rng[0] = mix(mix(seed + np.uint64(a) * _GOLDEN) + np.uint64(b) * _M1)


@compiled(inline=True)
def uniform(rng: Any) -> Any:
    """Return a uniform number in [0, 1)."""
    rng[0] += _GOLDEN
    return np.float64(mix(rng[0]) >> _S11) * _UNIT


@compiled(inner=True)
def _tail(k: float) -> Any:
    """Return the error of Stirling's approximation of log k!."""
    if k < 10.0:
        return math.lgamma(k + 1.0) - ((k + 0.5) * math.log(k + 1.0) - (k + 1.0) + 0.9189385332046727)
    step = 1.0 / (k + 1.0)
    square = step * step
    return (1.0 / 12.0 - (1.0 / 360.0 - square / 1260.0) * square) * step


@compiled(inner=True)
def _inverted(rng: Any, n: float, p: float) -> Any:
    """Return a binomial draw by inversion; the work grows with ``n p``, which is below 10."""
    odds = p / (1.0 - p)
    if n <= 64.0:  # a power by squaring is cheaper than a logarithm
        start, factor, left_over = 1.0, 1.0 - p, int(n)
        while left_over > 0:
            if left_over & 1:
                start *= factor
            factor *= factor
            left_over >>= 1
    else:
        start = math.exp(n * math.log1p(-p))
    while True:
        left = uniform(rng)
        chance = start
        k = 0.0
        while left > chance:
            left -= chance
            k += 1.0
            if k > n or k > 150.0:
                break
            chance *= odds * (n - k + 1.0) / k
        if k <= n and k <= 150.0:
            return k


@compiled(inner=True)
def _rejected(rng: Any, n: float, p: float) -> Any:
    """Return a binomial draw by transformed rejection (BTRS), for ``n p >= 10`` and ``p <= 1/2``."""
    spread = math.sqrt(n * p * (1.0 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = n * p + 0.5
    squeeze = 0.92 - 4.2 / b
    alpha = (2.83 + 5.1 / b) * spread
    odds = p / (1.0 - p)
    mode = float(math.floor((n + 1.0) * p))
    while True:
        u = uniform(rng) - 0.5
        v = uniform(rng)
        us = 0.5 - abs(u)
        if us <= 0.0:
            continue
        k = float(math.floor((2.0 * a / us + b) * u + c))
        if us >= 0.07 and v <= squeeze:
            return k
        if k < 0.0 or k > n or v <= 0.0:
            continue
        bound = (
            (mode + 0.5) * math.log((mode + 1.0) / (odds * (n - mode + 1.0)))
            + (n + 1.0) * math.log((n - mode + 1.0) / (n - k + 1.0))
            + (k + 0.5) * math.log(odds * (n - k + 1.0) / (k + 1.0))
            + _tail(mode)
            + _tail(n - mode)
            - _tail(k)
            - _tail(n - k)
        )
        if math.log(v * alpha / (a / (us * us) + b)) <= bound:
            return k


@compiled()
def binomial(rng: Any, n: float, p: float) -> Any:
    """Return how many of ``n`` independent trials of chance ``p`` succeed.

    Parameters
    ----------
    rng : uint64 array of length 1
        The stream; moved on.
    n : float
        Whole number from 0 to 2**53.
    p : float
        Chance; values outside [0, 1] count as 0 or 1.
    """
    if n <= 0.0 or p <= 0.0:
        return 0.0
    if p >= 1.0:
        return n
    if n <= 6.0:  # persons one by one are cheaper than any set-up
        k = 0.0
        for _ in range(int(n)):
            if uniform(rng) < p:
                k += 1.0
        return k
    if p <= 0.5:
        return _inverted(rng, n, p) if n * p < 10.0 else _rejected(rng, n, p)
    q = 1.0 - p
    return n - (_inverted(rng, n, q) if n * q < 10.0 else _rejected(rng, n, q))


@compiled()
def multinomial(rng: Any, n: float, weights: Any, out: Any) -> None:
    """Split ``n`` over ``out`` in proportion to ``weights`` (need not sum to 1; all 0 means equal)."""
    total = weights.sum()
    size = len(weights)
    for j in range(size):
        share = 1.0 / (size - j)
        if total > 0.0:
            share = weights[j] / total
            total -= weights[j]
        elif weights[j] == 0.0 and weights.sum() > 0.0:
            share = 0.0
        k = n if j == size - 1 else binomial(rng, n, share)
        out[j] = k
        n -= k


@compiled()
def poisson(rng: Any, rate: float) -> Any:
    """Return a Poisson draw with mean ``rate``."""
    if rate <= 0.0:
        return 0.0
    if rate < 10.0:
        left, k, chance = uniform(rng), 0.0, math.exp(-rate)
        while left > chance and k < 200.0:
            left -= chance
            k += 1.0
            chance *= rate / k
        return k
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse = 1.1239 + 1.1328 / (b - 3.4)
    squeeze = 0.9277 - 3.6224 / (b - 2.0)
    while True:
        u = uniform(rng) - 0.5
        v = uniform(rng)
        us = 0.5 - abs(u)
        if us <= 0.0 or v <= 0.0:
            continue
        k = math.floor((2.0 * a / us + b) * u + rate + 0.43)
        if us >= 0.07 and v <= squeeze:
            return k
        if k < 0.0 or (us < 0.013 and v > us):
            continue
        if math.log(v * inverse / (a / (us * us) + b)) <= k * math.log(rate) - rate - math.lgamma(k + 1.0):
            return k
