"""The analyst: one series, every release."""

import marimo

app = marimo.App(width="medium", app_title="The analyst")


@app.cell
def _():
    import marimo as mo

    return (mo,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        # The analyst: one series, every release

        Encounters at the southwest land border as they stand now and as they stood on 22 December 2023, how
        one month was restated, which rows of which file a figure adds up from, and whether tables that
        count the same thing agree.
        """
    )
    return


@app.cell
def _():
    from caudal import figures

    DAY = "2023-12-22"
    now = figures.series("sw-encounters")
    then = figures.series("sw-encounters", as_of=DAY)
    now.tail(3), then.tail(3)
    return (DAY, figures, now, then)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        What was said about November 2023, release by release. Nothing is overwritten: each release is kept
        whole.
        """
    )
    return


@app.cell
def _(figures):
    triangle = figures.triangle("sw-encounters", "2023-11")
    triangle
    return (triangle,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        The rows of the publisher's file that add up to Border Patrol's figure in the Tucson sector.
        """
    )
    return


@app.cell
def _(figures):
    rows = figures.trace("usbp-encounters", "2023-11", where={"sector": "Tucson"})
    total = int(rows["value"].sum())
    rows.head(5), total
    return (rows, total)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        By sector, against the year before, as of that day.
        """
    )
    return


@app.cell
def _(figures):
    import polars as pl

    sectors = figures.year_on_year(figures.series("usbp-encounters", by=["sector"], as_of="2024-12-31"))
    last = sectors.filter(pl.col("period") == sectors["period"].max()).sort("value", descending=True)
    last.select("sector", "value", "previous", "percent")
    return (last, pl, sectors)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        All Novembers, the highest first: the comparison behind "the highest November on record".
        """
    )
    return


@app.cell
def _(figures, then):
    novembers = figures.same_month(then, 11).sort("rank")
    novembers.select("period", "value", "rank", "release")
    return (novembers,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        Do the publishers' tables agree where they count the same thing? Every difference is listed with its
        reason.
        """
    )
    return


@app.cell
def _(figures):
    agreed = figures.reconcile()
    agreed.summary.select("compared", "cells", "equal", "rounding", "revision", "known", "disagreement")
    return (agreed,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        A chart that shows from whom each month comes and where the meaning of the measure changes.
        """
    )
    return


@app.cell
def _(figures, now):
    picture = figures.chart(
        "sw-encounters", now, title="Encounters rose after 2020 and fell in 2024 and 2025"
    )
    picture
    return (picture,)


if __name__ == "__main__":
    app.run()
