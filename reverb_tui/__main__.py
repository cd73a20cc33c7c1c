"""``python -m reverb_tui`` is ``reverb-tui``."""

from reverb_tui.cli import main

main()
