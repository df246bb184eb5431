"""Five thousand statements of every type against an evaluation that shares no code with the package's."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

import pytest

from caudal.figures import open_archive
from caudal.statements import (
    Change,
    Compare,
    Definition,
    Level,
    Quantity,
    Rank,
    Ratio,
    Record,
    Share,
    Span,
    Streak,
    Threshold,
    calendar_year,
    fiscal,
    month,
    verdicts_on,
)
from caudal.statements._history import Histories
from statements.brute import brute, months

MEASURES = (
    "sw-encounters",
    "usbp-encounters",
    "ofo-encounters",
    "nationwide-encounters",
    "mexico-inm-encounters",
)
CITIZENS = ("MEX", "VEN", "CUB", "HND", "CHN")
FAMILIES = ("single-adults", "family-units", "unaccompanied")
QUALIFIERS = ("exact", "about", "nearly", "more", "less", "at_least", "at_most")
KINDS = (Level, Record, Rank, Change, Ratio, Share, Streak, Threshold, Compare)


def near(rng: random.Random, value: float) -> Quantity:
    """A stated number: the value itself, rounded, or off by a little or a lot."""
    stated = value * rng.choice((1, 1, 1, 1.0005, 0.98, 1.03, 0.9, 1.2, 2))
    digits = rng.choice((0, 0, -2, -3, -4, -5))
    stated = round(stated, digits)
    grain = 1
    while stated and stated % (grain * 10) == 0 and grain < 10**6:
        grain *= 10
    return Quantity(float(stated), rng.choice(QUALIFIERS), float(grain))


def percentage(rng: random.Random, value: float) -> Quantity:
    stated = round(abs(value) + rng.choice((0, 0, 0, 0.4, 1, 3, 10)), rng.choice((0, 0, 1)))
    return Quantity(stated, rng.choice(QUALIFIERS), 1.0 if stated == int(stated) else 0.1)


def spans(rng: random.Random, measure: str) -> Span:
    held = sorted(months(measure, ()))
    # Where the figures of the years before are rounded ones of another publisher, take the exact years.
    first = 1999 if measure in ("usbp-encounters", "mexico-inm-encounters") else 2022
    year, number = rng.choice([key for key in held[12:] if key[0] >= first])
    return rng.choice(
        (
            month(year, number),
            month(year, number),
            month(year, number),
            fiscal(year),
            calendar_year(year),
            Span(date(year, 10, 1), 3),
        )
    )


def statement(rng: random.Random, kind: type, measure: str):
    span = spans(rng, measure)
    where = ()
    if measure in ("sw-encounters", "nationwide-encounters") and rng.random() < 0.3:
        where = (("citizenship", rng.choice(CITIZENS)),)
    held = months(measure, where)
    value = sum(held.get((d.year, d.month), 0.0) for d in span.month_list())
    since = rng.choice((None, None, None, date(span.first.year - rng.randint(1, 30), span.first.month, 1)))
    common = {
        "extreme": rng.choice(("high", "low")),
        "same_month": span.months == 1 and rng.random() < 0.5,
        "since": since,
        "to_date": rng.random() < 0.6,
    }
    base = span.shift(-rng.choice((12, 12, 24)) if span.months > 1 else -rng.choice((1, 1, 12, 12, 3)))
    before = sum(held.get((d.year, d.month), 0.0) for d in base.month_list())
    if kind is Level:
        return Level(span, where, quantity=near(rng, value))
    if kind is Record:
        return Record(span, where, **common)
    if kind is Rank:
        return Rank(span, where, position=rng.randint(1, 6), **common)
    if kind is Change:
        amount, unit = rng.choice((None, "percent", "count")), "percent"
        if amount == "count":
            return Change(
                span,
                where,
                base=base,
                direction=rng.choice(("up", "down")),
                amount=near(rng, abs(value - before)),
                unit="count",
            )
        quantity = percentage(rng, 100 * (value / before - 1) if before else 10) if amount else None
        return Change(
            span, where, base=base, direction=rng.choice(("up", "down")), amount=quantity, unit=unit
        )
    if kind is Ratio:
        factor = value / before if before else 2.0
        stated = rng.choice((round(factor, 1), 2.0, 3.0, 0.5))
        return Ratio(span, where, base=base, factor=Quantity(stated or 1.0, rng.choice(QUALIFIERS)))
    if kind is Streak:
        return Streak(
            month(span.first.year, span.first.month),
            where,
            count=rng.randint(2, 5),
            direction=rng.choice(("up", "down")),
            ordinal=rng.random() < 0.5,
        )
    if kind is Threshold:
        side = rng.choice(("above", "above", "below"))
        return Threshold(
            span,
            where,
            level=Quantity(
                round(value * rng.choice((0.95, 1, 1.05, 0.8)), -3), "more" if side == "above" else "less"
            ),
            side=side,
            since=since,
            never=rng.random() < 0.2,
        )
    dimension, codes = rng.choice((("citizenship", CITIZENS), ("family_status", FAMILIES)))
    left, right = rng.sample(codes, 2)
    if kind is Share:
        part = months(measure, ((dimension, left),))
        share = (
            100 * sum(part.get((d.year, d.month), 0.0) for d in span.month_list()) / value if value else 10
        )
        return Share(span, (), part=((dimension, left),), percent=percentage(rng, share))
    return Compare(span, (), left=((dimension, left),), right=((dimension, right),), more=rng.random() < 0.5)


@pytest.mark.slow
def test_five_thousand_statements_equal_brute_force() -> None:
    rng = random.Random(20231222)
    histories = Histories(open_archive())
    seen: Counter[tuple[str, str]] = Counter()
    wrong = []
    for number in range(5_000):
        kind = KINDS[number % len(KINDS)]
        measure = "sw-encounters" if kind in (Share, Compare) else rng.choice(MEASURES)
        one = statement(rng, kind, measure)
        expected = brute(one, measure)
        found = verdicts_on(one, [Definition(measure)], histories=histories, editions=False)[0].verdict
        seen[kind.__name__, expected] += 1
        if found != expected:
            wrong.append((one, measure, found, expected))
    print(dict(seen))
    for row in wrong:
        print(*row)
    assert wrong == []
    assert all(seen[kind.__name__, answer] >= 20 for kind in KINDS for answer in ("true", "false"))
