"""What JupyterLab's server does differently for the course."""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Hands on what a kernel says at once.

    By default a short message waits until the page's system has acknowledged the one before, up to 40 ms
    (Nagle's algorithm, RFC 896), and live pictures stutter.
    """

    def connect(self) -> Any:
        """Begin to hand on."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
