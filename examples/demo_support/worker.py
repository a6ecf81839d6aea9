"""The worker process: loads objects from a pipe, uses them, and answers.

Run as a script, in a folder of its own: nothing of the demo's source is in reach.
Requests and answers are pickles, one after the other, on standard input and output.
A request is two payloads: what to do, None to load only, and the object to do it with.
"""

from __future__ import annotations

import os
import pickle
import sys

import gocloudpickle


def serve(requests, replies):
    while True:
        try:
            use, payload = pickle.load(requests)
        except EOFError:
            return
        try:
            value = gocloudpickle.loads(payload)
            reply = None, None if use is None else gocloudpickle.loads(use)(value)
        except Exception as error:
            reply = f"{type(error).__name__}: {error}", None
        pickle.dump(reply, replies)
        replies.flush()


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != here]
    # What a loaded object prints must not get between the replies.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, replies)
