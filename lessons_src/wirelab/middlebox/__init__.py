"""A TCP relay on 127.0.0.1 that records a trace, and the rules that can be laid on it."""

from wirelab.middlebox.address import port_of
from wirelab.middlebox.flow import Flow
from wirelab.middlebox.relay import Middlebox
from wirelab.middlebox.rules import Handler, Pass, Rule

__all__ = ["Flow", "Handler", "Middlebox", "Pass", "Rule", "port_of"]
