"""python -m gocloudpickle script.py: run a program with the engine switched on."""

from gocloudpickle import _run

if __name__ == "__main__":
    _run.main()
