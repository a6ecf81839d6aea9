package machine

// The pickle machine: state and main loop. The frequent opcodes are in the
// loop itself, the others are methods in the files beside this one.

import (
	"errors"
	"io"
	"sync"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/mem"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

var errTooLong = errors.New("the pickle is longer than Limits.MaxBytes")

// machine runs the opcodes of one pickle and holds nothing after it but
// memory to use again.
type machine struct {
	source
	mem.Store
	cfg *Config

	// stack holds the values, marks the heights of the stack at which a
	// mark lies, and fence the topmost of those, or 0. No opcode may take a
	// value from below the fence (_pickle.c, Pdata.fence).
	// Invariant: 0 <= fence <= len(stack).
	stack []any
	marks []int
	fence int

	memo   memo
	depths depths

	proto int
	// frameEnd is the number of the byte after the current frame; it is used
	// in strict mode only.
	frameEnd  int64
	nextBuf   int
	discarded []any
	// shares is set when a container was used a second time. Without it no
	// object can be in two places of the value, nor in itself.
	shares bool
	// hash counts the work of hashing keys; it may grow with the input that
	// was read, of which granted says how much was counted.
	hash    value.Hasher
	granted int64
	// high is a height that the stack has not reached yet.
	high int

	// firstAtoms holds the first atoms of a list while it is read.
	firstAtoms [64]any
	// start is the place in data of the opcode being run.
	start int
	// lineFrom is how much of the unfinished line at lineAt was searched already.
	lineAt, lineFrom int
	// shape is the last small dict whose keys were found to be distinct.
	shape []value.Entry
	grown grownList
	// sub is the decoder that this machine decodes a part for.
	sub outerMemo
	// trace notes where values come from; it is nil but for a second run
	// after a typed decode has failed.
	trace *tracer
	// observer is nil where nobody wants to know what the stream does.
	observer *observer
}

var machines = sync.Pool{New: func() any { return new(machine) }}

// firstHigh is a height of the stack that small pickles do not reach.
const firstHigh = 64

// Hashing may take so many steps, and so many more for each byte read.
const (
	hashBudget = 1 << 20
	hashGrant  = 64
)

// grant gives the hasher the steps that the input read since the last time allows.
func (m *machine) grant() *value.Hasher {
	now := m.offset()
	m.hash.Budget += hashGrant * int(now-m.granted)
	m.granted = now
	return &m.hash
}

// KeepStack is the size up to which a machine keeps its buffers for the next use.
const KeepStack = 1 << 16

func newMachine(cfg *Config) *machine {
	m := machines.Get().(*machine)
	m.cfg = cfg
	return m
}

// release gives the machine back. The values it made belong to the caller.
func (m *machine) release() {
	m.clear()
	m.source = source{}
	m.cfg, m.trace, m.sub, m.observer = nil, nil, nil, nil
	machines.Put(m)
}

// clear forgets a pickle: stack, marks and memo start empty in each.
func (m *machine) clear() {
	if cap(m.stack) > KeepStack {
		m.stack = nil
	}
	clear(m.stack[:min(m.high, cap(m.stack))])
	m.stack, m.high = m.stack[:0], firstHigh
	m.marks = m.marks[:0]
	if cap(m.marks) > KeepStack {
		m.marks = nil
	}
	m.fence = 0
	m.memo.clear()
	m.depths.clear()
	m.Store.Reset()
	m.proto, m.frameEnd, m.nextBuf = 0, 0, 0
	m.discarded, m.shape, m.grown = nil, nil, grownList{}
	m.lineFrom, m.shares = 0, false
}

// run executes one pickle. It returns io.EOF when the input ends before the
// first byte.
func (m *machine) run() (any, error) {
	m.begin()
	return m.loop()
}

// begin makes the machine ready for a pickle at m.pos.
func (m *machine) begin() {
	m.first, m.granted = m.offset(), m.offset()
	m.hash.Budget = hashBudget
	m.high = firstHigh
	m.depths.limit = m.cfg.Limits.Depth()
	m.memo.limit = m.cfg.Limits.Memo()
	m.Views = m.cfg.NoCopy && m.r == nil
	m.observer = newObserver(m.cfg)
}

// loop runs opcodes up to STOP.
func (m *machine) loop() (any, error) {
	var (
		data   = m.data
		pos    = m.pos
		stack  = m.stack
		strict = m.cfg.Strict
		slow   = strict || m.trace != nil || m.observer != nil
		start  = m.pos
	)
	for {
		if len(stack) >= m.high {
			m.high = 2 * len(stack)
			m.Taken += 8 * int64(m.high)
			if err := m.checkMemory(); err != nil {
				m.pos, m.stack, m.start = pos, stack, start
				return nil, err
			}
		}
		if slow && pos > start {
			m.start = start
			if m.trace != nil {
				m.trace.after(wire.Opcode(data[start]), m.base+int64(start), stack)
			}
			if m.observer != nil {
				m.Taken += m.observer.after(wire.Opcode(data[start]), m.base+int64(start), m.base+int64(pos), stack)
			}
			if err := m.checkFrame(data, start, pos); err != nil {
				m.pos, m.stack = pos, stack
				return nil, err
			}
		}
		start = pos
		if pos >= len(data) {
			goto more
		}
		switch op := wire.Opcode(data[pos]); op {
		case wire.OpBinInt1:
			if len(data)-pos < 2 {
				goto more
			}
			stack = append(stack, mem.SmallInts[mem.MinSmallInt+int(data[pos+1])])
			pos += 2
			continue
		case wire.OpBinInt2:
			if len(data)-pos < 3 {
				goto more
			}
			stack = append(stack, m.BoxInt(int64(atom.Uint16(data[pos+1:]))))
			pos += 3
			continue
		case wire.OpBinInt:
			if len(data)-pos < 5 {
				goto more
			}
			stack = append(stack, m.BoxInt(int64(atom.Int32(data[pos+1:]))))
			pos += 5
			continue
		case wire.OpBinFloat:
			if len(data)-pos < 9 {
				goto more
			}
			stack = append(stack, m.BoxFloat(atom.Float64(data[pos+1:])))
			pos += 9
			continue
		case wire.OpNone:
			stack = append(stack, nil)
			pos++
			continue
		case wire.OpNewTrue:
			stack = append(stack, true)
			pos++
			continue
		case wire.OpNewFalse:
			stack = append(stack, false)
			pos++
			continue

		case wire.OpShortBinUnicode:
			if len(data)-pos < 2 {
				goto more
			}
			n := int(data[pos+1])
			if len(data)-pos < 2+n {
				goto more
			}
			text, ok := m.ShortText(data[pos+2:], n)
			if !ok {
				b := data[pos+2 : pos+2+n]
				if !atom.IsText(b) {
					break
				}
				text = m.Text(b)
			}
			stack = append(stack, mem.StringAny(m.Header(text)))
			pos += 2 + n
			if pos < len(data) && data[pos] == byte(wire.OpMemoize) && m.memo.dense() && !slow {
				m.memo.push(stack[len(stack)-1], 0)
				pos++
			}
			continue
		case wire.OpBinUnicode:
			if len(data)-pos < 5 {
				goto more
			}
			n := int(atom.Uint32(data[pos+1:]))
			if len(data)-pos-5 < n {
				goto more
			}
			b := data[pos+5 : pos+5+n]
			if !atom.IsText(b) {
				break
			}
			stack = append(stack, mem.StringAny(m.Header(m.Text(b))))
			pos += 5 + n
			continue
		case wire.OpMemoize:
			if len(stack) <= m.fence || !m.memo.dense() {
				break
			}
			m.memo.push(stack[len(stack)-1], m.depths.top(len(stack)-1))
			pos++
			continue
		case wire.OpBinPut:
			if len(data)-pos < 2 {
				goto more
			}
			if len(stack) <= m.fence || int(data[pos+1]) != len(m.memo.values) || !m.memo.dense() {
				break
			}
			m.memo.push(stack[len(stack)-1], m.depths.top(len(stack)-1))
			pos += 2
			continue
		case wire.OpLongBinPut:
			if len(data)-pos < 5 {
				goto more
			}
			if len(stack) <= m.fence || !m.memo.dense() ||
				int64(atom.Uint32(data[pos+1:])) != int64(len(m.memo.values)) {
				break
			}
			m.memo.push(stack[len(stack)-1], m.depths.top(len(stack)-1))
			pos += 5
			continue
		case wire.OpBinGet:
			if len(data)-pos < 2 {
				goto more
			}
			i := int(data[pos+1])
			if i >= len(m.memo.values) || m.memo.values[i].v == nil {
				break
			}
			e := &m.memo.values[i]
			if e.depth > 0 {
				m.shares = true
				m.depths.pushShared(len(stack), e.depth)
			}
			stack = append(stack, e.v)
			pos += 2
			continue
		case wire.OpLongBinGet:
			if len(data)-pos < 5 {
				goto more
			}
			i := int64(atom.Uint32(data[pos+1:]))
			if i >= int64(len(m.memo.values)) || m.memo.values[i].v == nil {
				break
			}
			e := &m.memo.values[i]
			if e.depth > 0 {
				m.shares = true
				m.depths.pushShared(len(stack), e.depth)
			}
			stack = append(stack, e.v)
			pos += 5
			continue
		case wire.OpMark:
			if top := len(stack) - 1; !slow && top >= m.fence && pos+1 < len(data) && startsRun(data[pos+1]) {
				if l, ok := stack[top].(*value.List); ok && !(m.sub != nil && m.depths.isShared(top)) {
					end, rest := m.listRun(l, data, pos+1)
					if rest == nil {
						pos = end
						continue
					}
					if end > pos+1 {
						m.marks = append(m.marks, len(stack))
						m.fence = len(stack)
						stack = append(stack, rest...)
						clear(m.firstAtoms[:])
						pos = end
						continue
					}
				}
			}
			m.marks = append(m.marks, len(stack))
			m.fence = len(stack)
			pos++
			if limit := min(cap(stack), m.high); !slow && limit > len(stack) {
				n, end := m.atomRun(stack[len(stack):limit], data, pos)
				stack, pos = stack[:len(stack)+n], end
			}
			continue
		case wire.OpEmptyList:
			m.depths.push(len(stack), 1)
			stack = append(stack, m.NewList())
			pos++
			if pos < len(data) && data[pos] == byte(wire.OpMemoize) && m.memo.dense() && !slow {
				m.memo.push(stack[len(stack)-1], 1)
				pos++
			}
			continue
		case wire.OpEmptyDict:
			m.depths.push(len(stack), 1)
			stack = append(stack, m.NewDict())
			pos++
			if pos < len(data) && data[pos] == byte(wire.OpMemoize) && m.memo.dense() && !slow {
				m.memo.push(stack[len(stack)-1], 1)
				pos++
			}
			continue
		case wire.OpSetItems:
			if m.sub != nil {
				break // step sees whether the part ends here
			}
			m.pos, m.stack, m.start = pos, stack, start
			if err := m.setItems(op); err != nil {
				return nil, err
			}
			pos, stack = m.pos, m.stack
			continue
		case wire.OpStop:
			if m.sub != nil {
				m.pos, m.stack, m.start = pos, stack, start
				return nil, errSubEnd
			}
			pos++
			if strict {
				m.start = start
				if err := m.checkFrame(data, start, pos); err != nil {
					m.pos, m.stack = pos, stack
					return nil, err
				}
			}
			m.pos, m.stack, m.start = pos, stack, start
			return m.finish()
		case wire.OpTuple1, wire.OpTuple2, wire.OpTuple3:
			n := int(op-wire.OpTuple1) + 1
			if len(stack)-m.fence < n {
				break
			}
			from := len(stack) - n
			d := m.depths.pop(from) + 1
			if d > m.depths.limit {
				m.pos, m.stack, m.start = pos, stack, start
				return nil, m.tooDeep()
			}
			stack[from] = m.BoxTuple(m.NewItems(stack[from:]))
			stack = stack[:from+1]
			m.depths.push(from, d)
			pos++
			continue
		}
		// Everything rare, and everything that may be an error.
		m.pos, m.stack, m.start = pos, stack, start
		if err := m.step(); err != nil {
			if need, ok := err.(needMore); ok {
				m.pos = start
				if err := m.fill(int(need)); err != nil {
					return nil, err
				}
				m.stack = stack
				data, pos, start = m.data, m.pos, m.pos
				continue
			}
			return nil, err
		}
		data, pos, stack = m.data, m.pos, m.stack
		continue

	more:
		m.pos, m.stack, m.start = pos, stack, start
		if err := m.fill(argNeed(data[pos:])); err != nil {
			return nil, err
		}
		data, pos, start = m.data, m.pos, m.pos
	}
}

// needMore is an opcode's way to say that it needs so many bytes, itself
// counted, and has done nothing yet.
type needMore int

func (needMore) Error() string { return "BUG: needMore left the machine" }

// fill brings in need bytes from pos on, or fails the way a truncated stream does.
func (m *machine) fill(need int) error {
	m.start = m.pos
	atFirst := m.pos >= len(m.data) && m.offset() == m.first
	err := m.more(need, m.cfg.Limits.Bytes())
	switch {
	case err == nil:
		m.start = m.pos
		return nil
	case err == errTooLong:
		m.start = m.pos
		return m.fail(wire.ErrLimit, err.Error())
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		m.start = m.pos
		if atFirst && len(m.data) == m.pos && err == io.EOF {
			return io.EOF
		}
		return m.fail(wire.ErrTruncated, "the input ends inside a pickle")
	}
	return err
}

// argNeed is how many bytes the opcode at the start of b needs, itself and
// its argument, as far as b tells.
func argNeed(b []byte) int {
	if len(b) == 0 {
		return 1
	}
	return wire.Size(b)
}

// checkMemory fails when the limit is passed.
func (m *machine) checkMemory() error {
	taken := m.Taken + m.memo.taken
	if taken < DefaultMemoryBase && m.cfg.Limits.MaxMemory == 0 {
		return nil
	}
	read := m.offset() - m.first
	if m.r == nil {
		read = int64(len(m.data)) - m.first
	}
	if taken > m.cfg.Limits.Memory(read) {
		return m.fail(wire.ErrLimit, "the value takes more memory than Limits.MaxMemory")
	}
	return nil
}

// finish takes the value of the pickle off the stack.
func (m *machine) finish() (any, error) {
	if len(m.stack) <= m.fence {
		return nil, m.underflow()
	}
	if err := m.checkMemory(); err != nil {
		return nil, err
	}
	v := m.stack[len(m.stack)-1]
	for at, below := range m.stack[:len(m.stack)-1] {
		m.discard(at, below)
	}
	return v, nil
}

// discard notes a value that the stream makes and throws away. It may be a
// call, which Python has run by then.
func (m *machine) discard(at int, v any) {
	switch v.(type) {
	case nil, bool, int64, float64, string, value.Bytes:
		return
	}
	m.discarded = append(m.discarded, v)
	m.tell(Discarded, m.opcode(), at, v, nil)
}
