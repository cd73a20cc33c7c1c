"""The command ``reverb-server`` under attack."""

import os
import threading
import time

import pytest

from bench.clients import ATTACKS, good, serving
from tests.process.commands import BACKENDS, TIMEOUT

DELAY = 0.1
LONG = 0.2
"""Seconds that an attack takes."""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="memory is read from /proc")
@pytest.mark.parametrize("backend", BACKENDS)
def test_under_each_attack_memory_is_bounded_and_another_client_gets_all_in_time(
    backend: str,
) -> None:
    with serving("--delay", str(DELAY), "--backend", backend) as served:
        before, descriptors = served.memory(), served.descriptors()
        for name, attack in ATTACKS.items():
            attacker = threading.Thread(target=attack, args=(served.address, LONG))
            attacker.start()
            late = good(served.address, LONG, DELAY)
            attacker.join(TIMEOUT)
            assert late < 1, name
            assert served.memory(most=True) < before + 40, name
        for _ in range(50):
            if served.descriptors() <= descriptors:
                break
            time.sleep(0.1)
        assert served.descriptors() <= descriptors
        assert served.memory() < before + 30
