"""Run the registry's `flee` on a network given as JSON; prints processor seconds of its day loop and the end state.

Usage: python flee_run.py NETWORK.json. Run by benchmarks/flow.py with an interpreter that has `flee` installed.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import sys
import time
from pathlib import Path

import numpy as np


def main() -> None:
    """Build the network through the public API, displace a constant number of people a day, move them."""
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sink = io.StringIO()
    with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
        from flee import flee
        from flee.SimulationSettings import SimulationSettings

        SimulationSettings.ReadFromYML(plan["settings"])
        random.seed(plan["seed"])
        np.random.seed(plan["seed"])
        world = flee.Ecosystem()
        places = {
            p["name"]: world.addLocation(
                name=p["name"],
                x=p["x"],
                y=p["y"],
                location_type=p["kind"],
                capacity=p["capacity"],
                pop=p["population"],
                foreign=p["foreign"],
                country=p["country"],
            )
            for p in plan["places"]
        }
        for start, end, length in plan["links"]:
            world.linkUp(start, end, length)
        begun = time.process_time()
        for _ in range(plan["days"]):
            for name in plan["sources"]:
                for _ in range(plan["per_day"]):
                    world.addAgent(location=places[name], attributes={})
            world.evolve()
        seconds = time.process_time() - begun
    print(json.dumps({"seconds": seconds, "people": {n: p.numAgents for n, p in places.items()}}))


main()
