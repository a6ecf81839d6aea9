package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Parse reads a policy in JSON. Keys that aren't known are errors.
func Parse(data []byte) (*Policy, error) {
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	var f File
	if err := in.Decode(&f); err != nil {
		return nil, fmt.Errorf("a policy in JSON, byte %d: %w", in.InputOffset(), err)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("a policy in JSON, byte %d: something follows it", in.InputOffset())
	}
	return New(f)
}
