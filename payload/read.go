package payload

import (
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// Payload is one pickle, read and not run.
type Payload struct {
	// Offset is where in the input it begins, Size how many bytes it has as far as it
	// could be read, Protocol the highest that it says it is of.
	Offset, Size int64
	Protocol     int
	// Value is what it stands for, Discarded what it makes and throws away.
	Value     any
	Discarded []any
	// Events are what loading it does besides making data, in order; those before an error
	// are among them.
	Events []pickle.Event
	// Code are the code objects in it.
	Code *Code
	// Err is what ended the reading before its end.
	Err error

	extents pickle.Extents
}

// Read reads all pickles of an input, one after another. The last one has an Err where
// the input ends otherwise than with a whole pickle. There is at least one. Buffers
// outside of the stream are empty unless an option gives them.
func Read(data []byte, opts ...pickle.Option) []*Payload {
	var all []*Payload
	var p *Payload
	opts = append([]pickle.Option{pickle.WithAbsentBuffers()}, opts...)
	opts = append(opts, pickle.WithEvents(func(e pickle.Event) { p.Events = append(p.Events, e) }))
	for at := int64(0); at < int64(len(data)) || all == nil; {
		p = &Payload{Offset: at}
		d := pickle.NewBytesDecoder(data[at:], append(opts[:len(opts):len(opts)], pickle.WithExtents(&p.extents))...)
		p.Value, p.Err = d.Load()
		p.Discarded, p.Size = d.Discarded(), d.InputOffset()
		p.Protocol = protocol(data[at:])
		p.Code = FindCode(nil, append(p.Discarded, p.Value)...)
		all = append(all, p)
		if p.Err != nil {
			break
		}
		at += p.Size
	}
	return all
}

// protocol is what PROTO says at the beginning; without it a pickle is of protocol 0 or 1.
func protocol(data []byte) int {
	if len(data) >= 2 && data[0] == 0x80 {
		return int(data[1])
	}
	return 0
}

// Bytes is how many bytes of the input a value takes where it is written first. It
// counts what is shared once, at that place; ok is false for values without a place of their
// own, atoms.
func (p *Payload) Bytes(v any) (n int64, ok bool) {
	from, to, ok := p.extents.Of(v)
	return to - from, ok
}
