"""Puts the till on the machine: service units, device rules, the console. Touches no shop and no database."""

from kiosk.install.plan import Places, plan, removal
from kiosk.install.steps import Directory, Erase, Link, Run, Step, StepFailed, Write, apply

__all__ = ["Directory", "Erase", "Link", "Places", "Run", "Step", "StepFailed", "Write", "apply", "plan", "removal"]
