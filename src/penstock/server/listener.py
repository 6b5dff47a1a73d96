"""The listening socket, bound before anything else is opened, so that a port in use changes nothing."""

from __future__ import annotations

import errno
import socket
from typing import Final

from penstock.composition.settings import Settings
from penstock.core.errors import PenstockError

_REASONS: Final = {
    errno.EADDRINUSE: "Port {port} on {host} is in use: stop the program that has it, or choose another with --port.",
    errno.EACCES: "Port {port} may not be used by this account: choose one from 1024 on with --port.",
    errno.EADDRNOTAVAIL: "{host} is not an address of this machine: choose another with --host.",
}
_SEND_BUFFER_BYTES: Final = 128 * 1024


class ListenError(PenstockError):
    """The address cannot be listened on."""

    code = "cannot_listen"


def bind(settings: Settings) -> socket.socket:
    """Bind the configured address; raises `ListenError`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        message = f"{settings.host} is not an address: choose another with --host."
        raise ListenError(message) from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Inherited by every accepted socket. Left alone, the kernel takes up to 4 MB for a reader that does not read.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        _set_write_deadline(listener, settings.write_deadline_s)
        listener.bind(address)
        # Listening at once is what finds a port that another socket took with the same option.
        listener.listen(settings.backlog)
    except OSError as error:
        listener.close()
        reason = _REASONS.get(error.errno or 0, "{host}:{port} cannot be listened on: " + (error.strerror or "") + ".")
        raise ListenError(reason.format(host=settings.host, port=settings.port)) from error
    return listener


def _set_write_deadline(listener: socket.socket, deadline_s: float) -> None:
    """Let the kernel drop who acknowledges nothing for that long; accepted sockets inherit it (Linux).

    Without it a peer whose packets are lost holds its connection for a quarter of an hour.
    """
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(deadline_s * 1000))
