"""``python -m reverb_server`` is ``reverb-server``."""

from reverb_server.cli import main

main()
