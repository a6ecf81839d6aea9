//go:build profile

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"os"
	"path"
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
	var profile bytes.Buffer
	if err := pprof.StartCPUProfile(&profile); err != nil {
		log.Fatal(err)
	}
	go func() {
		time.Sleep(d)
		pprof.StopCPUProfile()
		if err := writeProfile(name, &profile); err != nil {
			log.Print(err)
		}
	}()
}

// writeProfile writes a profile without what is particular to the machine that
// made it: the libraries that were loaded, and the folders of source files.
func writeProfile(name string, profile io.Reader) error {
	unpacked, err := gzip.NewReader(profile)
	if err != nil {
		return err
	}
	message, err := io.ReadAll(unpacked)
	if err != nil {
		return err
	}
	if message, err = portable(message); err != nil {
		return err
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(message); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(name, packed.Bytes(), 0o644)
}

// Fields of pprof's Profile message, github.com/google/pprof/proto/profile.proto.
const (
	fieldMapping     = 3
	fieldStringTable = 6
)

// portable drops the mappings of a Profile message and all of a path but the name.
func portable(message []byte) ([]byte, error) {
	var out []byte
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		value, m := binary.Uvarint(message[max(n, 0):])
		if n <= 0 || m <= 0 {
			return nil, errors.New("the profile ends in the middle of a field")
		}
		end, content := n+m, []byte(nil)
		if tag&7 == 2 { // a length and as many bytes; what else there is are numbers
			if value > uint64(len(message)-end) {
				return nil, errors.New("the profile ends in the middle of a field")
			}
			content = message[end : end+int(value)]
			end += int(value)
		}
		switch {
		case tag>>3 == fieldMapping:
		case tag>>3 == fieldStringTable && path.IsAbs(string(content)):
			name := path.Base(string(content))
			out = binary.AppendUvarint(out, tag)
			out = binary.AppendUvarint(out, uint64(len(name)))
			out = append(out, name...)
		default:
			out = append(out, message[:end]...)
		}
		message = message[end:]
	}
	return out, nil
}
