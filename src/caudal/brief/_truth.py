"""Section 1, what is true: the month's figures, the statement everyone makes about them, and what was revised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from caudal import figures, statements
from caudal._core.dates import add_months, fiscal_start, fiscal_year, month_label, parse_month
from caudal._core.errors import NotKnownError
from caudal._core.identifiers import dimension_title, name_of
from caudal.brief import _charts
from caudal.brief._citations import Citations
from caudal.brief._model import (
    Block,
    Chip,
    Fact,
    Facts,
    Headline,
    Number,
    Paragraph,
    Section,
    Span,
    Table,
)
from caudal.brief._phrases import Speech, first_upper

__all__ = ["Line", "Truth", "cell", "section"]

#: Definitions a reader of "encounters at the border" could mean, in order of how often they are meant.
DEFINITIONS = ("sw-encounters", "usbp-encounters", "ofo-encounters", "nationwide-encounters")
#: Breakdowns of the month: (dimension, measure or None for the headline's, most rows shown).
_BREAKDOWNS = (
    ("component", None, 9),
    ("sector", "usbp-encounters", 9),
    ("field_office", "ofo-encounters", 9),
    ("state", None, 9),
    ("citizenship", None, 10),
    ("family_status", None, 9),
    ("authority", None, 9),
)
#: A breakdown whose newest month is older than this is named, not shown.
_STALE_MONTHS = 12

Row = Mapping[str, Any]
Line = list[list[Span] | None]


def cell(number: Number | None) -> list[Span] | None:
    """Return the cell of a table that holds one number, or none."""
    return None if number is None else [number]


class Truth:
    """The month at hand, every definition's whole history, and the words to say it in."""

    def __init__(self, archive: figures.Archive, speech: Speech, cite: Citations) -> None:
        self.archive = archive
        self.speech = speech
        self.cite = cite
        self.history = {name: self.series(name) for name in DEFINITIONS}
        known = [name for name in DEFINITIONS if not self.history[name].is_empty()]
        if not known:
            raise NotKnownError(
                "no monthly figure for the border had been published",
                remedy="`caudal figures releases` lists the days from which there is something to say",
            )
        #: The widest definition that had been published: what "the border" stands for in this briefing.
        self.head = known[0]
        self.month: str = self.history[self.head]["period"][-1]

    def series(self, measure: str, **options: Any) -> pl.DataFrame:
        """Return a series with the rows behind it, empty when nothing had been published."""
        try:
            return figures.series(measure, archive=self.archive, rows=True, **options)
        except NotKnownError:
            return pl.DataFrame(schema={"period": pl.String, "value": pl.Int64})

    def row(self, measure: str, period: str) -> Row | None:
        """Return the row of a measure's month, or None when nothing had been published."""
        found = self.history[measure].filter(pl.col("period") == period)
        return found.row(0, named=True) if found.height else None

    def figure(self, measure: str, period: str) -> Number | None:
        """Return the figure of a measure's month as a number with its source."""
        row = self.row(measure, period)
        return self.cite.figure(row, self.speech.text(f"def_{measure}")) if row else None


def _earlier(period: str, months: int) -> str:
    return month_label(add_months(parse_month(period), -months))


def section(truth: Truth) -> Section:
    """Return section 1."""
    blocks: list[Block] = [_facts(truth), _record(truth)]
    blocks += _charts_of(truth)
    blocks += [block for parts in (_breakdown(truth, *one) for one in _BREAKDOWNS) for block in parts]
    blocks += _revisions(truth)
    return Section(id="truth", title=truth.speech.text("section_truth"), blocks=blocks)


def _facts(truth: Truth) -> Facts:
    facts = []
    for measure in DEFINITIONS:
        number = truth.figure(measure, truth.month)
        if number is None:
            continue
        before = truth.figure(measure, _earlier(truth.month, 12))
        facts.append(
            Fact(
                label=truth.speech.text(f"short_{measure}"),
                number=number,
                spans=_change(truth, number, before, "fact_change", _earlier(truth.month, 12)),
            )
        )
    facts += _to_date(truth)
    return Facts(facts=facts)


def _change(truth: Truth, new: Number, old: Number | None, key: str, month: str) -> list[Any]:
    if old is None or old.value == 0:
        return truth.speech.spans("fact_none", month=truth.speech.month(month))
    sign = "+" if new.value >= old.value else "−"
    return truth.speech.spans(
        key, sign=sign, percent=truth.cite.percent(new, old), month=truth.speech.month(month), value=old
    )


def _to_date(truth: Truth) -> list[Fact]:
    """Return the fiscal year so far beside the same months a year before (when there are at least two)."""
    last = parse_month(truth.month)
    year = fiscal_year(last)
    if last.month == 10:
        return []
    whole = last.month == 9
    label = truth.speech.text("fy_label" if whole else "fytd_label", year=year)
    now, before = (_sum_since_october(truth, year - back, label) for back in (0, 1))
    if now is None:
        return []
    key = "fact_fy" if whole else "fact_fytd"
    return [Fact(label=label, number=now, spans=_change(truth, now, before, key, _earlier(truth.month, 12)))]


def _sum_since_october(truth: Truth, year: int, label: str) -> Number | None:
    """Return the sum of a fiscal year's months up to the month at hand, each from its own release."""
    first = month_label(fiscal_start(year))
    last = _earlier(truth.month, 12 * (fiscal_year(parse_month(truth.month)) - year))
    months = truth.history[truth.head].filter(pl.col("period").is_between(pl.lit(first), pl.lit(last)))
    expected = (parse_month(last).year - parse_month(first).year) * 12 + parse_month(last).month - 9
    if months.height != expected:
        return None
    parts = [truth.cite.figure(row, truth.speech.text(f"def_{truth.head}")) for row in months.to_dicts()]
    how = truth.speech.text(
        "summed", count=len(parts), first=truth.speech.month(first), last=truth.speech.month(last)
    )
    return truth.cite.total(parts, label, how)


def _record(truth: Truth) -> Headline:
    """Check "the highest (or lowest) November on record" under every definition, as `caudal check` does."""
    speech = truth.speech
    history = _same_month(truth, truth.head)
    value = history["value"][-1]
    highest = int((history["value"] > value).sum()) <= int((history["value"] < value).sum())
    claim = speech.text(
        "claim_highest" if highest else "claim_lowest",
        month=speech.month(truth.month),
        month_name=speech.month_name(truth.month),
    )
    day = parse_month(truth.month)
    statement = statements.Record(
        statements.month(day.year, day.month), extreme="high" if highest else "low", same_month=True
    )
    definitions = [statements.Definition(name) for name in DEFINITIONS]
    found = statements.verdicts_on(statement, definitions, archive=truth.archive)
    return Headline(claim=claim, chips=[_chip(truth, verdict, highest) for verdict in found])


def _same_month(truth: Truth, measure: str) -> pl.DataFrame:
    history = truth.history[measure]
    return history.filter(pl.col("period").str.ends_with(truth.month[4:])).filter(
        pl.col("period") <= truth.month
    )


def _chip(truth: Truth, verdict: statements.Verdict, highest: bool) -> Chip:
    first = verdict.edition == "first_published"
    spans = _as_first_published(truth, verdict) if first else _reason(truth, verdict, highest)
    return Chip(
        verdict="true_as_first_published" if first and verdict.verdict == "true" else verdict.verdict,
        definition=truth.speech.text(f"def_{verdict.measure}"),
        spans=spans,
    )


def _reason(truth: Truth, verdict: statements.Verdict, highest: bool) -> list[Span]:
    """Say a verdict's numbers, each with its source."""
    speech = truth.speech
    number = truth.figure(verdict.measure, truth.month)
    if number is None:
        return speech.spans("extreme_unknown_month", month=speech.month(truth.month))
    history = _same_month(truth, verdict.measure)
    side = speech.text("higher" if highest else "lower")
    common: dict[str, Any] = {"value": number, "plural": speech.month_plural(truth.month), "side": side}
    if history.height < 2:
        return speech.spans("extreme_unknown_history", month_name=speech.month_name(truth.month), **common)
    other = truth.figure(verdict.measure, verdict.comparison_period) if verdict.comparison_period else None
    if verdict.verdict == "unknown" or other is None:
        return speech.spans(
            "extreme_false_bounded" if verdict.verdict == "false" else "extreme_open", **common
        )
    common |= {
        "other": other,
        "other_month": speech.month(str(verdict.comparison_period)),
        "since": history["period"][0][:4],
    }
    if verdict.verdict == "true":
        return speech.spans("extreme_yes", count=history.height - 1, **common)
    rank = int((history["value"] > number.value).sum()) + 1
    return speech.spans("extreme_no", rank=rank, total=history.height, **common)


def _as_first_published(truth: Truth, verdict: statements.Verdict) -> list[Span]:
    released = truth.archive.release(verdict.releases[0]).released
    then = figures.series(
        verdict.measure, archive=truth.archive.at(released), period=(truth.month, truth.month), rows=True
    )
    number = truth.cite.figure(then.row(0, named=True), truth.speech.text(f"def_{verdict.measure}"))
    return truth.speech.spans("first_published", released=truth.speech.day(released), value=number)


def _charts_of(truth: Truth) -> list[Block]:
    blocks: list[Block] = []
    for measure in DEFINITIONS[:2]:
        history = _same_month(truth, measure)
        if history.height >= 3 and history["period"][-1] == truth.month:
            blocks.append(_charts.strip(history, measure, truth.speech, truth.cite))
    longest = truth.history[truth.head]
    if longest.height >= 12:
        blocks.append(_charts.line(longest, truth.head, truth.speech, truth.cite))
    return blocks


def _breakdown(truth: Truth, dimension: str, measure: str | None, most: int) -> list[Block]:
    speech = truth.speech
    title = (dimension_title(dimension, speech.language)).lower()
    title = {"sector": speech.text("dim_sector"), "field_office": speech.text("dim_field_office")}.get(
        dimension, title
    )
    frame = truth.series(measure or truth.head, by=[dimension])
    if frame.is_empty():
        return [Paragraph(spans=speech.spans("table_none", dimension=title))]
    month: str = frame["period"].max()  # type: ignore[assignment]
    if month < _earlier(truth.month, _STALE_MONTHS):
        return [Paragraph(spans=speech.spans("table_stale", dimension=title, month=speech.month(month)))]
    key = "table_by" if month == truth.month else "table_by_older"
    caption = speech.text(key, dimension=title, month=speech.month(month))
    columns = [
        first_upper(title),
        speech.month(month),
        speech.month(_earlier(month, 1)),
        speech.month(_earlier(month, 12)),
        speech.text("col_change"),
        speech.text("col_share"),
    ]
    return [Table(caption=caption, columns=columns, rows=_rows(truth, frame, dimension, month, most))]


def _rows(truth: Truth, frame: pl.DataFrame, dimension: str, month: str, most: int) -> list[Line]:
    """Return the rows of a breakdown, largest first, the smallest added up when there are too many."""
    months = [month, _earlier(month, 1), _earlier(month, 12)]
    by_month = {
        period: {row[dimension]: row for row in frame.filter(pl.col("period") == period).to_dicts()}
        for period in months
    }
    codes = sorted(by_month[month], key=lambda code: (-by_month[month][code]["value"], code))
    codes = [code for code in codes if any(by_month[p].get(code, {"value": 0})["value"] for p in months)]
    shown = codes if len(codes) <= most else codes[: most - 1]
    lines: list[list[Number | None]] = []
    names = []
    for code in shown:
        name = name_of(dimension, code, truth.speech.language)
        lines.append(
            [truth.cite.figure(rows[code], name) if code in rows else None for rows in by_month.values()]
        )
        names.append(name)
    rest = [code for code in codes if code not in shown]
    if rest:
        name = truth.speech.text("others", count=len(rest))
        lines.append([_rest(truth, rows, rest, name) for rows in by_month.values()])
        names.append(name)
    firsts = [numbers[0] for numbers in lines if numbers[0] is not None]
    whole = truth.cite.total(firsts, "", "") if firsts else None
    return [
        [[name], *map(cell, numbers), *map(cell, _derived(truth, numbers, whole))]
        for name, numbers in zip(names, lines, strict=True)
    ]


def _rest(truth: Truth, rows: Mapping[str, Row], codes: list[str], name: str) -> Number | None:
    parts = [truth.cite.figure(rows[code], name) for code in codes if code in rows]
    how = truth.speech.text("summed_rows", count=len(parts))
    return truth.cite.total(parts, name, how) if parts else None


def _derived(truth: Truth, numbers: list[Number | None], whole: Number | None) -> list[Number | None]:
    now, _, before = numbers
    change = truth.cite.signed(now, before, percent=True) if now and before and before.value else None
    share = truth.cite.share(now, whole) if now and whole and whole.value else None
    return [change, share]


def _revisions(truth: Truth) -> list[Block]:
    """Return what the newest release of the month's table restated against the one before it."""
    speech = truth.speech
    row = truth.row(truth.head, truth.month)
    assert row is not None
    newest = truth.archive.release(row["release"])
    earlier = [
        r for r in truth.archive.releases if r.source == newest.source and r.released < newest.released
    ]
    if not earlier:
        return [Paragraph(spans=speech.spans("revised_first", released=speech.day(newest.released)))]
    before = truth.archive.at(earlier[-1].released)
    label = speech.text(f"def_{truth.head}")
    publisher_table = str(row["table"])
    old = figures.series(truth.head, archive=before, rows=True)
    both = truth.history[truth.head].join(old, on="period", suffix="_old")
    both = both.filter((pl.col("table") == publisher_table) & (pl.col("table_old") == publisher_table))
    moved = both.filter(pl.col("value") != pl.col("value_old"))
    if moved.is_empty():
        return [
            Paragraph(
                spans=speech.spans(
                    "revised_none",
                    released=speech.day(newest.released),
                    before=speech.day(earlier[-1].released),
                )
            )
        ]
    rows: list[Line] = []
    for line in moved.to_dicts():
        now = truth.cite.figure(line, label)
        was = truth.cite.figure({name: line.get(f"{name}_old", line[name]) for name in old.columns}, label)
        moved_by = truth.cite.signed(now, was, percent=False)
        rows.append([[speech.month(line["period"])], [was], [now], [moved_by]])
    return [
        Table(
            caption=speech.text("revised_title", released=speech.day(newest.released)),
            columns=[
                speech.text("col_month"),
                speech.text("col_was", day=speech.day(earlier[-1].released)),
                speech.text("col_is", day=speech.day(newest.released)),
                speech.text("col_moved"),
            ],
            rows=rows,
        )
    ]
