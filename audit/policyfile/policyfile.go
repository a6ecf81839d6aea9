// Package policyfile reads and writes policies in YAML, with the line of what is wrong
// in them. It is apart from package policy, which is in the engine, and has no dependency.
package policyfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/audit/policy"
	"go.yaml.in/yaml/v4"
)

// Load reads the policy in a file.
func Load(path string) (*policy.Policy, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, text)
}

// Parse reads a policy in YAML; name is how errors call it. Keys that aren't known, or
// are there twice, are errors.
func Parse(name string, text []byte) (*policy.Policy, error) {
	f, err := parse(name, text)
	if err != nil {
		return nil, err
	}
	p, err := policy.New(f)
	var wrong *policy.Error
	if errors.As(err, &wrong) {
		return nil, fmt.Errorf("%s%s: %w", name, lineOf(text, wrong.Where), err)
	}
	return p, err
}

func parse(name string, text []byte) (f policy.File, err error) {
	in := yaml.NewDecoder(bytes.NewReader(text))
	in.KnownFields(true)
	if err := in.Decode(&f); errors.Is(err, io.EOF) {
		return f, fmt.Errorf("%s: there is no policy in it: begin with \"version: %d\"", name, policy.Version)
	} else if err != nil {
		return f, fmt.Errorf("%s: %w", name, err)
	}
	if err := in.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return f, fmt.Errorf("%s: a second document follows the policy", name)
	}
	return f, nil
}

// JSON is a policy in YAML as one in JSON, for those who read only that.
func JSON(name string, text []byte) (policy.File, error) {
	f, err := parse(name, text)
	if err == nil {
		_, err = Parse(name, text)
	}
	return f, err
}

// Write writes a policy, with lines of comment before it.
func Write(w io.Writer, f policy.File, comment ...string) error {
	for _, line := range comment {
		if _, err := fmt.Fprintf(w, "# %s\n", line); err != nil {
			return err
		}
	}
	out := yaml.NewEncoder(w)
	out.SetIndent(2)
	if err := out.Encode(f); err != nil {
		return err
	}
	return out.Close()
}

// lineOf is ":line" of a place in a document, as policy.Error names it; "" if it isn't there.
func lineOf(text []byte, where string) string {
	var document yaml.Node
	if yaml.Unmarshal(text, &document) != nil || len(document.Content) == 0 {
		return ""
	}
	node := document.Content[0]
	for step := range strings.SplitSeq(where, ".") {
		name, index, indexed := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		value := child(node, name)
		if value == nil {
			return ""
		}
		node = value
		if i, err := strconv.Atoi(index); indexed && err == nil && i < len(node.Content) {
			node = node.Content[i]
		}
	}
	return fmt.Sprintf(":%d", node.Line)
}

func child(node *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i+1]
		}
	}
	return nil
}
