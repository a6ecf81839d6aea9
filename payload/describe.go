package payload

import (
	"slices"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// Description is what a pickle holds, ready to be shown or written as JSON. What the
// fields hold comes from the payload: see [Node] for how it is cut and made harmless.
type Description struct {
	Offset   int64 `json:"offset"`
	Bytes    int64 `json:"bytes"`
	Protocol int   `json:"protocol"`
	// Python are the versions of CPython whose code is in it, as far as the code tells;
	// Cloudpickle what must be installed for the names of cloudpickle.
	Python      []string `json:"python,omitempty"`
	Cloudpickle string   `json:"cloudpickle,omitempty"`

	Functions []FunctionDescription `json:"functions,omitempty"`
	Classes   []ClassDescription    `json:"classes,omitempty"`
	// Needs is what the process that loads it must be able to import, and Requirements the
	// top-level packages of those that don't come with Python.
	Needs        []Need   `json:"needs,omitempty"`
	Requirements []string `json:"requirements,omitempty"`
	Tree         *Node    `json:"tree,omitempty"`
	// Secrets are what looks like one.
	Secrets []Secret `json:"secrets,omitempty"`
	// Problems are what could not be read. With one the rest is what is known all the same.
	Problems []string `json:"problems,omitempty"`
}

// FunctionDescription is a function that travels by value.
type FunctionDescription struct {
	Name      string `json:"name"`
	Signature string `json:"signature"`
	Doc       string `json:"doc,omitempty"`
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`
	Bytes     int64  `json:"bytes"`
	// Globals, Closure and Defaults are names, of what it takes along.
	Globals  []string `json:"globals,omitempty"`
	Closure  []string `json:"closure,omitempty"`
	Defaults []string `json:"defaults,omitempty"`
	Offset   int64    `json:"offset"`
}

// ClassDescription is a class that travels by value.
type ClassDescription struct {
	Name       string   `json:"name"`
	Doc        string   `json:"doc,omitempty"`
	Bases      []string `json:"bases,omitempty"`
	Enum       bool     `json:"enum,omitempty"`
	Members    []string `json:"members,omitempty"`
	Attributes []string `json:"attributes,omitempty"`
	Bytes      int64    `json:"bytes"`
	Offset     int64    `json:"offset"`
}

// Describe describes a pickle.
func (p *Payload) Describe() *Description {
	d := &Description{Offset: p.Offset, Bytes: p.Size, Protocol: p.Protocol, Cloudpickle: p.CloudpickleVersion(), Needs: p.Needs()}
	for _, g := range p.Code.Guesses {
		d.Python = append(d.Python, g.Version.String())
	}
	for _, e := range p.Events {
		if e.Kind == pickle.EventCalled {
			p.describeMade(d, e)
		}
	}
	d.Requirements = requirements(d.Needs)
	d.Tree, d.Secrets = p.tree()
	if p.Err != nil {
		d.Problems = append(d.Problems, p.Err.Error())
	}
	for _, err := range p.Code.Problems {
		d.Problems = append(d.Problems, err.Error())
	}
	return d
}

// describeMade adds what a call makes, if it is a function or a class.
func (p *Payload) describeMade(d *Description, e pickle.Event) {
	bytes, _ := p.Bytes(e.Value)
	if f, ok := p.Function(e.Value); ok {
		made := FunctionDescription{Name: qualified(f.Module, f.QualName), Signature: f.Signature(), Doc: firstLine(f.Doc),
			Bytes: bytes, Globals: names(f.Globals), Closure: names(f.Closure), Defaults: names(f.Defaults), Offset: e.From}
		if f.Code != nil {
			made.File, made.Line = printable(f.Code.Filename), f.Code.FirstLine
		}
		d.Functions = append(d.Functions, made)
	}
	if c, ok := p.Class(e.Value); ok {
		made := ClassDescription{Name: qualified(c.Module, c.QualName), Doc: firstLine(c.Doc), Enum: c.Enum,
			Members: names(c.Members), Attributes: names(c.Attributes), Bytes: bytes, Offset: e.From}
		for _, base := range c.Bases {
			_, name := p.describe(base)
			made.Bases = append(made.Bases, name)
		}
		d.Classes = append(d.Classes, made)
	}
}

func names(all []Captured) (some []string) {
	for _, c := range all {
		some = append(some, printable(c.Name))
	}
	return some
}

// firstLine is that of a docstring.
func firstLine(doc string) string {
	for line := range strings.Lines(doc) {
		if line = strings.TrimSpace(line); line != "" {
			return printable(line)
		}
	}
	return ""
}

// requirements are the top-level packages among what is needed that don't come with
// every supported Python.
func requirements(needs []Need) (all []string) {
	for _, n := range needs {
		top, _, _ := strings.Cut(n.Module, ".")
		if top == "" || isStandard(top) || top == "__main__" || slices.Contains(all, top) {
			continue
		}
		all = append(all, top)
	}
	slices.Sort(all)
	return all
}
