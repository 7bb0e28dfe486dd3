"""Heartbeats that can be tuned, a cable to pull, a server to freeze, and how long each end hears nothing."""

from wirelab.widgets.heartbeats.widget import HeartbeatPanel

__all__ = ["HeartbeatPanel"]
