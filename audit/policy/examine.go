package policy

import (
	"fmt"
	"slices"

	"github.com/gocloudpickle/gocloudpickle/audit"
)

// maxPickles bounds how many pickles in a row are read.
const maxPickles = 1 << 20

// Examine reads all pickles in some data, one after another, into one report. Places are
// those in the data.
func Examine(data []byte, options ...audit.Option) *audit.Report {
	options = append(options[:len(options):len(options)], audit.Several())
	all := audit.Examine(data, options...)
	for n := 1; all.Size < int64(len(data)) && len(all.Unread) == 0; n++ {
		if n == maxPickles {
			all.Unread = append(all.Unread, audit.Problem{Kind: "limit", When: audit.OnLoad, Offset: all.Size,
				Why: fmt.Sprintf("more than %d pickles in a row", maxPickles)})
			break
		}
		next := audit.Examine(data[all.Size:], options...)
		join(all, next)
		if next.Size == 0 {
			break // at an error
		}
	}
	return all
}

// join adds what was found in the bytes behind those of a report.
func join(all, next *audit.Report) {
	base := all.Size
	for _, u := range next.Uses {
		u.Offset += base
		all.Uses = append(all.Uses, u)
	}
	for _, f := range next.Findings {
		f.Offset += base
		all.Findings = append(all.Findings, f)
	}
	for _, u := range next.Unread {
		u.Offset += base
		all.Unread = append(all.Unread, u)
	}
	for _, v := range next.Python {
		if !slices.Contains(all.Python, v) {
			all.Python = append(all.Python, v)
		}
	}
	all.Size += next.Size
}
