package payload

import (
	"fmt"
	"slices"

	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// Code is what was found of code objects in a pickle.
type Code struct {
	// Outermost are the code objects that are no constant of another one, in
	// the order of the pickle. Their Version is set.
	Outermost []*bytecode.Code
	// Guesses say which version they are of and why: one for each layout of
	// CodeType's arguments that occurs, and so one unless the pickle joins the
	// work of several interpreters. There are none for a version that was given.
	Guesses []bytecode.Guess
	// Problems are about calls of CodeType that can't be read.
	Problems []error

	of map[*pickle.Object]*bytecode.Code
}

// Of is the code object that a call of CodeType makes; nil for any other call, and for
// one that can't be read.
func (c *Code) Of(call *pickle.Object) *bytecode.Code { return c.of[call] }

// layout is the order of CodeType's arguments, and the versions that have it.
// co_lnotab of 3.8 and 3.9 and co_linetable of 3.10 take the same place.
type layout struct {
	versions  []bytecode.Version
	arguments []abi.CodeArgument
}

// layouts are told apart by the number of arguments.
var layouts = func() (all []*layout) {
	for _, v := range bytecode.Versions() {
		arguments := abi.CodeArguments(v.Minor)
		if n := len(all); n == 0 || len(all[n-1].arguments) != len(arguments) {
			all = append(all, &layout{arguments: arguments})
		}
		last := all[len(all)-1]
		last.versions = append(last.versions, v)
	}
	return all
}()

// FindCode looks for code objects everywhere in decoded values: those of
// [pickle.Decoder.Load], and of [pickle.Decoder.Discarded] for completeness.
// With a version given, nothing is guessed.
func FindCode(given *bytecode.Version, values ...any) *Code {
	f := finder{
		seen: map[any]bool{}, codes: map[*pickle.Object]*bytecode.Code{},
		tuples: map[*any][]any{}, constants: map[any]any{},
	}
	for _, v := range values {
		f.walk(v)
	}
	found := &Code{Problems: f.problems, of: f.codes}
	for _, l := range layouts {
		var codes []*bytecode.Code
		for _, c := range f.order {
			if c.layout == l {
				codes = append(codes, c.code)
			}
		}
		if len(codes) == 0 {
			continue
		}
		var version bytecode.Version
		if given != nil {
			version = *given
		} else {
			g := bytecode.GuessVersion(codes, l.versions)
			found.Guesses = append(found.Guesses, g)
			version = g.Version
		}
		for _, c := range codes {
			c.Version = version
		}
	}
	found.Outermost = f.outermost()
	return found
}

// finder walks values. Each container is entered once, so the walk ends and
// takes no longer than the stream is.
type finder struct {
	seen     map[any]bool
	codes    map[*pickle.Object]*bytecode.Code
	order    []located
	problems []error

	// The constants of bytecode.Code that values became.
	tuples    map[*any][]any
	constants map[any]any
}

type located struct {
	code   *bytecode.Code
	layout *layout
}

// enter reports whether a container has not been met before.
func (f *finder) enter(key any) bool {
	if f.seen[key] {
		return false
	}
	f.seen[key] = true
	return true
}

// walk finds the code objects in a value, in the order of the pickle. It keeps its own
// stack: a list that grows through a second reference to it can nest as deep as the pickle
// is long.
func (f *finder) walk(v any) {
	for pending := []any{v}; len(pending) > 0; {
		v := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		from := len(pending)
		pending = f.parts(pending, v)
		slices.Reverse(pending[from:])
	}
}

// parts appends those of a value that can have code objects in them.
func (f *finder) parts(to []any, v any) []any {
	switch v := v.(type) {
	case pickle.Tuple:
		if len(v) > 0 && f.enter(&v[0]) {
			return appendParts(to, v)
		}
	case *pickle.List:
		if f.enter(v) {
			return appendParts(to, v.Items)
		}
	case *pickle.Set:
		if f.enter(v) {
			return appendParts(to, v.Items())
		}
	case *pickle.FrozenSet:
		if f.enter(v) {
			return appendParts(to, v.Items())
		}
	case *pickle.Dict:
		if f.enter(v) {
			for key, value := range v.All() {
				to = appendPart(appendPart(to, key), value)
			}
		}
	case pickle.PersistentID:
		return appendPart(to, v.ID)
	case *pickle.Object:
		if f.enter(v) {
			return f.object(to, v)
		}
	}
	return to
}

func appendParts(to, items []any) []any {
	for _, item := range items {
		to = appendPart(to, item)
	}
	return to
}

func appendPart(to []any, v any) []any {
	switch v.(type) {
	case pickle.Tuple, *pickle.List, *pickle.Set, *pickle.FrozenSet, *pickle.Dict, pickle.PersistentID, *pickle.Object:
		return append(to, v)
	}
	return to
}

func (f *finder) object(to []any, o *pickle.Object) []any {
	if isCodeCall(o) {
		f.code(o)
	}
	to = appendParts(appendPart(to, o.Func), o.Args)
	if o.Kwargs != nil {
		to = append(to, o.Kwargs)
	}
	for _, u := range o.Updates {
		to = appendPart(appendPart(to, u.Func), u.Value)
	}
	return to
}

// isCodeCall reports whether an object is a call of types.CodeType, which
// cloudpickle names as _builtin_type("CodeType") of whichever module it is
// vendored as.
func isCodeCall(o *pickle.Object) bool {
	if o.Op == pickle.OpBuild {
		return false
	}
	switch t := o.Func.(type) {
	case pickle.Global:
		switch t {
		case pickle.Global{Module: "types", Name: "CodeType"}, pickle.Global{Module: "builtins", Name: "code"}:
			return true
		}
	case *pickle.Object:
		g, ok := t.Func.(pickle.Global)
		return ok && g.Name == "_builtin_type" && len(t.Args) == 1 && t.Args[0] == any("CodeType")
	}
	return false
}

// code makes the code object of a call, once. nil stands for one that can't be
// read.
func (f *finder) code(o *pickle.Object) *bytecode.Code {
	if c, ok := f.codes[o]; ok {
		return c
	}
	// Also the end of a code object that is among its own constants.
	c := new(bytecode.Code)
	f.codes[o] = c
	i := slices.IndexFunc(layouts, func(l *layout) bool { return len(l.arguments) == len(o.Args) })
	if i < 0 {
		f.codes[o] = nil
		f.problems = append(f.problems, fmt.Errorf(
			"a code object of %d parts is not of CPython %v to %v", len(o.Args), bytecode.Oldest, bytecode.Newest))
		return nil
	}
	l := layouts[i]
	// Its place is before those of the code objects in it.
	place := len(f.order)
	f.order = append(f.order, located{c, l})
	for j, argument := range l.arguments {
		if !f.set(c, argument, o.Args[j]) {
			f.codes[o] = nil
			f.order = slices.Delete(f.order, place, place+1)
			f.problems = append(f.problems, fmt.Errorf("a code object whose %v is no such thing: %.60s",
				argument, bytecode.Repr(f.constant(o.Args[j]))))
			return nil
		}
	}
	return c
}

// outermost are the code objects that no listing of another one includes.
func (f *finder) outermost() []*bytecode.Code {
	inner := map[*bytecode.Code]bool{}
	for _, c := range f.order {
		for _, v := range c.code.Consts {
			if k, ok := v.(*bytecode.Code); ok && k != c.code {
				inner[k] = true
			}
		}
	}
	var roots []*bytecode.Code
	reached := map[*bytecode.Code]bool{}
	reach := func(c *bytecode.Code) {
		roots = append(roots, c)
		for pending := []*bytecode.Code{c}; len(pending) > 0; {
			c := pending[len(pending)-1]
			pending = pending[:len(pending)-1]
			if reached[c] {
				continue
			}
			reached[c] = true
			for _, v := range c.Consts {
				if k, ok := v.(*bytecode.Code); ok {
					pending = append(pending, k)
				}
			}
		}
	}
	for _, c := range f.order {
		if !inner[c.code] {
			reach(c.code)
		}
	}
	// Code objects that are constants of each other have no outermost one.
	for _, c := range f.order {
		if !reached[c.code] {
			reach(c.code)
		}
	}
	return roots
}
