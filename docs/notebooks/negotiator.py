"""The negotiator: which packages both sides could sign."""

import marimo

app = marimo.App(width="medium", app_title="The negotiator")


@app.cell
def _():
    import marimo as mo

    return (mo,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        # The negotiator: which packages both sides could sign

        The talks of December 2023 as a file: asks and counter-asks, what each side cares for, what it has
        without a deal. Weights and effects are stated assumptions, made to be changed.
        """
    )
    return


@app.cell
def _():
    from caudal import bargain

    result = bargain.solve("2023-12-us-mexico", draws=200)
    result.summary()["note"], int(result.zone.sum()), round(result.agreement, 2)
    return (bargain, result)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        The package in the middle of the bargaining set, what each side gains over no deal, and what is
        expected of it.
        """
    )
    return


@app.cell
def _(result):
    best = result.recommended
    package = result.package(best)
    package["label"], package["gains"], package["outcomes"]
    return (best, package)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        Why each side would sign: the gain split over its interests, and what is lost if a term is left out.
        """
    )
    return


@app.cell
def _(bargain, package, result):
    why = bargain.explain(result, package["package"])
    why["by_interest"], why["without"]
    return (why,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        All packages at once: grey ones would be refused by somebody.
        """
    )
    return


@app.cell
def _(bargain, result):
    picture = bargain.pareto_chart(result)
    picture
    return (picture,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        Which packages survive most weightings and draws of evidence? A package that is best on paper and
        fragile is a bad bet.
        """
    )
    return


@app.cell
def _(result):
    order = sorted(range(len(result.packages)), key=lambda i: -result.acceptable[i])[:5]
    survivors = [(result.packages.label(i), round(float(result.acceptable[i]), 2)) for i in order]
    survivors
    return (order, survivors)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        What the answer rests on: assumptions that change the recommendation at an end of their range.
        """
    )
    return


@app.cell
def _(result):
    influential = [one.to_dict() for one in result.influential[:6]]
    influential
    return (influential,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        What linking the issues is worth, against bargaining over one ask at a time.
        """
    )
    return


@app.cell
def _(result):
    linkage = result.linkage_value
    linkage
    return (linkage,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        What the public thinks of the handling of it, as of the day of the talks.
        """
    )
    return


@app.cell
def _():
    from caudal import opinion

    pooled = opinion.pool("immigration", as_of="2023-12-22")
    pooled.approve, pooled.disapprove
    return (opinion, pooled)


if __name__ == "__main__":
    app.run()
