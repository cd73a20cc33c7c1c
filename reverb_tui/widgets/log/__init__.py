"""The log: lines wrapped, followed, searched, selected and stamped."""

from reverb_tui.widgets.log.echo_log import EchoLog

__all__ = ["EchoLog"]
