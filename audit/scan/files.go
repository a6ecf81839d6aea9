package scan

import (
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/gocloudpickle/gocloudpickle/audit/container"
)

// maxWorkers bounds the memory: each may hold a file.
const maxWorkers = 8

// Files judges many files at once, and calls each with their results in the order of the
// files. done is how many have been judged so far, for who shows progress meanwhile.
func Files(files []container.File, stdin io.Reader, o *Options, done *atomic.Int64, each func(*Result)) {
	workers := max(1, min(runtime.GOMAXPROCS(0), maxWorkers, len(files)))
	results := make([]chan *Result, len(files))
	for i := range results {
		results[i] = make(chan *Result, 1)
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= int64(len(files)) {
					return
				}
				results[i] <- File(files[i], stdin, o)
				done.Add(1)
			}
		})
	}
	for _, r := range results {
		each(<-r)
	}
	group.Wait()
}
