package audit

import (
	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// Option changes how [Examine] works.
type Option func(*config)

type config struct {
	pickle []pickle.Option
	steps  int
	many   bool
	python []bytecode.Version
}

// WithSteps bounds the instructions of bytecode that are executed; the default is 8,000,000.
func WithSteps(n int) Option { return func(c *config) { c.steps = n } }

// Several says that other pickles may follow in the data: what is behind the first is no
// problem then. See [Report.Size].
func Several() Option { return func(c *config) { c.many = true } }

// ForPython says which versions of CPython load it. Otherwise code objects are read as of each
// version whose compiler can have made them, see [Report.Python].
func ForPython(versions ...bytecode.Version) Option {
	return func(c *config) { c.python = versions }
}

// WithPickle has options for the decoder of the stream.
func WithPickle(options ...pickle.Option) Option {
	return func(c *config) { c.pickle = append(c.pickle, options...) }
}

// Examine reads the first pickle in the data and tells what it can do.
func Examine(data []byte, options ...Option) *Report {
	var c config
	for _, o := range options {
		o(&c)
	}
	return examine(data, c)
}
