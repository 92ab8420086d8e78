"""What was expected beside what was answered."""

import datetime
import time

SETTLE_S = 0.02


class Comparison:
    def __init__(self):
        self.asked, self.different = 0, []

    def equal(self, what, expected, answered):
        self.asked += 1
        if expected != answered:
            if isinstance(expected, list) and isinstance(answered, list):
                expected, answered = less(expected, answered), less(answered, expected)
            self.different.append({"what": what, "expected": expected, "answered": answered})


def less(one, other):
    """What of a list is not in the other; all of it where only the order differs."""
    rest = list(other)
    left = [entry for entry in one if entry not in rest or rest.remove(entry)]
    return left if len(left) > 0 or len(one) != len(other) else one


def moment():
    """Now, with nothing recorded within the same millisecond."""
    time.sleep(SETTLE_S)
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    time.sleep(SETTLE_S)
    return now.replace("+00:00", "Z")
