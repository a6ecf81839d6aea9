package audit

// The execution of a stream.

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/payload"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// workPerStream bounds how many values of a stream are looked at, each time one is used.
const workPerStream = 50_000_000

func newExaminer(r *Report, steps int) *examiner {
	return &examiner{
		report: r, steps: steps, left: steps, work: workPerStream, when: OnLoad, began: time.Now(),
		seen: map[any]bool{}, programs: map[*bytecode.Code]*program{}, met: map[*bytecode.Code][]*function{},
		variants: map[*bytecode.Code]int{}, active: map[*bytecode.Code]int{}, summaries: map[summary]summarized{}, invocations: map[*bytecode.Code][]invocation{},
		closures: map[*bytecode.Code][]*function{},
		values:   map[any]value{}, imported: map[string]bool{},
	}
}

func examine(data []byte, c config) (r *Report) {
	r = &Report{}
	defer r.detach()
	if c.steps == 0 {
		c.steps = defaultSteps
	}
	x := newExaminer(r, c.steps)
	x.given = c.python
	defer func() {
		if p := recover(); p != nil {
			x.problem("bug", "the audit has failed, which is a bug in it: %v", p)
		}
	}()
	x.stream(data, c.pickle)
	if !c.many && x.size < int64(len(data)) && !x.broken {
		x.offset = x.size
		x.problem("stream", "%d bytes follow the pickle", int64(len(data))-x.size)
	}
	r.Size = x.size
	x.when, x.via, x.frame = OnCall, nil, nil
	x.drain()
	return r
}

// survey is what a first reading finds: whether the stream does anything, and the code in it.
type survey struct {
	events int
	codes  []any
	size   int64
	err    error
}

func read(data []byte, strict bool, opts []pickle.Option, each func(pickle.Event)) (v any, s survey) {
	opts = append(opts[:len(opts):len(opts)], pickle.WithAbsentBuffers(),
		pickle.WithStringEncoding(pickle.StringLatin1), pickle.WithEvents(func(e pickle.Event) {
			s.events++
			if o, ok := e.Value.(*pickle.Object); ok && e.Kind == pickle.EventCalled && len(o.Args) >= minCodeArguments {
				s.codes = append(s.codes, o)
			}
			if each != nil {
				each(e)
			}
		}))
	if strict {
		opts = append(opts, pickle.Strict())
	}
	d := pickle.NewBytesDecoder(data, append(opts, pickle.NoCopy())...)
	v, s.err = d.Load()
	s.size = d.InputOffset()
	return v, s
}

// minCodeArguments is the least number of arguments that a code object is made of.
var minCodeArguments = len(abi.CodeArguments(abi.OldestMinor))

// stream executes a pickle and gives its value.
func (x *examiner) stream(data []byte, opts []pickle.Option) value {
	_, s := read(data, true, opts, nil)
	if s.err != nil {
		if errors.Is(s.err, pickle.ErrStrict) {
			x.problem("stream", "CPython's two unpicklers read the stream differently: %v", s.err)
			_, s = read(data, false, opts, nil)
		}
		if s.err != nil {
			x.problem("stream", "%v", s.err)
			x.broken = true
		}
	}
	x.size = s.size
	if s.events == 0 {
		return some("", named)
	}
	var result value
	for _, version := range x.versions(s.codes) {
		code := x.code
		x.code = func(o *pickle.Object) *bytecode.Code {
			v, ok := version[len(o.Args)]
			if !ok {
				return nil
			}
			return payload.FindCode(&v, o).Of(o)
		}
		x.values = map[any]value{}
		v, _ := read(data, false, opts, x.event)
		x.frame = nil
		x.when = OnLoad
		result = join(result, x.val(v, 8))
		x.code = code
	}
	return result
}

// versions are those of CPython that code objects may be of, by the numbers of arguments they are
// made of: one map for each way to read them.
func (x *examiner) versions(codes []any) []map[int]bytecode.Version {
	if len(codes) == 0 {
		return []map[int]bytecode.Version{{}}
	}
	found := payload.FindCode(nil, codes...)
	for _, err := range found.Problems {
		x.problem("opcode", "%v", err)
	}
	var all []map[int]bytecode.Version
	for _, g := range found.Guesses {
		candidates := supported(g.Candidates)
		if x.given != nil {
			candidates = x.given
		}
		if len(candidates) == 0 {
			x.problem("version", "the code in it is of no known version of CPython: it was read as that of %v", g)
			candidates = []bytecode.Version{g.Version}
		}
		for i, v := range candidates {
			if i == len(all) {
				all = append(all, map[int]bytecode.Version{})
			}
			n := len(abi.CodeArguments(v.Minor))
			all[i][n] = v
			if s := v.String(); !slices.Contains(x.report.Python, s) {
				x.report.Python = append(x.report.Python, s)
			}
		}
		if len(g.Candidates) > 0 {
			for i := range all {
				n := len(abi.CodeArguments(g.Candidates[0].Minor))
				if _, ok := all[i][n]; !ok {
					all[i][n] = candidates[len(candidates)-1]
				}
			}
		}
	}
	if len(all) == 0 {
		all = append(all, map[int]bytecode.Version{})
	}
	return all
}

// supported are the versions among some that cloudpickle's payloads are loaded by today; all of
// them if there are none. Code of 3.10 looks like code of 3.9 as often as not.
func supported(all []bytecode.Version) (some []bytecode.Version) {
	for _, v := range all {
		if v.AtLeast(3, 10) {
			some = append(some, v)
		}
	}
	if len(some) == 0 {
		return all
	}
	return some
}

// event executes what a stream does.
func (x *examiner) event(e pickle.Event) {
	x.when, x.offset, x.frame = OnLoad, e.Offset, nil
	x.depth = 0
	if e.Kind == pickle.EventCalled || e.Kind == pickle.EventUpdated {
		x.root()
	}
	x.via = append(x.via[:0:0], e.Op.String())
	switch v := e.Value.(type) {
	case pickle.Global:
		if e.Kind == pickle.EventNamed {
			x.lookUp(v)
		}
	case pickle.Extension:
		x.find(Unknown, fmt.Sprintf("extension %d", v.Code), "extension %d is whatever the process has registered", v.Code)
		x.problem("name", "extension %d is whatever the process has registered", v.Code)
	case *pickle.Object:
		switch e.Kind {
		case pickle.EventCalled:
			x.offset = e.From
			x.called(v)
		case pickle.EventUpdated:
			x.updated(v, e.Update)
		}
	}
}

// lookUp is the value of a name that the stream looks up.
func (x *examiner) lookUp(g pickle.Global) value {
	if v, ok := x.values[g]; ok {
		return v
	}
	v := x.resolve(g)
	x.values[g] = v
	return v
}

func (x *examiner) resolve(g pickle.Global) value {
	n := revealed(name{g.Module, g.Name})
	x.use(n, OnLoad)
	x.judge(name{g.Module, ""}, OnLoad, "is imported")
	if _, ok := abi.Lookup(g.Module, g.Name); ok || abi.IsModule(g.Module) && g.Name == abi.EmptyCellValue {
		return &n
	}
	if x.noteImport(g.Module); g.Module == "__main__" {
		return &unknown{from: named, of: &n}
	}
	// What it can do it does when it is called; looking it up does nothing but import.
	x.quiet++
	x.when = OnCall
	v := x.attributePath(&name{g.Module, ""}, g.Name)
	x.when = OnLoad
	x.quiet--
	return v
}

// noteImport notes that a module is imported.
func (x *examiner) noteImport(module string) {
	for i := range len(module) {
		if module[i] == '.' {
			x.imported[module[:i]] = true
		}
	}
	x.imported[module] = true
}

// isCodeType reports whether a value is types.CodeType.
func isCodeType(v value) bool {
	n, ok := v.(*name)
	return ok && (n.String() == "types.CodeType" || n.String() == "builtins.code")
}

// called executes a call.
func (x *examiner) called(o *pickle.Object) {
	fn := x.val(o.Func, 8)
	if isCodeType(fn) {
		if _, byName := o.Func.(pickle.Global); byName {
			x.judgeCall(*fn.(*name)) // not the way of cloudpickle
		}
		if c := x.code(o); c != nil {
			x.values[o] = &codeRef{c}
			return
		}
		x.problem("opcode", "a code object can't be read")
		x.values[o] = &unknown{from: lost}
		return
	}
	simple := false
	if n, ok := fn.(*name); ok {
		x.via[0] += " " + n.String()
		x.judgeCall(*n)
		if o.Op != pickle.OpNewObj && o.Op != pickle.OpNewObjEx {
			x.refuses(*n, o.Args)
		}
		simple = !x.followed(n)
	}
	args := make([]value, 0, min(len(o.Args), 32))
	for i, a := range o.Args {
		if i >= 255 {
			x.problem("limit", "a call has %d arguments", len(o.Args))
			break
		}
		if simple {
			args = append(args, x.shallow(a))
		} else {
			args = append(args, x.val(a, 8))
		}
	}
	var kwargs map[string]value
	if o.Kwargs != nil && o.Kwargs.Len() > 0 {
		kwargs = map[string]value{}
		for k, v := range o.Kwargs.All() {
			if s, ok := k.(string); ok {
				kwargs[s] = x.val(v, 8)
			}
		}
	}
	if simple {
		// It may call the functions that it gets, and take all items of a container.
		x.passes(fn, args, kwargs)
		for _, v := range args {
			x.goesThrough(v)
		}
		return
	}
	if u, ok := fn.(*unknown); ok && o.Op == pickle.OpReduce {
		x.find(Unknown, "REDUCE", "what is called while loading can't be known")
		x.computed("what it calls,")
		if u.hint != "" {
			x.judgeAttribute(u.hint, true)
		}
	}
	switch o.Op {
	case pickle.OpNewObj, pickle.OpNewObjEx:
		x.values[o] = x.newInstance(fn, args, kwargs)
	default:
		v := x.call(fn, args, kwargs)
		if c, ok := fn.(*class); ok {
			x.unasked(c, v, OnLoad, onLoad...)
		}
		x.values[o] = v
	}
}

// judgeCall judges a name that loading calls.
func (x *examiner) judgeCall(n name) {
	if _, ok := abi.Lookup(n.module, n.attr); ok {
		return
	}
	key := seenUse{name: n, when: "called"}
	if x.seen[key] {
		return
	}
	x.seen[key] = true
	if isDunder(n.attr[strings.LastIndexByte(n.attr, '.')+1:]) && strings.Contains(n.attr, ".") {
		n.attr = n.attr[:strings.LastIndexByte(n.attr, '.')]
	}
	x.judge(n, OnLoad, "is called while loading")
	if endsTheLoader[n.String()] {
		x.findAt(OnLoad, Process, n.String(), "%s is called while loading: it ends the process that loads", n)
	}
}

// endsTheLoader are functions that code may well call, but loading never does.
var endsTheLoader = map[string]bool{"sys.exit": true, "builtins.exit": true, "builtins.quit": true, "_sitebuiltins.Quitter": true}

// refuses notes calls that no pickler writes, since what is called raises an exception for such arguments: they
// are meant for something else that the loading side has under that name.
func (x *examiner) refuses(n name, args []any) {
	if len(args) == 0 || !ofPairs[canonical(n.String())] {
		return
	}
	switch v := args[0].(type) {
	case string:
		if v == "" {
			return
		}
	case pickle.Bytes:
		if len(v) == 0 {
			return
		}
	case nil, bool, int64, float64, *big.Int:
	default:
		return
	}
	x.problem("call", "%s is called with what it never takes: what is meant is another function of that name", n)
}

// ofPairs are made of pairs or of a mapping, if of anything.
var ofPairs = map[string]bool{"builtins.dict": true, "collections.OrderedDict": true}

// followed reports whether what a call of a name gives is known.
func (x *examiner) followed(n *name) bool {
	if _, ok := abi.Lookup(n.module, n.attr); ok {
		return true
	}
	if _, ok := models()[canonical(n.String())]; ok {
		return true
	}
	if _, ok := sizingOf(*n); ok || n.isSleep() {
		return true
	}
	return strings.Contains(n.attr, "__")
}

// newInstance is what NEWOBJ makes.
func (x *examiner) newInstance(fn value, args []value, kwargs map[string]value) value {
	switch c := fn.(type) {
	case *class:
		var v value = &instance{class: c, attrs: map[string]value{}, open: c.foreign() != nil}
		if n, ok := x.lookup(c, "__new__", false); ok {
			if d, ok := n.(*descriptor); ok && len(d.fn) > 0 {
				n = d.fn[0]
			}
			if made := x.call(n, append([]value{c}, args...), kwargs); made != nil {
				if _, ok := made.(*instance); ok {
					v = made
				}
			}
		}
		x.unasked(c, v, x.when, onLoad...)
		return v
	case *name:
		if _, ok := models()[canonical(c.String())]; ok {
			return x.call(c, args, kwargs)
		}
		x.judgeCall(*c)
		return &unknown{from: named, of: c}
	}
	return x.call(fn, args, kwargs)
}

// updated executes a change of an object.
func (x *examiner) updated(o *pickle.Object, u *pickle.Update) {
	if o.Op == pickle.OpBuild {
		// It is no result of a call, but what a name stands for.
		target := x.val(o.Func, 1)
		if n, ok := target.(*name); ok {
			x.find(Interpreter, n.String(), "attributes of %s are replaced while loading, for everybody", n)
			return
		}
		x.find(Interpreter, "BUILD", "something that is in the process is changed while loading")
		return
	}
	target, ok := x.values[o]
	if !ok && u.Op != pickle.OpReduce {
		return // of a class that is judged by its name
	}
	switch u.Op {
	case pickle.OpReduce:
		fn := x.val(u.Func, 8)
		if n, ok := fn.(*name); ok {
			x.judgeCall(*n)
		}
		if target == nil {
			target = x.val(o, 8)
		}
		x.call(fn, []value{target, x.val(u.Value, 8)}, nil)
	case pickle.OpBuild:
		x.values[o] = x.setState(target, u.Value)
	case pickle.OpAppends, pickle.OpAddItems:
		items, _ := x.val(u.Value, 8).(*tuple)
		if items == nil {
			return
		}
		if c := classOf(target); c != nil {
			x.unasked(c, target, OnLoad, "append", "extend", "add", "__len__")
		}
		x.extend(target, items.items, nil)
	case pickle.OpSetItems:
		items, _ := x.val(u.Value, 8).(*tuple)
		if items == nil {
			return
		}
		if c := classOf(target); c != nil {
			x.unasked(c, target, OnLoad, "__setitem__")
		}
		for i := 0; i+1 < len(items.items); i += 2 {
			if d, ok := target.(*dict); ok {
				d.set(items.items[i], items.items[i+1])
			} else {
				x.setItem(target, items.items[i], items.items[i+1])
			}
		}
	}
}

func classOf(v value) *class {
	if o, ok := v.(*instance); ok {
		c, _ := o.class.(*class)
		return c
	}
	return nil
}

// setState executes BUILD.
func (x *examiner) setState(target value, state any) value {
	if u, ok := target.(*unknown); ok && u.from == named {
		return target // of a class that is judged by its name
	}
	v := x.val(state, 8)
	states := []value{v}
	if t, ok := v.(*tuple); ok && len(t.items) == 2 {
		states = t.items
	}
	switch t := target.(type) {
	case *instance:
		if c, ok := t.class.(*class); ok {
			if m, ok := x.lookup(c, "__setstate__", false); ok {
				x.call(x.bind(m, t, c), []value{v}, nil)
				return t
			}
		}
		for _, s := range states {
			if d, ok := s.(*dict); ok {
				for _, k := range d.keys {
					if s, ok := k.(string); ok && len(t.attrs) < maxItems {
						t.attrs[s], _ = d.get(k)
					}
				}
			}
		}
	case *function:
		for _, s := range states {
			if d, ok := s.(*dict); ok {
				for _, k := range d.keys {
					if s, ok := k.(string); ok {
						w, _ := d.get(k)
						x.setAttribute(t, s, w)
					}
				}
			}
		}
	case *class:
		for _, s := range states {
			if d, ok := s.(*dict); ok {
				for _, k := range d.keys {
					if s, ok := k.(string); ok {
						w, _ := d.get(k)
						t.attrs[s] = w
						x.own(t, w)
					}
				}
			}
		}
	case *bound:
		// functools.partial: the function, its arguments, the keywords, its __dict__.
		if p, ok := v.(*tuple); ok && len(p.items) == 4 {
			made := &bound{fn: p.items[0]}
			made.args, _ = x.items(p.items[1])
			made.kwargs, _ = x.keywords(p.items[2])
			*t = *made
		}
	case *name:
		x.find(Interpreter, t.String(), "attributes of %s are replaced while loading, for everybody", t)
	case *goFunction, *descriptor, *method:
	}
	return target
}

// shallow is a value of the stream, as far as it takes to see functions in it.
func (x *examiner) shallow(v any) value {
	switch v := v.(type) {
	case *pickle.Object, pickle.Global:
		return x.val(v, 1)
	case pickle.Tuple:
		if len(v) <= 64 {
			return x.val(v, 2)
		}
	case *pickle.List:
		if len(v.Items) <= 64 {
			return x.val(v, 2)
		}
	}
	return none{}
}

// val is what is known of a value of the stream, as it is by now.
func (x *examiner) val(v any, depth int) value {
	switch v := v.(type) {
	case nil:
		return none{}
	case string:
		return text(v)
	case bool, int64, float64, complex128:
		return v
	case pickle.Bytes:
		return octets(v)
	case pickle.Global:
		return x.lookUp(v)
	case *pickle.Object:
		if made, ok := x.values[v]; ok {
			return made
		}
		if n, ok := v.Func.(pickle.Global); ok {
			return &unknown{from: named, of: &name{n.Module, n.Name}}
		}
		return &unknown{from: named}
	case pickle.PersistentID, *pickle.Buffer:
		return &unknown{from: named}
	case pickle.Extension:
		return &unknown{from: insides}
	}
	if depth <= 0 {
		return &unknown{from: lost}
	}
	if x.work <= 0 {
		x.problem("limit", "the stream uses its values too often")
		return &unknown{from: lost}
	}
	return x.container(v, depth)
}

// container is what is known of a container of the stream. What was said of it before is brought up
// to date: it is the same container.
func (x *examiner) container(v any, depth int) value {
	several := func(items []any) (made []value, rest value) {
		if len(items) > maxItems {
			items, rest = items[:maxItems], someLost()
		}
		x.work -= len(items)
		made = make([]value, len(items))
		for i, item := range items {
			made[i] = x.val(item, depth-1)
		}
		return made, rest
	}
	switch v := v.(type) {
	case pickle.Tuple:
		if len(v) == 0 {
			return &tuple{}
		}
		items, rest := several(v)
		if rest != nil {
			return &list{kind: "tuple", items: items, rest: rest, size: int64(len(v))}
		}
		return &tuple{items}
	case *pickle.List:
		l, ok := x.values[v].(*list)
		if !ok {
			l = &list{kind: "list"}
			x.values[v] = l
		} else if x.busy[v] {
			return l
		}
		defer x.enter(v)()
		l.items, l.rest = several(v.Items)
		l.size = int64(len(v.Items))
		return l
	case *pickle.Set, *pickle.FrozenSet:
		l, ok := x.values[v].(*list)
		if !ok {
			l = &list{kind: "set"}
			x.values[v] = l
		} else if x.busy[v] {
			return l
		}
		defer x.enter(v)()
		if s, ok := v.(*pickle.Set); ok {
			l.items, l.rest = several(s.Items())
		} else {
			l.items, l.rest = several(v.(*pickle.FrozenSet).Items())
		}
		return l
	case *pickle.Dict:
		d, ok := x.values[v].(*dict)
		if !ok {
			d = newDict()
			x.values[v] = d
		} else if x.busy[v] {
			return d
		}
		defer x.enter(v)()
		x.work -= v.Len()
		n := 0
		for key, item := range v.All() {
			if n++; n > maxItems {
				d.rest = join(d.rest, someLost())
				break
			}
			d.set(x.val(key, depth-1), x.val(item, depth-1))
		}
		return d
	case *pickle.ByteArray:
		l := &list{kind: "bytearray"}
		if len(v.Data) > maxItems {
			l.rest = some("int", lost)
			return l
		}
		x.work -= len(v.Data)
		for _, b := range v.Data {
			l.items = append(l.items, int64(b))
		}
		return l
	}
	return &unknown{from: lost}
}

// enter marks a container as being looked at: it may be in itself.
func (x *examiner) enter(v any) (leave func()) {
	if x.busy == nil {
		x.busy = map[any]bool{}
	}
	x.busy[v] = true
	return func() { delete(x.busy, v) }
}
