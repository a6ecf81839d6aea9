package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestGenerated compares what is generated with what is checked in.
func TestGenerated(t *testing.T) {
	got, err := os.ReadFile(filepath.Join("..", "..", "..", filepath.FromSlash(file)))
	if err != nil || !bytes.Equal(got, layouts()) {
		t.Errorf("%s is not what package bytecode says (%v): run go generate ./bytecode", file, err)
	}
}
