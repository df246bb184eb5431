"""One file per lever: what it does to the parameters of the corridor."""
