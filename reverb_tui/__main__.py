"""``python -m reverb_tui`` is ``reverb-tui``, and both begin here.

Imports next to nothing: a Ctrl-C before signals are in order would be a traceback.
"""

import gc
import signal


def main() -> None:
    """Run the command; ends the process."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until there is more to do than to end
    gc.disable()  # until the command runs: a tenth of the time to its first paint
    from reverb_tui import cli  # takes some tenths of a second

    cli.main()


if __name__ == "__main__":
    main()
