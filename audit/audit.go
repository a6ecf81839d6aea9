package audit

import "strings"

// A Capability is what a name can do besides computing.
type Capability string

// The capabilities.
const (
	Pure          Capability = "pure" // computes, prints, tells the time: nothing of the below
	Process       Capability = "process"
	Filesystem    Capability = "filesystem"
	Network       Capability = "network"
	Environment   Capability = "environment"
	DynamicCode   Capability = "dynamic-code"   // runs text or code objects
	DynamicImport Capability = "dynamic-import" // imports, or looks up, what a text names
	NativeCode    Capability = "native-code"    // loads libraries, calls addresses
	Unpickle      Capability = "unpickle"       // runs a pickle, or marshalled data
	Interpreter   Capability = "interpreter"    // changes or reads the insides of the interpreter
	Unknown       Capability = "unknown"        // can't be told
)

// Capabilities are all of them but for Pure.
func Capabilities() []Capability {
	return []Capability{Process, Filesystem, Network, Environment, DynamicCode, DynamicImport,
		NativeCode, Unpickle, Interpreter, Unknown}
}

// When says when something happens.
type When string

const (
	// OnLoad is while the pickle is loaded.
	OnLoad When = "load"
	// OnCall is when somebody calls or uses what was loaded.
	OnCall When = "call"
)

// Use is a name that is looked up, harmless ones too.
type Use struct {
	// Module is what is imported, Name the attribute of it, dotted for one of an
	// attribute; "" for the module itself.
	Module, Name string
	When         When
	// Via is the way there, from the outside in: functions, or the opcode of the stream.
	Via []string
	// Offset is the place in the stream: of the opcode, or of the function's code.
	Offset int64
}

// Finding is something that a payload can do besides computing.
type Finding struct {
	Capability Capability
	When       When
	// Subject is the dotted name, such as os.system.
	Subject string
	// Via, Offset: see [Use]. Function is the shipped function that does it, Line the line of
	// its source; "" and 0 for the stream itself.
	Via      []string
	Offset   int64
	Function string
	Line     int
	// Why is a sentence for people.
	Why string
}

// Problem is something that could not be read, so that nothing can be said about it.
type Problem struct {
	// Kind is one of "stream" (broken or trailing data), "opcode" (of a code object),
	// "name" (computed while loading), "call" (that can only raise an exception), "version" (no
	// interpreter or several would read the code like that), "limit" (too much to follow), "size" (loading
	// may take more memory or time than anyone has), "bug" (of the audit).
	Kind string
	When When
	Via  []string
	// Offset: see [Use].
	Offset int64
	Why    string
}

// Report is what [Examine] has found.
type Report struct {
	Uses     []Use
	Findings []Finding
	// Unread is what makes the report incomplete. With one, nothing may be concluded
	// from what isn't in Uses and Findings.
	Unread []Problem
	// Python are the versions of CPython, such as "3.12", that the code objects were read
	// as: in another one they may mean something else. It is empty without code objects.
	Python []string
	// Size is how many bytes of the input the stream has: another may follow.
	Size int64
}

// detach copies the texts: those of the stream are views of the input, which is the caller's.
func (r *Report) detach() {
	for i := range r.Uses {
		u := &r.Uses[i]
		u.Module, u.Name, u.Via = strings.Clone(u.Module), strings.Clone(u.Name), cloned(u.Via)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Subject, f.Via = strings.Clone(f.Subject), cloned(f.Via)
		f.Function, f.Why = strings.Clone(f.Function), strings.Clone(f.Why)
	}
	for i := range r.Unread {
		p := &r.Unread[i]
		p.Via, p.Why = cloned(p.Via), strings.Clone(p.Why)
	}
}

func cloned(texts []string) []string {
	var all []string
	for _, s := range texts {
		all = append(all, strings.Clone(s))
	}
	return all
}
