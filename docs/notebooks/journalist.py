"""The journalist: is it true, and of what."""

import marimo

app = marimo.App(width="medium", app_title="The journalist")


@app.cell
def _():
    import marimo as mo

    return (mo,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        # The journalist: is it true, and of what

        "The highest November on record" was said of three different series. Each statement is checked under
        every definition it could mean, as of a day and as first published.
        """
    )
    return


@app.cell
def _():
    from caudal import statements

    SAID = "November 2023 was the highest November for encounters at the southwest border"
    found = statements.check(SAID)
    found
    return (SAID, found, statements)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        Why it is misleading: one definition makes it true, another false. Every verdict has its table and
        its releases.
        """
    )
    return


@app.cell
def _(found):
    verdicts = [(one.verdict, one.definition, one.sentence, one.releases) for one in found]
    verdicts
    return (verdicts,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        On the day it was said, less was known. With `as_of`, nothing published later is read.
        """
    )
    return


@app.cell
def _(SAID, statements):
    then = statements.check(SAID, as_of="2023-12-22")
    then
    return (then,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        A whole article: its claims, who makes them, and what the figures say. (The text here is made up.)
        """
    )
    return


@app.cell
def _(statements):
    ARTICLE = """
    Border officials met in Mexico City on Wednesday. Encounters at the southwest border reached 242,418 in
    November 2023, according to US Customs and Border Protection. A senator said that Border Patrol encounters in
    November 2023 were the highest for any November. Shelters in Tucson said they were full.
    """
    reading = statements.read_text(ARTICLE, day="2023-12-28", as_of="2023-12-28")
    claims = [
        (claim.text, claim.speaker, [one.verdict for one in claim.verdicts] or claim.reason)
        for claim in reading.claims
    ]
    claims
    return (ARTICLE, claims, reading)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        A poll that is quoted: does it exist, and what does the pool of all polls say?
        """
    )
    return


@app.cell
def _():
    from caudal import opinion

    quoted = opinion.check(69, "disapprove", pollster="Monmouth")
    pooled = opinion.pool("immigration", as_of="2023-12-22")
    quoted.sentence, pooled.disapprove, pooled.note
    return (opinion, pooled, quoted)


@app.cell(hide_code=True)
def _(mo):
    mo.md(
        """
        A figure to cite: value, release, file and its hash, so that a reader can look it up.
        """
    )
    return


@app.cell
def _():
    from caudal import figures

    cited = (
        figures.trace("sw-encounters", "2023-11", as_of="2023-12-22")
        .select("release", "file", "sha256")
        .unique()
    )
    cited
    return (cited, figures)


if __name__ == "__main__":
    app.run()
