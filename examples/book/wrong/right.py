"""All that the wrong programs take from the right ones, one folder up."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from golang import bufio, fmt, net, runtime, strings, sync
from reverb2 import echo, say

__all__ = ["bufio", "echo", "fmt", "net", "runtime", "say", "strings", "sync"]
