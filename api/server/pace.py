"""How often something may be done: a few times at once, and then now and then."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Pace:
    """A bucket of turns, which fills up again.

    Attributes:
        burst: turns in a full bucket.
        every_s: seconds in which one more comes in.
    """

    burst: int
    every_s: float
    _spent: float = 0.0
    _at: float = 0.0

    def take(self, now: float) -> float:
        """Takes a turn, and tells in how many seconds it comes.

        Args:
            now: seconds of a clock that does not go back.
        """
        self._spent = max(0.0, self._spent - (now - self._at) / self.every_s) + 1.0
        self._at = now
        return max(0.0, self._spent - self.burst) * self.every_s
