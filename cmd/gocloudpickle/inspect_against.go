package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/payload"
)

// againstScript imports what it is told to and prints what it can't.
//
//go:embed inspect_against.py
var againstScript string

// missingIn asks an interpreter which of what the pickles need it doesn't have. It
// imports modules, as loading a pickle would, but never sees a pickle.
func missingIn(python string, pickles []*payload.Description) ([]payload.Need, error) {
	var needs []payload.Need
	for _, d := range pickles {
		needs = append(needs, d.Needs...)
	}
	question, err := json.Marshal(needs)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(python, "-c", againstScript)
	cmd.Stdin = bytes.NewReader(question)
	answer, err := cmd.Output()
	if err != nil {
		detail := err.Error()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			lines := strings.Split(strings.TrimSpace(string(exit.Stderr)), "\n")
			detail += ": " + lines[len(lines)-1]
		}
		return nil, fmt.Errorf("asking %s: %s", python, detail)
	}
	var missing []payload.Need
	// What modules print while they are imported comes before the last line.
	lines := bytes.Split(bytes.TrimSpace(answer), []byte("\n"))
	if err := json.Unmarshal(lines[len(lines)-1], &missing); err != nil {
		return nil, fmt.Errorf("asking %s: its answer is no JSON: %w", python, err)
	}
	return missing, nil
}
