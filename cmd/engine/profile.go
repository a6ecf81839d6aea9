//go:build profile

package main

import (
	"log"
	"os"
	"runtime/pprof"
	"time"
)

// With the build tag "profile" the engine writes a CPU profile of its first
// GOCLOUDPICKLE_PROFILE_SECONDS (10) into the file that GOCLOUDPICKLE_PROFILE names.
// default.pgo, which go build takes inlining decisions from, is made with it:
// see docs/development.md.
func init() {
	name := os.Getenv("GOCLOUDPICKLE_PROFILE")
	if name == "" {
		return
	}
	d, err := time.ParseDuration(os.Getenv("GOCLOUDPICKLE_PROFILE_SECONDS") + "s")
	if err != nil {
		d = 10 * time.Second
	}
	f, err := os.Create(name)
	if err != nil {
		log.Fatal(err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		log.Fatal(err)
	}
	go func() {
		time.Sleep(d)
		pprof.StopCPUProfile()
		if err := f.Close(); err != nil {
			log.Print(err)
		}
	}()
}
