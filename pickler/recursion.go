package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

const (
	firstDepthCheck = 200

	// nativeDepth is how deep objects may nest from 3.12 on, where CPython counts
	// C calls apart from Python's and its own limit differs between versions and
	// builds. Go's stack grows, so that the number protects the unpickler's users
	// rather than us.
	nativeDepth = 10_000
)

// enter counts one level of nesting, as Py_EnterRecursiveCall does for the C
// pickler, and raises RecursionError past the limit. The caller does depth-- when
// it succeeded.
func (p *Pickler) enter() error {
	p.depth++
	if p.depth < p.depthLimit {
		return nil
	}
	return p.enterDeep()
}

//go:noinline
func (p *Pickler) enterDeep() error {
	limit := nativeDepth
	if python.Minor() < 12 {
		limit = python.RecursionLimit()
	}
	if p.depth < limit {
		p.depthLimit = min(limit, p.depth*2)
		return nil
	}
	p.depth--
	return python.Raise(python.RecursionError, "maximum recursion depth exceeded while pickling an object")
}
