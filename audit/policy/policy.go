package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/audit"
)

// Version is that of the format of policies.
const Version = 1

// File is a policy as it is written. See docs/policy.schema.json.
type File struct {
	Version int `json:"version" yaml:"version"`
	// Extends are presets: what they allow is allowed too.
	Extends []string `json:"extends,omitempty" yaml:"extends,omitempty"`
	Allow   Allow    `json:"allow" yaml:"allow"`
}

// Allow is what a policy allows.
type Allow struct {
	// Modules are trusted with all names in them and below that are harmless, or of which
	// nobody knows what they do: "mypackage", or "*" for all. Names with a capability are not
	// among them.
	Modules []string `json:"modules,omitempty" yaml:"modules,omitempty"`
	// Names are trusted with whatever they can do by themselves: "collections.OrderedDict".
	Names []string `json:"names,omitempty" yaml:"names,omitempty"`
	// Capabilities are allowed to all names that have no others.
	Capabilities Capabilities `json:"capabilities,omitzero" yaml:"capabilities,omitempty"`
}

// Capabilities are those allowed while a pickle is loaded, and when its functions are called.
type Capabilities struct {
	Load []audit.Capability `json:"load,omitempty" yaml:"load,omitempty"`
	Call []audit.Capability `json:"call,omitempty" yaml:"call,omitempty"`
}

// Policy is what is allowed, ready to judge.
type Policy struct {
	modules      map[string]bool
	names        map[string]bool
	capabilities map[audit.When]map[audit.Capability]bool
}

// New makes a policy of what a file says. It is an error if that is no policy: where is the
// path to what is wrong, such as "allow.names[2]".
func New(f File) (*Policy, error) {
	p := &Policy{
		modules: map[string]bool{},
		names:   map[string]bool{},
		capabilities: map[audit.When]map[audit.Capability]bool{
			audit.OnLoad: {},
			audit.OnCall: {},
		},
	}
	if f.Version != Version {
		return nil, &Error{"version", fmt.Sprintf("is %d: this program knows %d", f.Version, Version)}
	}
	for i, name := range f.Extends {
		base, ok := presetFile(name)
		if !ok {
			return nil, &Error{fmt.Sprintf("extends[%d]", i), unknownPreset(name)}
		}
		q, err := New(base)
		if err != nil {
			return nil, err
		}
		p.add(q)
	}
	for i, m := range f.Allow.Modules {
		if m != "*" && !dotted(m) {
			return nil, &Error{fmt.Sprintf("allow.modules[%d]", i), fmt.Sprintf("%q is no module: write \"package.module\", or \"*\" for all", m)}
		}
		p.modules[m] = true
	}
	for i, n := range f.Allow.Names {
		if !dotted(n) || !strings.Contains(n, ".") {
			return nil, &Error{fmt.Sprintf("allow.names[%d]", i), fmt.Sprintf("%q is no name: write \"module.name\"", n)}
		}
		p.names[n] = true
	}
	known := append(audit.Capabilities(), audit.Pure)
	for when, list := range map[audit.When][]audit.Capability{
		audit.OnLoad: f.Allow.Capabilities.Load,
		audit.OnCall: f.Allow.Capabilities.Call,
	} {
		for i, c := range list {
			if !slices.Contains(known, c) {
				return nil, &Error{fmt.Sprintf("allow.capabilities.%s[%d]", when, i), fmt.Sprintf("%q is no capability: there are %s", c, joined(known))}
			}
			p.capabilities[when][c] = true
		}
	}
	return p, nil
}

// Error says what is wrong with a policy.
type Error struct {
	// Where is the path to it, such as allow.names[2].
	Where string
	Msg   string
}

func (e *Error) Error() string { return e.Where + " " + e.Msg }

func (p *Policy) add(q *Policy) {
	for m := range q.modules {
		p.modules[m] = true
	}
	for n := range q.names {
		p.names[n] = true
	}
	for when, all := range q.capabilities {
		for c := range all {
			p.capabilities[when][c] = true
		}
	}
}

// allowsModule says whether a name of which nobody knows more is trusted because of where
// it is. Names that lead out of there again are not: numpy.__builtins__.
func (p *Policy) allowsModule(name string) bool {
	for i, part := range strings.Split(name, ".") {
		if i > 0 && isDunder(part) {
			return false
		}
	}
	if p.modules["*"] || p.modules[name] {
		return true
	}
	for i := len(name) - 1; i > 0; i-- {
		if name[i] == '.' && p.modules[name[:i]] {
			return true
		}
	}
	return false
}

func isDunder(name string) bool {
	return len(name) > 4 && strings.HasPrefix(name, "__") && strings.HasSuffix(name, "__")
}

// canonical is how policies spell a name: what is in cloudpickle is the same in the copies
// of it that joblib, PySpark and Ray have.
func canonical(module, name string) string {
	if abi.IsModule(module) {
		module = abi.Module
	}
	return spelled(module, name)
}

// spelled is a name with its module.
func spelled(module, name string) string {
	if name == "" {
		return module
	}
	return module + "." + name
}

// dotted says whether a text can be names with dots between them.
func dotted(text string) bool {
	for part := range strings.SplitSeq(text, ".") {
		if part == "" || strings.ContainsAny(part, " \t\r\n*?[]:/") {
			return false
		}
	}
	return true
}

func joined(all []audit.Capability) string {
	texts := make([]string, len(all))
	for i, c := range all {
		texts[i] = string(c)
	}
	return strings.Join(texts, ", ")
}
