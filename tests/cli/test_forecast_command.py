"""``caudal forecast`` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import Command

DAY = "2023-12-22"


def test_run_prints_intervals_and_what_happened(caudal_command: Command) -> None:
    done = caudal_command(
        "forecast", "run", "--as-of", DAY, "--outcome", "--capacity", "250000", "--model", "naive"
    )
    assert "2023-12" in done.stdout
    assert "301,981" in done.stdout
    assert "176,195" in done.stdout
    assert "P(above 250,000)" in done.stdout
    assert "last published month 2023-11" in done.stderr


def test_run_writes_hubverse_json_and_a_chart(caudal_command: Command, tmp_path: Path) -> None:
    shared = ("forecast", "run", "--as-of", DAY, "--model", "naive", "--quiet")
    table = tmp_path / "f.csv"
    done = caudal_command(*shared, "--by", "component", "--measure", "nationwide-encounters", "--format", "hubverse",
                          "-o", table, check=False)  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    caudal_command(*shared, "--by", "family-status", "--format", "hubverse", "-o", table)
    lines = table.read_text().splitlines()
    assert (
        lines[0] == "reference_date,target,horizon,location,target_end_date,output_type,output_type_id,value"
    )
    assert len(lines) == 1 + 5 * 6 * 23
    data = json.loads(caudal_command(*shared, "--format", "json", "--outcome").stdout)
    assert data["targets"][0] == "2023-12"
    assert len(data["quantiles"]) == 6 * 23
    chart = tmp_path / "fan.svg"
    caudal_command(*shared, "--format", "svg", "--outcome", "--lang", "es", "-o", chart)
    text = chart.read_text()
    assert text.startswith("<svg")
    assert "lo que ocurrió" in text
    imported = caudal_command("forecast", "import", table, "--name", "theirs")
    assert imported.stdout.strip().endswith("2023-12-22-theirs.csv")


def test_the_ledger_from_the_command_line(caudal_command: Command) -> None:
    caudal_command("forecast", "run", "--as-of", DAY, "--model", "naive", "--record")
    caudal_command("forecast", "claim", "--who", "An official", "--said", "temporary", "--published", "2023-12-28",
                   "--month", "2024-03", "--value", "242418", "--below")  # fmt: skip
    rows = json.loads(caudal_command("forecast", "score-ledger", "--format", "json").stdout)
    assert len(rows) == 7
    assert {row["model"] for row in rows} == {"caudal-naive", "An official"}
    assert next(row for row in rows if row["said"])["came_true"] is True


def test_nowcast_and_scoreboard(caudal_command: Command) -> None:
    made = json.loads(
        caudal_command(
            "forecast", "nowcast", "--as-of", "2023-12-29", "--model", "naive", "--format", "json"
        ).stdout
    )
    assert made["month"] == "2023-12"
    assert made["interval_80"][0] < 249_740 < made["interval_80"][1]
    rows = json.loads(caudal_command("forecast", "scoreboard", "--format", "json").stdout)
    assert {
        "model",
        "level",
        "horizon",
        "window",
        "relative_wis",
        "coverage_50",
        "coverage_80",
        "coverage_95",
        "n",
    } <= set(rows[0])
    assert {row["window"] for row in rows} >= {"development", "evaluation"}
    assert "published" in {row["model"] for row in rows}


def test_mistakes_are_one_line(caudal_command: Command) -> None:
    for wrong in (
        ("run", "--model", "naif"),
        ("run", "--as-of", "yesterday"),
        ("run", "--horizon", "99"),
        ("run", "-o", "x"),
        ("scoreboard", "--level", "totl"),
        ("nowcast", "--as-of", "2023-12-29", "--month", "2022-01"),
        ("backtest", "--model", "naif"),
        ("import", "absent.csv", "--name", "x"),
    ):
        done = caudal_command("forecast", *wrong, check=False)
        assert done.returncode == 2, wrong
        assert done.stderr.strip().splitlines()[-1].startswith("error: "), done.stderr
        assert "Traceback" not in done.stderr


def test_an_article_proposes_rows_and_enters_none(caudal_command: Command, tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text(
        "Border Patrol agents processed nearly 235,000 migrants in the first 28 days of December. "
        "Officials met in Mexico City to talk about it.\n"
    )
    done = caudal_command(
        "forecast", "propose", article, "--who", "A paper", "--published", "2023-12-29", "--format", "json"
    )
    (row,) = json.loads(done.stdout)
    assert (row["first"], row["last"], row["value"]) == ("2023-12-01", "2023-12-28", 235_000)
    assert "A paper" not in caudal_command("figures", "report", "list", "--format", "csv").stdout
