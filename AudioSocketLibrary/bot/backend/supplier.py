"""The supplier's delivery service: the dependency that can be made slow or fail, behind a circuit breaker."""

from __future__ import annotations

from ..faults import Faults
from .breaker import Breaker

_DAYS = {"accepted": 3, "packed": 2, "sent": 1, "delivered": 0}


class Supplier:
    """Knows when an order arrives."""

    def __init__(self, faults: Faults, breaker: Breaker) -> None:
        self._faults = faults
        self._breaker = breaker

    def days_to_delivery(self, status: str, uuid: str = "") -> int:
        """Days until an order arrives.

        Raises:
            BreakerOpen: it failed too often lately.
            FaultStruck: it fails.
        """
        with self._breaker.guard():
            self._faults.suffer("dependency", uuid)
            return _DAYS.get(status, 3)
