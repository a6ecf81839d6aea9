package main

// void environ_restore(void);
import "C"

// The runtime has read what it wants of the environment by now: see environ.c.
func init() { C.environ_restore() }
