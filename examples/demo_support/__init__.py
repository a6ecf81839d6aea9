"""What the demo needs beside its objects: a worker, a pool, a clock and a table."""
