package bytecode

import "testing"

// SetMaxRepr changes the bound on an argument's text for one test.
func SetMaxRepr(t *testing.T, n int) {
	before := maxRepr
	maxRepr = n
	t.Cleanup(func() { maxRepr = before })
}
