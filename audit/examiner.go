package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// Bounds of an examination.
const (
	defaultSteps = 8_000_000 // instructions of bytecode, and work for them
	finePerRoot  = 100_000
	maxTime      = 10 * time.Second // where steps take longer than they should
	maxDepth     = 40               // calls inside each other
	maxRows      = 10_000           // of each kind in a report
	maxVia       = 12
)

// examiner executes a stream and the code in it symbolically.
type examiner struct {
	report   *Report
	steps    int
	left     int // of steps
	tick     int // counts to the next look at the clock
	began    time.Time
	fine     int // of those that may go into telling calls and ways apart, until the next root
	work     int // of looking at values of the stream, left
	seen     map[any]bool
	programs map[*bytecode.Code]*program

	// Where it is: what leads there, and when that happens.
	when   When
	via    []string
	offset int64
	frame  *frame // nil in the stream itself
	depth  int

	// functions are those met, to be called when everything is loaded.
	functions   []*function
	met         map[*bytecode.Code][]*function
	variants    map[*bytecode.Code]int
	classes     []*class
	active      map[*bytecode.Code]int
	summaries   map[summary]summarized
	invocations map[*bytecode.Code][]invocation
	closures    map[*bytecode.Code][]*function
	nested      int
	values      map[any]value // what values of the stream are
	imported    map[string]bool
	code        func(*pickle.Object) *bytecode.Code
	busy        map[any]bool // containers of the stream that are being looked at
	given       []bytecode.Version
	size        int64
	broken      bool
	quiet       int // no uses are noted
	lazy        int // going through something takes no item of it yet

	// Of shared values: how many changes there were, how many of lasting ones, and whether one was of a
	// value that something has looked at before; see share.go.
	changes, epoch int
	stale          bool
	roots          int // things that steps were set aside for
	pass           int // of those through all functions
}

type seenUse struct {
	name name
	when When
}

type seenFinding struct {
	c       Capability
	when    When
	subject string
	in      string
}

// use notes a name that is looked up.
func (x *examiner) use(n name, when When) {
	if x.quiet > 0 {
		return
	}
	key := seenUse{n, when}
	if x.seen[key] || len(x.report.Uses) >= maxRows {
		if !x.seen[key] {
			x.problem("limit", "the payload uses more names than are listed")
		}
		return
	}
	x.seen[key] = true
	x.report.Uses = append(x.report.Uses, Use{Module: n.module, Name: n.attr, When: when, Via: x.way(), Offset: x.offset})
}

// find notes a finding.
func (x *examiner) find(c Capability, subject string, format string, args ...any) {
	x.findAt(x.when, c, subject, format, args...)
}

func (x *examiner) findAt(when When, c Capability, subject string, format string, args ...any) {
	key := seenFinding{c, when, subject, ""}
	function, line := "", 0
	if x.frame != nil {
		function, line = x.frame.program.name(), x.frame.program.line(x.frame.at)
		key.in = function
	}
	if x.seen[key] {
		return
	}
	if len(x.report.Findings) >= maxRows {
		x.problem("limit", "the payload has more findings than are listed")
		return
	}
	x.seen[key] = true
	x.report.Findings = append(x.report.Findings, Finding{Capability: c, When: when, Subject: subject, Via: x.way(),
		Offset: x.offset, Function: function, Line: line, Why: fmt.Sprintf(format, args...)})
}

// problem notes something that could not be read.
func (x *examiner) problem(kind, format string, args ...any) {
	p := Problem{Kind: kind, When: x.when, Via: x.way(), Offset: x.offset, Why: fmt.Sprintf(format, args...)}
	key := [2]string{kind, p.Why}
	if x.seen[key] || len(x.report.Unread) >= 1000 {
		return
	}
	x.seen[key] = true
	x.report.Unread = append(x.report.Unread, p)
}

// way is a copy of what leads here.
func (x *examiner) way() []string {
	via := x.via
	if len(via) > maxVia {
		via = append(append([]string(nil), via[:maxVia/2]...), append([]string{"..."}, via[len(via)-maxVia/2:]...)...)
	}
	return slices.Clone(via)
}

// step takes one of the steps; it reports false where none is left.
func (x *examiner) step(n int) bool {
	x.charge(n)
	if x.left >= 0 {
		return true
	}
	x.problem("limit", "the code takes more than %d steps to follow", x.steps)
	return false
}

// charge takes steps for work.
func (x *examiner) charge(n int) {
	x.left -= n
	x.fine -= n
	if x.tick += n; x.tick > 1<<14 {
		x.tick = 0
		if time.Since(x.began) > maxTime {
			x.left = min(x.left, -1)
		}
	}
}

// coarse reports whether calls and ways are no longer told apart: where the steps for that are used up,
// each function is followed once, for any arguments.
func (x *examiner) coarse() bool { return x.fine < 0 }

// root begins something that steps are set aside for.
func (x *examiner) root() { x.fine = min(finePerRoot, x.left/4) }

// String is the dotted name.
func (n name) String() string {
	if n.attr == "" {
		return n.module
	}
	return n.module + "." + n.attr
}

// obtain judges a name that code looks up, and is the value of it.
func (x *examiner) obtain(n name) value {
	n = revealed(n)
	x.use(n, x.when)
	x.judge(n, x.when, "is looked up")
	return &n
}

// judge notes what a name can do.
func (x *examiner) judge(n name, when When, how string) {
	if n.attr == "" {
		if _, known := CapabilityOf(n.module, ""); !known {
			x.findAt(when, Unknown, n.String(), "%s is imported, and is in no table of what modules can do", n)
		}
		return
	}
	caps, known := CapabilityOf(n.module, n.attr)
	if !known {
		x.findAt(when, Unknown, n.String(), "%s %s, and is in no table of what names can do", n, how)
		return
	}
	for _, c := range caps {
		if c != Pure {
			x.findAt(when, c, n.String(), "%s %s", n, how)
		}
	}
}

func isDunder(s string) bool {
	return len(s) > 4 && strings.HasPrefix(s, "__") && strings.HasSuffix(s, "__")
}

// dangerous are the capabilities of a name, but for Pure.
func dangerous(n name) (all []Capability) {
	caps, known := CapabilityOf(n.module, n.attr)
	if !known {
		return []Capability{Unknown}
	}
	for _, c := range caps {
		if c != Pure {
			all = append(all, c)
		}
	}
	return all
}

// escapes notes that a module goes where it is not followed: whoever gets it can do what it can.
func (x *examiner) escapes(v value, how string) {
	for _, v := range each(v) {
		if b, ok := v.(*bound); ok {
			for _, a := range b.args {
				x.escapes(a, how)
			}
		}
		if d, ok := v.(*dict); ok && d.module == shippedModule {
			for _, global := range d.all() {
				x.escapes(global, how)
			}
		}
		if t, ok := v.(*tuple); ok && len(t.items) <= 64 {
			for _, item := range t.items {
				x.escapes(item, how) // the arguments of a function
			}
		}
		n, ok := v.(*name)
		if !ok || n.attr != "" {
			continue
		}
		for _, c := range dangerous(*n) {
			x.find(c, n.String(), "the module %s %s", n, how)
		}
		for _, c := range leadsTo()[n.module] {
			x.find(c, n.String(), "the module %s, which has others, %s", n, how)
		}
	}
}

// in runs f as something that another thing leads to.
func (x *examiner) in(step string, when When, f func()) {
	via, was := x.via, x.when
	x.via, x.when = append(via[:len(via):len(via)], step), when
	f()
	x.via, x.when = via, was
}

// attributeOfName is an attribute of a module, or of one of its attributes.
func (x *examiner) attributeOfName(n *name, attr string) value {
	switch attr {
	case "__builtins__":
		x.find(Interpreter, n.String()+".__builtins__", "%s.__builtins__ has every builtin", n)
		return &name{"builtins", ""}
	case "__dict__":
		if n.attr == "" {
			return moduleDict(n.module)
		}
		return some("dict", named)
	case "__getattribute__":
		of := n
		return &goFunction{func(x *examiner, args []value, _ map[string]value) value { return x.getattr(args, of) }, nil}
	case "__globals__":
		if abi.IsModule(n.module) && n.attr != "" {
			return moduleDict(n.module) // with rows for what is in it
		}
		x.find(Interpreter, n.String()+".__globals__", "%s.__globals__ has all that its module has", n)
		return moduleDict(n.module)
	case "__self__":
		if n.module == "builtins" {
			x.find(Interpreter, n.String()+".__self__", "%s.__self__ is the module builtins", n)
			return &name{"builtins", ""}
		}
	case "__name__", "__qualname__", "__doc__", "__module__", "__file__", "__version__":
		if attr == "__name__" && n.attr == "" {
			return n.module
		}
		if i := strings.LastIndexByte(n.attr, '.'); attr == "__name__" {
			return n.attr[i+1:]
		}
		return some("str", named)
	case "__class__":
		return &unknown{from: named}
	}
	if c, ok := dangerousAttributes[attr]; ok {
		x.find(c, n.String()+"."+attr, "%s.%s leads to the insides of the interpreter", n, attr)
		return &unknown{from: insides}
	}
	made := name{n.module, attr}
	if n.attr != "" {
		made.attr = n.attr + "." + attr
	} else if n.module == "sys" && attr == "modules" {
		x.obtain(made)
		return &dict{values: map[value]value{}, module: "sys.modules"}
	} else if n.module == "os" && attr == "environ" {
		return x.obtain(made)
	}
	if n.attr == "" {
		if module, ok := hiddenModules()[made.String()]; ok {
			x.use(name{module, ""}, x.when)
			return &name{module, ""}
		}
		if _, exact := theTable().exactly(made.String()); !exact {
			if m := strings.TrimLeft(attr, "_"); m != "" && !isDunder(attr) && x.isHiddenModule(n.module, m) {
				x.use(made, x.when)
				x.judge(made, x.when, "is looked up") // a function may have the name of a module
				return &name{m, ""}
			}
		}
		if x.imported[made.String()] {
			return &name{made.String(), ""}
		}
	}
	return x.obtain(made)
}

// isHiddenModule reports whether an attribute of a module is a module of the standard library
// that it has imported, such as logging.os: those that can do something.
func (x *examiner) isHiddenModule(in, attr string) bool {
	if in == attr || strings.HasPrefix(in, attr+".") {
		return false
	}
	caps, ok := capabilityTable()[attr]
	return ok && (len(caps) != 1 || caps[0] != Pure)
}

// moduleDict is the dict of a module that is not shipped.
func moduleDict(module string) *dict {
	return &dict{values: map[value]value{}, module: module}
}

// dangerousAttributes are attributes that lead from any object to what it was not given for.
var dangerousAttributes = map[string]Capability{
	"__globals__":    Interpreter,
	"__builtins__":   Interpreter,
	"__subclasses__": Interpreter,
	"__code__":       Interpreter,
	"__closure__":    Interpreter,
	"__loader__":     DynamicImport,
	"__spec__":       DynamicImport,
	"f_globals":      Interpreter,
	"f_locals":       Interpreter,
	"f_builtins":     Interpreter,
	"f_back":         Interpreter,
	"f_code":         Interpreter,
	"f_trace":        Interpreter,
	"gi_frame":       Interpreter,
	"gi_code":        Interpreter,
	"cr_frame":       Interpreter,
	"cr_code":        Interpreter,
	"ag_frame":       Interpreter,
	"ag_code":        Interpreter,
	"tb_frame":       Interpreter,
	"tb_next":        Interpreter,
	"load_module":    DynamicImport,
	"exec_module":    DynamicImport,
	"find_spec":      DynamicImport,
}
