"""Several processes that serve as one: a parent that serves nobody, and its workers.

The parent holds the listeners, and starts each worker as an ordinary server with given sockets.
They talk over a `Link`.
"""
