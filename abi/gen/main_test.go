package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestGenerated compares what is generated with what is checked in.
func TestGenerated(t *testing.T) {
	for name, content := range files {
		got, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(got, content()) {
			t.Errorf("%s is not what package abi says (%v): run go generate ./abi", name, err)
		}
	}
}
