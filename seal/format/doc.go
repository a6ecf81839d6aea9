// Package format is the bytes of sealed envelopes, without keys, clocks or files: heads,
// statements and manifests, and what is signed of them. Package seal is made of it, and
// so is the engine's part of gocloudpickle.sealed. docs/sealed-format.md specifies them.
package format
