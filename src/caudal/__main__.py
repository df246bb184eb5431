"""``python -m caudal`` is the ``caudal`` command."""

from caudal.cli import main

main()
