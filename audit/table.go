package audit

// The table of what names can do.

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed capabilities.txt
var capabilitiesText string

type table struct {
	rows map[string][]Capability
	// same are the modules whose names are those of others.
	same map[string]string
	// builtins are the names in the module builtins.
	builtins map[string]bool
}

var theTable = sync.OnceValue(func() *table {
	t := &table{rows: map[string][]Capability{}, same: map[string]string{}, builtins: map[string]bool{}}
	for line := range strings.Lines(capabilitiesText) {
		words := strings.Fields(line)
		switch {
		case len(words) < 2 || strings.HasPrefix(words[0], "#"):
			continue
		case words[1] == "=" && len(words) == 3:
			t.same[words[0]] = words[2]
			continue
		}
		caps := make([]Capability, 0, len(words)-1)
		for _, w := range words[1:] {
			caps = append(caps, Capability(w))
		}
		t.rows[words[0]] = caps
		if n, ok := strings.CutPrefix(words[0], "builtins."); ok && !strings.Contains(n, ".") {
			t.builtins[n] = true
		}
	}
	for from, to := range t.same {
		t.rows[from] = t.rows[to]
	}
	return t
})

func capabilityTable() map[string][]Capability { return theTable().rows }

func builtinNames() map[string]bool { return theTable().builtins }

// exactly are the capabilities in the row of a dotted name.
func (t *table) exactly(dotted string) ([]Capability, bool) {
	if caps, ok := t.rows[dotted]; ok {
		return caps, true
	}
	for end := len(dotted); end > 0; end = strings.LastIndexByte(dotted[:end], '.') {
		if to, ok := t.same[dotted[:end]]; ok {
			caps, ok := t.rows[to+dotted[end:]]
			return caps, ok
		}
	}
	return nil, false
}

// CapabilityOf is what a name can do: [Pure] alone for what only computes. It is that of the
// name itself, or of the nearest class or module around it that is in the table; known is
// false where there is none.
func CapabilityOf(module, name string) (caps []Capability, known bool) {
	dotted := module
	if name != "" {
		dotted += "." + name
	}
	t := theTable()
	for end := len(dotted); end > 0; end = strings.LastIndexByte(dotted[:end], '.') {
		if caps, ok := t.exactly(dotted[:end]); ok {
			return caps, len(caps) != 1 || caps[0] != Unknown
		}
	}
	return nil, false
}
