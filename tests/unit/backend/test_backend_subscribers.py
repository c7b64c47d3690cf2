"""A subscriber's queue between two threads."""

import threading
from collections import deque

import pytest

from AudioSocketLibrary.bot.backend.subscribers import Subscription

pytestmark = pytest.mark.unit


class Interrupted(deque):
    """While somebody looks how long it is for the first time, another thread goes on."""

    other = None

    def __len__(self):
        found = super().__len__()
        other, self.other = self.other, None
        if other is not None:
            other.start()
            other.join(0.1)
        return found


def test_what_is_taken_while_others_are_told_is_not_counted_as_dropped():
    subscription, taken = Subscription(4), []
    subscription.put([1, 2, 3, 4])
    subscription._items = Interrupted(subscription._items, 4)
    subscription._items.other = taking = threading.Thread(target=lambda: taken.extend(subscription.take(2)))
    subscription.put([5])
    taking.join(5)
    taken += subscription.take()
    assert taken == sorted(taken)
    assert len(taken) + subscription.dropped == subscription.told == 5
