"""What roles and rights are called."""

from __future__ import annotations

from typing import Final

from kiosk.i18n import later
from kiosk.rules.permissions import Role, State

ROLE_WORDS: Final = {
    Role.CASHIER: later("Cashier"),
    Role.LEAD: later("Lead"),
    Role.MANAGER: later("Manager"),
    Role.OWNER: later("Owner"),
    Role.TECHNICIAN: later("Technician"),
}

STATE_WORDS: Final = {
    State.ALLOWED: later("allowed"),
    State.DENIED: later("denied"),
    State.APPROVAL: later("with approval"),
}
