"""Tests download code against a server that breaks responses on purpose."""

from ._handle import Event, Fault, Shortread, Verification, answer, fault, version
from ._server import Server, ServerError

__all__ = [
    "Event",
    "Fault",
    "Server",
    "ServerError",
    "Shortread",
    "Verification",
    "answer",
    "fault",
    "version",
]
