package bytecode

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Guess says which versions of CPython can have compiled code objects.
type Guess struct {
	// Version is the one to read them with: the newest of Candidates whose
	// compiler usually writes such code, or the one that was least wrong if there
	// are none.
	Version Version
	// Candidates are the versions that fit, oldest first. Where there are
	// several, the code is such that it reads the same in most cases.
	Candidates []Version
	// Against says for each of the rest what speaks against it.
	Against map[Version]error
}

// String is a sentence for people, such as "3.12: no other version fits".
func (g Guess) String() string {
	switch n := len(g.Candidates); n {
	case 0:
		return fmt.Sprintf("%v: no version fits, and this one fits best: %v", g.Version, g.Against[g.Version])
	case 1:
		return g.Version.String() + ": no other version fits"
	default:
		var rest []string
		for _, v := range g.Candidates {
			if v != g.Version {
				rest = append(rest, v.String())
			}
		}
		return fmt.Sprintf("%v: %s would fit too", g.Version, strings.Join(rest, ", "))
	}
}

// GuessVersion finds out which of some versions can have compiled code
// objects that came from one interpreter. A code object does not say its
// version; but opcodes change their numbers, their arguments' meaning and their
// inline caches with each, so that code read as another version's soon makes no
// sense. The code objects' Version is not looked at.
func GuessVersion(codes []*Code, among []Version) Guess {
	g := Guess{Against: make(map[Version]error)}
	fewest := -1
	for _, v := range among {
		wrong := 0
		for _, c := range codes {
			if err := c.fits(v); err != nil {
				if wrong++; g.Against[v] == nil {
					g.Against[v] = err
				}
			}
		}
		if wrong == 0 {
			g.Candidates = append(g.Candidates, v)
		}
		if fewest < 0 || wrong <= fewest {
			fewest, g.Version = wrong, v
		}
	}
	for _, v := range slices.Backward(g.Candidates) {
		if !slices.ContainsFunc(codes, func(c *Code) bool { return c.unusual(v) }) {
			g.Version = v
			break
		}
	}
	return g
}

// fits returns the first thing that a version's compiler would not have made.
func (c *Code) fits(v Version) error {
	t, err := ForVersion(v)
	if err != nil {
		return err
	}
	as := *c
	as.Version = v
	r, err := NewResolver(&as)
	if err != nil {
		return err
	}
	starts := map[int]bool{len(c.Code): true}
	resumed := !v.AtLeast(3, 11)
	for in, err := range t.Instructions(c.Code) {
		if err == nil {
			err = r.sound(in)
		}
		if err != nil {
			return err
		}
		starts[in.Start] = true
		resumed = resumed || in.Name == "RESUME"
	}
	if !resumed {
		return errors.New("there is no RESUME")
	}
	for in := range t.Instructions(c.Code) {
		if in.Target != NoTarget && !starts[in.Target] {
			return &CodeError{v, in.Offset, in.Op, fmt.Errorf("jumps to %d, where no instruction begins", in.Target)}
		}
	}
	return as.soundTables(starts)
}

// unusual reports whether a version's compiler would rather have written the
// code otherwise: those of 3.12 and 3.13 mostly make RETURN_CONST of LOAD_CONST and
// RETURN_VALUE (Python/flowgraph.c). Short functions of 3.11 and 3.12 differ in
// little else.
func (c *Code) unusual(v Version) bool {
	t, err := ForVersion(v)
	if err != nil {
		return true
	}
	if _, ok := t.Opcode("RETURN_CONST"); !ok {
		return false
	}
	before := ""
	for in := range t.Instructions(c.Code) {
		if in.Name == "RETURN_VALUE" && before == "LOAD_CONST" {
			return true
		}
		before = in.Name
	}
	return false
}

// sound looks at one instruction.
func (r *Resolver) sound(in Instruction) error {
	fail := func(format string, args ...any) error {
		return &CodeError{r.table.version, in.Offset, in.Op, fmt.Errorf(format, args...)}
	}
	c := r.code
	if !in.HasArg && c.Code[in.Offset+1] != 0 && !(r.table.version == Version{3, 10} && strings.HasPrefix(in.Name, "ROT_")) {
		// The compiler of 3.10 makes ROT_TWO of ROT_N and leaves the argument
		// (fold_rotations, Python/compile.c).
		return fail("has an argument, and takes none")
	}
	// co_code has zeros where the running interpreter keeps what it has learnt
	// (_PyCode_GetCode, Objects/codeobject.c).
	for _, b := range c.Code[in.Offset+2 : in.End()] {
		if b != 0 {
			return fail("something is in its inline cache")
		}
	}
	if _, _, err := r.Name(in); err != nil {
		return fail("%w", err)
	}
	if in.Kind == ArgConst && uint64(in.Arg) >= uint64(len(c.Consts)) {
		return fail("constant %d of %d", in.Arg, len(c.Consts))
	}
	if strings.HasPrefix(r.Text(in), outOfRangeMark) && in.Kind != ArgConst {
		return fail("%s", r.Text(in))
	}
	return nil
}

// soundTables holds the tables beside the code against its length. That of 3.8
// and 3.9 tells only where lines begin.
func (c *Code) soundTables(starts map[int]bool) error {
	if !c.Version.AtLeast(3, 10) {
		return nil
	}
	lines, err := c.Lines()
	if err != nil {
		return err
	}
	end := 0
	if len(lines) > 0 {
		end = lines[len(lines)-1].End
	}
	if end != len(c.Code) {
		return fmt.Errorf("the line table is for %d bytes of code, not %d", end, len(c.Code))
	}
	handlers, err := c.Handlers()
	for _, h := range handlers {
		if err == nil && (h.End > len(c.Code) || !starts[h.Target]) {
			err = fmt.Errorf("the exception table names offset %d, where no instruction begins", h.Target)
		}
	}
	return err
}
