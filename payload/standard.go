package payload

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed standard_library.txt
var standardLibrary string

var standardModules = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for line := range strings.Lines(standardLibrary) {
		if name := strings.TrimSpace(line); name != "" && name[0] != '#' {
			all[name] = true
		}
	}
	return all
})

// isStandard reports whether a top-level module belongs to the standard library of
// CPython 3.10 to 3.14.
func isStandard(module string) bool { return standardModules()[module] }
