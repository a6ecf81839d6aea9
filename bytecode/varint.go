package bytecode

// varintReader reads the six-bit variable-length numbers of location tables
// (low bits first) and exception tables (high bits first). After a failure it
// returns zeros and never reads out of bounds: 0 <= pos <= len(data).
type varintReader struct {
	data  []byte
	pos   int
	short bool // the table ended early
	bad   bool // a number or an entry that CPython never writes
}

const (
	varintMore = 0x40
	varintMask = 0x3f
	// CPython reads into a C int; six groups of six bits are already more.
	varintGroups = 6
	maxVarint    = 1<<31 - 1
)

func (r *varintReader) byte() byte {
	if r.pos >= len(r.data) {
		r.short = true
		return 0
	}
	b := r.data[r.pos]
	r.pos++
	return b
}

// varint reads a number of a location table.
func (r *varintReader) varint() int {
	var n uint64
	for group := range varintGroups {
		b := r.byte()
		n |= uint64(b&varintMask) << (6 * group)
		if b&varintMore == 0 {
			return r.checked(n)
		}
	}
	return r.checked(maxVarint + 1)
}

// svarint reads a signed number of a location table: the sign is the low bit.
func (r *varintReader) svarint() int {
	n := r.varint()
	if n&1 != 0 {
		return -(n >> 1)
	}
	return n >> 1
}

// bigEndian reads a number of an exception table.
func (r *varintReader) bigEndian() int {
	var n uint64
	for range varintGroups {
		b := r.byte()
		n = n<<6 | uint64(b&varintMask)
		if b&varintMore == 0 {
			return r.checked(n)
		}
	}
	return r.checked(maxVarint + 1)
}

func (r *varintReader) checked(n uint64) int {
	if n > maxVarint {
		r.bad = true
		return 0
	}
	return int(n)
}

// reason says what went wrong.
func (r *varintReader) reason() string {
	if r.short {
		return "ends inside an entry"
	}
	return "not an entry"
}
