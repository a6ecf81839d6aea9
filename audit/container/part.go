package container

import "sort"

// Part is a piece of a file that is pickles, or that an unpickler could be pointed at.
type Part struct {
	// Path is the way to it inside the file, such as "archive/data.pkl" or
	// "gzip!model.pkl"; "" where it is the file itself.
	Path string
	// Data are its bytes, and not to be changed.
	Data []byte
	// Role is what it is to whoever opens the file.
	Role Role

	start int64 // of Data in what Path names
	gaps  []gap
}

// Role is what a part is to those who open the file.
type Role uint8

const (
	// Possible parts are unpickled only by who takes them for pickles: the raw data of
	// arrays, the text files of an archive. What they do as pickles counts, and that they
	// don't read as ones means nothing.
	Possible Role = iota
	// Meant parts are unpickled by whoever opens the file as what it is.
	Meant
	// Another parts are another reading of bytes that are read already: a zip file as
	// pickle.load would read it. Only what they do counts.
	Another
)

// gap is where bytes were left out of a part's Data, those that the reader of the format
// takes between two opcodes.
type gap struct {
	at   int64 // in Data
	size int64
}

// At is where a byte of Data is in what Path names.
func (p *Part) At(offset int64) int64 {
	n := sort.Search(len(p.gaps), func(i int) bool { return p.gaps[i].at > offset })
	for _, g := range p.gaps[:n] {
		offset += g.size
	}
	return p.start + offset
}

// Problem is something that can't be read: what is there is unknown.
type Problem struct {
	// Path is as in [Part].
	Path string
	// Why says what is wrong.
	Why string
}

// Limits bound what a file may cost. A zero field means the default.
type Limits struct {
	// Bytes is how many bytes are read and unpacked of one file, in all. The default is 1 GiB.
	Bytes int64
	// Ratio is how many bytes one compressed byte may become, above the first 64 MiB. The
	// default is 1,100: more than deflate can do.
	Ratio int64
	// Depth is how many formats may be inside one another. The default is 8.
	Depth int
	// Members is how many members an archive may have. The default is 100,000.
	Members int
}

const (
	freeBytes  = 64 << 20 // unpacked whatever the ratio
	peekBytes  = 64 << 10 // what tells a format
	probeBytes = 1 << 20  // what is read of a part that isn't meant to be a pickle, at first
)

func (l Limits) withDefaults() Limits {
	if l.Bytes <= 0 {
		l.Bytes = 1 << 30
	}
	if l.Ratio <= 0 {
		l.Ratio = 1100
	}
	if l.Depth <= 0 {
		l.Depth = 8
	}
	if l.Members <= 0 {
		l.Members = 100_000
	}
	return l
}
