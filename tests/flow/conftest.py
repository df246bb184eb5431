"""Small synthetic cases in Flee's format, made for these tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from caudal.network import FleeCase, read_flee

SETTINGS = """\
spawn_rules:
  conflict_spawn_decay: [1.0, 0.5, 0.1]
  conflict_spawn_decay_interval: 20
  insert_day0: true
move_rules:
  max_move_speed: 200
  max_walk_speed: 35
  conflict_weight: 0.25
  default_movechance: 0.3
  awareness_level: 1
"""

LOCATIONS = """\
#name,region,country,latitude,longitude,location_type,conflict_date,population
Alpha,East,Home,1.0,30.0,conflict_zone,0,50000
Beta,East,Home,1.5,30.4,conflict_zone,12,30000
Gamma,West,Home,2.0,31.0,town,,
Delta,West,Home,2.4,31.3,town,,
Hub,Border,Away,2.8,31.8,forwarding_hub,,
Oak,Border,Away,3.0,32.0,camp,,2000
Elm,Border,Away,2.6,32.4,camp,,900
Ash,Border,Far,0.5,29.0,camp,,4000
"""

ROUTES = """\
#name1,name2,distance,forced_redirection
Alpha,Beta,70,0
Alpha,Gamma,150,0
Beta,Gamma,85,0
Gamma,Delta,55,0
Delta,Hub,65,0
Hub,Oak,30,0
Hub,Elm,75,2
Delta,Elm,130,0
Alpha,Ash,310,0
"""

CLOSURES = """\
#closure_type,name1,name2,closure_start,closure_end
country,Home,Far,0,15
location,Elm,,5,25
camp,Oak,,0,8
"""


def write_case(root: Path, *, days: int = 60, scale: float = 1.0, **files: str) -> Path:
    """Write the synthetic case; ``files`` replace or add files by stem."""
    inputs, source = root / "input_csv", root / "source_data"
    inputs.mkdir(parents=True)
    source.mkdir()
    names = ["Alpha", "Beta", "Gamma", "Delta", "Hub", "Oak", "Elm", "Ash"]
    conflicts = "#Day," + ",".join(names) + "\n"
    for day in range(days):
        conflicts += f"{day},1,{int(12 <= day < 45)},0,0,0,0,0,0\n"
    texts = {
        "locations": LOCATIONS,
        "routes": ROUTES,
        "closures": CLOSURES,
        "conflicts": conflicts,
        "sim_period": f"StartDate,2020-01-01\nLength,{days}\n",
    }
    settings = files.pop("simsetting", SETTINGS)
    for name, text in (texts | files).items():
        (inputs / f"{name}.csv").write_text(text, encoding="utf-8")
    (root / "simsetting.yml").write_text(settings, encoding="utf-8")
    (source / "data_layout.csv").write_text(
        "total,refugees.csv\nOak,oak.csv\nElm,elm.csv\nAsh,ash.csv\n", encoding="utf-8"
    )
    series = {"oak": (40, 1500, 2300), "elm": (20, 500, 1000), "ash": (0, 900, 1700)}
    series["refugees"] = tuple(map(sum, zip(*series.values(), strict=True)))
    for name, (first, middle, last) in series.items():
        rows = f"2020-01-01,{int(first * scale)}\n2020-01-20,{int(middle * scale)}\n2020-03-01,{int(last * scale)}\n"
        (source / f"{name}.csv").write_text("Date,people\n" + rows, encoding="utf-8")
    return root


@pytest.fixture
def make_case(tmp_path: Path) -> Callable[..., FleeCase]:
    """Write and read the synthetic case, with settings changed and files replaced."""
    made = iter(range(1000))

    def make(
        *, files: dict[str, str] | None = None, days: int = 60, scale: float = 1.0, **changes: object
    ) -> FleeCase:
        from dataclasses import replace

        case = read_flee(write_case(tmp_path / f"case{next(made)}", days=days, scale=scale, **(files or {})))
        return replace(case, settings=case.settings.changed(**changes))

    return make
