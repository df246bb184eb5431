"""The planner of shelters: how much room may be needed."""

import marimo

app = marimo.App(width="medium", app_title="The planner of shelters")


@app.cell
def _():
    import marimo as mo

    return (mo,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        # The planner of shelters: how much room may be needed

        A shelter network near the border has to decide in December 2023 for how many arrivals to prepare.
        What had been published by then, what could come with which probability, and how such forecasts have
        done.
        """
    )
    return


@app.cell
def _():
    from caudal import forecast

    DAY, CAPACITY = "2023-12-22", 250_000
    ahead = forecast.run("sw-encounters", as_of=DAY, capacity=CAPACITY)
    ahead.interval(0.8)
    return (CAPACITY, DAY, ahead, forecast)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        The chance that a month brings more than the capacity, and that it is a record for its calendar
        month. A capacity that is exceeded with one chance in ten is not the same as one exceeded with one
        in two.
        """
    )
    return


@app.cell
def _(ahead):
    above = ahead.probability_above()
    record = ahead.probability_record()
    above, record
    return (above, record)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        How much room covers nine futures in ten? Quantiles rather than a middle: the cost of too few beds
        is not the cost of too many.
        """
    )
    return


@app.cell
def _(ahead):
    import polars as pl

    q90 = ahead.quantiles.filter(pl.col("output_type_id") == 0.9)
    q90
    return (pl, q90)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        What happened afterwards, for the record: a forecast is judged by what came.
        """
    )
    return


@app.cell
def _(ahead):
    came = ahead.outcomes()
    came
    return (came,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        How models have done on targets since 2020, relative to the last published value. Below 1 is better,
        and little is.
        """
    )
    return


@app.cell
def _(pl):
    from caudal.forecast.results import headline, kept

    board = headline(kept()[0]).filter((pl.col("window") == "evaluation") & (pl.col("level") == "sw-total"))
    board.select("model", "relative_wis", "coverage_50", "coverage_80", "coverage_95", "n")
    return (board, headline, kept)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        What happens to people: deaths and disappearances recorded near the border, beside encounters of the
        same months. Recorded deaths are those that were found.
        """
    )
    return


@app.cell
def _():
    from caudal import figures

    measures = [name for name in figures.measures() if "missing" in name or "dead" in name or "death" in name]
    deaths = {name: figures.series(name, as_of="2025-12-31").tail(6) for name in measures[:2]}
    deaths
    return (deaths, figures, measures)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        Arrivals at one shelter in Tucson, day by day, as long as they were published.
        """
    )
    return


@app.cell
def _(figures, pl):
    arrivals = figures.series("tucson-shelter-arrivals")
    day = pl.col("value")
    arrivals.select(day.mean().alias("mean a day"), day.max().alias("most on a day"), day.len().alias("days"))
    return (arrivals, day)


if __name__ == "__main__":
    app.run()
