"""Run the command ``reverb-check``."""

from reverb_check.cli import main

if __name__ == "__main__":
    main()
