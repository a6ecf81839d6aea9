package payload

import (
	"slices"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// Need is something that the process which loads a payload must be able to import.
type Need struct {
	// Module is the dotted name of the module, Name the attribute of it that is used, which
	// may be dotted too; "" for the module itself.
	Module string `json:"module"`
	Name   string `json:"name,omitempty"`
	// When is "load", or "call" for what only the call of a function imports.
	When string `json:"when"`
	// By is the function that does it, "" for the stream itself.
	By string `json:"by,omitempty"`
	// Offset is where in the pickle that is: of the opcode, or of the function's code.
	Offset int64 `json:"offset"`
}

// Needs are the modules and names that loading the payload imports, and calling its
// functions, each once for each of the two, in the order of the payload.
func (p *Payload) Needs() []Need {
	var all []Need
	seen := map[Need]bool{}
	add := func(n Need) {
		key := Need{Module: n.Module, Name: n.Name, When: n.When}
		if n.Module != "" && !seen[key] {
			seen[key] = true
			all = append(all, n)
		}
	}
	for _, e := range p.Events {
		switch v := e.Value.(type) {
		case pickle.Global:
			if e.Kind == pickle.EventNamed {
				add(Need{Module: v.Module, Name: v.Name, When: "load", Offset: e.Offset})
			}
		case *pickle.Object:
			if name, ok := ImportedModule(v); ok && e.Kind == pickle.EventCalled {
				add(Need{Module: name, When: "load", Offset: e.Offset})
			}
			if c := p.Code.Of(v); c != nil && e.Kind == pickle.EventCalled {
				for _, n := range codeNeeds(c) {
					n.Offset = e.From
					add(n)
				}
			}
		}
	}
	return all
}

// codeNeeds are what the import statements of a code object name. Those in the code
// objects among its constants are their own.
func codeNeeds(c *bytecode.Code) (all []Need) {
	r, err := bytecode.NewResolver(c)
	if err != nil {
		return nil
	}
	by := c.QualName
	if by == "" {
		by = c.Name
	}
	module := ""
	var level, names bytecode.Instruction // the last two, which push them for IMPORT_NAME
	for in, err := range r.Table().Instructions(c.Code) {
		if err != nil {
			continue
		}
		switch in.Name {
		case "IMPORT_NAME":
			module, _, _ = r.Name(in)
			if isRelative(c, level) {
				module = "." + module
			}
			all = append(all, Need{Module: module, When: "call", By: by})
		case "IMPORT_FROM":
			if name, ok, _ := r.Name(in); ok && module != "" {
				all = append(all, Need{Module: module, Name: name, When: "call", By: by})
			}
		}
		if in.Name != "EXTENDED_ARG" && in.Name != "CACHE" {
			level, names = names, in
		}
	}
	return all
}

// isRelative reports whether the instruction that pushes the level of an import pushes
// more than 0.
func isRelative(c *bytecode.Code, in bytecode.Instruction) bool {
	switch in.Name {
	case "LOAD_CONST":
		if int(in.Arg) < len(c.Consts) {
			n, ok := c.Consts[in.Arg].(int64)
			return ok && n > 0
		}
	case "LOAD_SMALL_INT": // 3.14
		return in.Arg > 0
	}
	return false
}

// Cloudpickles are the modules of cloudpickle, or copies of it, whose functions the
// payload calls.
func (p *Payload) Cloudpickles() (modules []string) {
	for _, e := range p.Events {
		if g, ok := e.Value.(pickle.Global); ok && abi.IsModule(g.Module) && !slices.Contains(modules, g.Module) {
			modules = append(modules, g.Module)
		}
	}
	return modules
}

// CloudpickleVersion is what the names that the payload calls tell about the
// cloudpickle that has to be there: "" where it calls none.
func (p *Payload) CloudpickleVersion() string {
	version := ""
	for _, m := range p.Cloudpickles() {
		if strings.HasSuffix(m, abi.FormerModule) {
			return "1.5 to 2.2, or later" // 3.0 kept the module as an alias
		}
		version = "3.0 or later"
	}
	return version
}
