"""The application: the library's answers as pages, charts and an API, on this machine.

``serve`` runs it; ``application`` is the ASGI app for a server of your own.
"""

from __future__ import annotations

from caudal.web._app import application
from caudal.web._limits import Limits
from caudal.web._serve import HOST, PORT, is_loopback, serve

__all__ = ["HOST", "PORT", "Limits", "application", "is_loopback", "serve"]
