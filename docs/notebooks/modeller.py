"""The modeller: the corridor as data and as a model."""

import marimo

app = marimo.App(width="medium", app_title="The modeller")


@app.cell
def _():
    import marimo as mo

    return (mo,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        # The modeller: the corridor as data and as a model

        Places, links and ports are declared tables; the model is fitted to what had been published by a
        day; a scenario sets parameters; everything that no data give is an assumption with a range.
        """
    )
    return


@app.cell
def _():
    from caudal import corridor

    network = corridor.network()
    findings = corridor.check()
    corridor.places().head(5), corridor.links().head(5), len(findings)
    return (corridor, findings, network)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        What is assumed, and what the data say little about.
        """
    )
    return


@app.cell
def _(corridor):
    import polars as pl

    assumed = corridor.assumptions()
    assumed.group_by("group", "status").len().sort("group", "status")
    return (assumed, pl)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        Fit to 22 December 2023. Later releases are not read.
        """
    )
    return


@app.cell
def _(corridor, pl):
    fitted = corridor.calibrate("2023-12-22", months=12)
    observed, modelled = fitted.observed.sum(axis=(1, 2)), fitted.fitted.sum(axis=(1, 2))
    pl.DataFrame({"observed": observed.round(), "modelled": modelled.round()}).tail(6)
    return (fitted, modelled, observed)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        Six months ahead in expected flows, with nothing changed and with twice the interception in Mexico.
        Enforcement outcomes and what happens to people are printed together.
        """
    )
    return


@app.cell
def _(corridor, fitted, pl):
    base = corridor.simulate(fitted, 6)
    more = corridor.simulate(fitted, 6, {"interception_factor": 2.0})
    told = ("encounters_between_ports", "interceptions", "waiting", "held", "deaths_at_risk")
    changes = pl.DataFrame(
        [
            {"outcome": name, "base": base.total(name)[0].sum(), "more": more.total(name)[0].sum()}
            for name in told
        ]
    )
    changes.with_columns((100 * (pl.col("more") / pl.col("base") - 1)).round(1).alias("percent"))
    return (base, changes, more, told)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        A lever at its neutral value changes nothing, to the last person.
        """
    )
    return


@app.cell
def _(base, corridor, fitted):
    same = corridor.simulate(fitted, 6, {"interception_factor": 1.0})
    unchanged = all((same.parts[name].values == base.parts[name].values).all() for name in base.parts)
    unchanged
    return (same, unchanged)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        Nothing identifies how many people give up after an interception: the same lever under the two ends
        of that assumption.
        """
    )
    return


@app.cell
def _(corridor, fitted):
    ends = {
        share: corridor.simulate(
            fitted, 6, {"interception_factor": 2.0}, assumptions={"discouragement": share}
        )
        for share in (0.0, 0.6)
    }
    {share: float(one.total("encounters_between_ports")[0].sum()) for share, one in ends.items()}
    return (ends,)


if __name__ == "__main__":
    app.run()
