"""``python -m reverb_server`` is ``reverb-server``, and both begin here.

Imports next to nothing: before signals are in order, one ends the process in the wrong way.
"""

import gc
import os
import signal
import sys


def end_at_once_if_stopped() -> None:
    """Make stop signals end the process, while nothing can be pending; ignore the others."""
    if sys.platform != "win32":
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: os._exit(0))
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, signal.SIG_IGN)


def main() -> None:
    """Run the command; ends the process."""
    end_at_once_if_stopped()
    gc.disable()  # until the command runs: a twentieth of its start
    from reverb_server import cli  # takes a fifth of a second, in which signals come as well

    cli.main()


if __name__ == "__main__":
    main()
