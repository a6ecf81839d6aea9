package encode

// Encoding of the values that stand for Python's own types. The order of
// opcodes and of memo slots is that of CPython's C pickler (_pickle.c, save).

import (
	"fmt"
	"math"
	"math/big"
	"unicode/utf8"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// save writes any value.
func (e *encoder) save(v any) error {
	if err := e.w.Boundary(); err != nil {
		return err
	}
	if e.cfg.PersistentID != nil {
		if id, ok := e.cfg.PersistentID(v); ok {
			return e.persistent(id)
		}
	}
	return e.saveKnown(v)
}

func (e *encoder) saveKnown(v any) error {
	switch v := v.(type) {
	case nil:
		e.w.Op(wire.OpNone)
	case bool:
		e.w.Bool(v)
	case int64:
		e.int(v)
	case int:
		e.int(int64(v))
	case float64:
		e.float(v)
	case string:
		return e.str(v)
	case value.Bytes:
		return e.bytes(string(v))
	case *value.List:
		if v == nil {
			e.w.Op(wire.OpNone)
			return nil
		}
		return e.list(v.Items, pointerID(unsafe.Pointer(v), kindObject))
	case value.Tuple:
		return e.tuple(v)
	case *value.Dict:
		if v == nil {
			e.w.Op(wire.OpNone)
			return nil
		}
		return e.dict(v)
	case *value.Set:
		return e.set(v)
	case *value.FrozenSet:
		return e.frozenSet(v)
	case *value.ByteArray:
		return e.byteArray(v)
	case *value.Buffer:
		return e.bufferValue(v)
	case *big.Int:
		if v == nil {
			e.w.Op(wire.OpNone)
			return nil
		}
		return e.bigInt(v)
	case complex128:
		return e.reduceTemp(value.Global{Module: "builtins", Name: "complex"}, value.Tuple{real(v), imag(v)})
	case value.Global:
		return e.global(v)
	case *value.Object:
		if v == nil {
			e.w.Op(wire.OpNone)
			return nil
		}
		return e.object(v)
	case value.PersistentID:
		return e.persistent(v.ID)
	case value.Extension:
		if v.Code <= 0 || e.cfg.Proto < 2 {
			return encodeErrorf("extension code %d cannot be written at protocol %d", v.Code, e.cfg.Proto)
		}
		e.w.Extension(int(v.Code))
	case []any:
		return e.anySlice(v)
	default:
		return e.foreign(v)
	}
	return nil
}

func encodeErrorf(format string, args ...any) error {
	return &gotype.Error{Kind: wire.ErrType, Msg: fmt.Sprintf(format, args...)}
}

// enter counts the depth; every container calls it, and takes 1 off again
// when it is done. After an error nothing is written any more.
func (e *encoder) enter() error {
	e.depth++
	if e.depth > e.cfg.MaxDepth {
		return &gotype.Error{Kind: wire.ErrLimit, Msg: fmt.Sprintf("values nest deeper than %d levels (WithEncodeDepth)", e.cfg.MaxDepth)}
	}
	return nil
}

func (e *encoder) int(i int64) {
	if e.w.Int(i) {
		return
	}
	if e.cfg.Proto < 2 {
		e.w.LongDecimal(big.NewInt(i).String())
		return
	}
	var b [8]byte
	for n := range b {
		b[n] = byte(i >> (8 * n))
	}
	n := 8
	for n > 1 && (b[n-1] == 0 && b[n-2] < 0x80 || b[n-1] == 0xff && b[n-2] >= 0x80) {
		n--
	}
	e.w.Long(b[:n])
}

func (e *encoder) bigInt(i *big.Int) error {
	switch {
	case i.IsInt64():
		e.int(i.Int64())
	case e.cfg.Proto < 2:
		e.w.LongDecimal(i.String())
	default:
		if !e.w.Long(twosComplement(i)) {
			return encodeErrorf("the int is larger than a pickle can hold")
		}
	}
	return nil
}

// twosComplement is little-endian, in as few bytes as hold the sign. -128 takes
// one byte, 128 two.
func twosComplement(i *big.Int) []byte {
	x := i
	if i.Sign() < 0 {
		x = new(big.Int).Not(i)
	}
	n := x.BitLen()/8 + 1
	b := x.FillBytes(make([]byte, n))
	for l, r := 0, n-1; l < r; l, r = l+1, r-1 {
		b[l], b[r] = b[r], b[l]
	}
	if i.Sign() < 0 {
		for k := range b {
			b[k] = ^b[k]
		}
	}
	return b
}

func (e *encoder) float(f float64) {
	if e.cfg.Proto == 0 {
		e.w.Line(wire.OpFloat, []byte(atom.FloatRepr(f)))
		return
	}
	e.w.Float(pythonNaN(f))
}

// pythonNaN gives Go's NaN the bits of Python's.
func pythonNaN(f float64) float64 {
	if math.Float64bits(f) == goNaN {
		return math.Float64frombits(goNaN - 1)
	}
	return f
}

// goNaN is what math.NaN returns. Python's float("nan") is the one before it.
const goNaN = 0x7ff8000000000001

// get writes a reference to a slot.
func (e *encoder) get(slot int) error {
	if !e.w.Get(slot) {
		return encodeErrorf("the value has more objects than the memo of protocol %d can number", e.cfg.Proto)
	}
	return nil
}

// memoize stores the value on top of the stack.
func (e *encoder) memoize(id identity) error {
	return e.memoizeAs(e.memo.put(id))
}

func (e *encoder) memoizeAs(slot int) error {
	if e.cfg.Fast {
		return nil
	}
	if !e.w.Memoize(slot) {
		return encodeErrorf("the value has more objects than the memo of protocol %d can number", e.cfg.Proto)
	}
	return nil
}

// str writes a str. The empty one and those of one Latin-1 character exist
// only once in CPython (but not in 3.11 and 3.12).
func (e *encoder) str(s string) error {
	slot, seen := 0, false
	if len(s) > 2 {
		slot, seen = e.memo.see(strID(s))
	} else {
		slot, seen = e.shortStr(s)
	}
	if seen {
		return e.get(slot)
	}
	return e.newStr(s, slot)
}

// newStr writes a str that has been given a slot now.
func (e *encoder) newStr(s string, slot int) error {
	if err := e.text(s); err != nil {
		return err
	}
	return e.memoizeAs(slot)
}

// shortStr is memo.see for strs of up to two bytes.
func (e *encoder) shortStr(s string) (int, bool) {
	if e.cfg.Fast {
		return 0, false
	}
	var once *int32
	switch {
	case !isOnce(s):
		return e.memo.see(strID(s))
	case len(s) == 0:
		once = &e.memo.empty[0]
	case len(s) == 1:
		once = &e.memo.chars[s[0]]
	default:
		once = &e.memo.chars[s[0]<<6|s[1]&0x3f]
	}
	if *once != 0 {
		return int(*once - 1), true
	}
	*once = int32(e.memo.count + 1)
	e.memo.once = true
	e.memo.count++
	return e.memo.count - 1, false
}

// isOnce reports whether a str of this text exists only once.
func isOnce(s string) bool {
	switch len(s) {
	case 0:
		return true
	case 1:
		return s[0] < utf8.RuneSelf
	case 2:
		return (s[0] == 0xc2 || s[0] == 0xc3) && s[1]&0xc0 == 0x80
	}
	return false
}

// isText reports whether s is UTF-8, surrogates included.
func isText(s string) bool { return utf8.ValidString(s) || atom.ValidSurrogates([]byte(s)) }

// text writes a str without a look at the memo.
func (e *encoder) text(s string) error {
	if !isText(s) {
		return encodeErrorf("the string %s is not UTF-8: use Bytes or []byte for octets", atom.Quote([]byte(s)))
	}
	if e.cfg.Proto == 0 {
		e.w.RawUnicode(runes(s))
		return nil
	}
	ok, err := e.w.Text(unsafe.Slice(unsafe.StringData(s), len(s)), nil)
	if err == nil && !ok {
		return encodeErrorf("a str of 4 GiB needs protocol 4")
	}
	return err
}

// runes are the code points of a valid str, surrogates included.
func runes(s string) []rune {
	out := make([]rune, 0, len(s))
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 {
			r, n = rune(s[0]&15)<<12|rune(s[1]&0x3f)<<6|rune(s[2]&0x3f), 3
		}
		out = append(out, r)
		s = s[n:]
	}
	return out
}

// bytes writes a bytes object. Before protocol 3 it is a call that makes one.
func (e *encoder) bytes(s string) error {
	var id identity
	if len(s) == 0 {
		if slot := e.memo.empty[1]; slot != 0 && !e.cfg.Fast {
			return e.get(int(slot - 1))
		}
	} else {
		id = bytesID(s)
		if slot, ok := e.memo.get(id); ok {
			return e.get(slot)
		}
	}
	if err := e.octets(s); err != nil {
		return err
	}
	if len(s) == 0 {
		e.memo.empty[1] = int32(e.memo.count + 1)
		e.memo.once = true
		e.memo.count++
		return e.memoizeAs(e.memo.count - 1)
	}
	return e.memoize(id)
}

// octets writes the content of a bytes object, and leaves it unmemoized.
func (e *encoder) octets(s string) error {
	if e.cfg.Proto >= 3 {
		ok, err := e.w.Bytes(unsafe.Slice(unsafe.StringData(s), len(s)), nil)
		if err == nil && !ok {
			return encodeErrorf("bytes of 4 GiB need protocol 4")
		}
		return err
	}
	if len(s) == 0 {
		return e.call(value.Global{Module: "builtins", Name: "bytes"}, value.Tuple{})
	}
	text := e.hold(string(atom.Latin1([]byte(s))))
	return e.call(value.Global{Module: "_codecs", Name: "encode"}, value.Tuple{text, "latin1"})
}

// hold keeps a temporary value alive while its address is in the memo.
func (e *encoder) hold(v any) any {
	e.memo.held = append(e.memo.held, v)
	return v
}

// reduceTemp writes a call whose result no other place refers to, with a slot of its own.
func (e *encoder) reduceTemp(f value.Global, args value.Tuple) error {
	if err := e.call(f, args); err != nil {
		return err
	}
	e.memo.count++
	return e.memoizeAs(e.memo.count - 1)
}

// call writes a function, its arguments and REDUCE.
func (e *encoder) call(f any, args value.Tuple) error {
	if err := e.enter(); err != nil {
		return err
	}
	if err := e.save(f); err != nil {
		return err
	}
	e.memo.held = append(e.memo.held, args)
	if err := e.save(args); err != nil {
		return err
	}
	e.w.Op(wire.OpReduce)
	e.depth--
	return nil
}

func (e *encoder) byteArray(b *value.ByteArray) error {
	if b == nil {
		e.w.Op(wire.OpNone)
		return nil
	}
	id := pointerID(unsafe.Pointer(b), kindObject)
	if slot, ok := e.memo.get(id); ok {
		return e.get(slot)
	}
	if err := e.byteArrayData(b.Data); err != nil {
		return err
	}
	return e.memoize(id)
}

func (e *encoder) byteArrayData(b []byte) error {
	switch {
	case e.cfg.Proto >= 5:
		return e.w.ByteArray(b, nil)
	case len(b) == 0:
		return e.call(value.Global{Module: "builtins", Name: "bytearray"}, value.Tuple{})
	}
	return e.call(value.Global{Module: "builtins", Name: "bytearray"}, value.Tuple{e.hold(value.Bytes(b))})
}

// bufferValue writes a buffer out of band where the program takes it, and
// otherwise as the bytes or bytearray it is (_pickle.c, save_picklebuffer).
func (e *encoder) bufferValue(b *value.Buffer) error {
	if b == nil {
		e.w.Op(wire.OpNone)
		return nil
	}
	id := pointerID(unsafe.Pointer(b), kindObject)
	if slot, ok := e.memo.get(id); ok {
		return e.get(slot)
	}
	out, err := e.outOfBand(b.Data, 0)
	if err != nil {
		return err
	}
	if out {
		e.w.Op(wire.OpNextBuffer)
		if b.ReadOnly {
			e.w.Op(wire.OpReadonlyBuffer)
		}
		return nil
	}
	if b.ReadOnly {
		err = e.octets(string(b.Data))
	} else {
		err = e.byteArrayData(b.Data)
	}
	if err != nil {
		return err
	}
	return e.memoize(id)
}

// outOfBand offers bytes to the program.
func (e *encoder) outOfBand(b []byte, min int) (bool, error) {
	if e.cfg.Buffer == nil || e.cfg.Proto < 5 || len(b) < min {
		return false, nil
	}
	return e.cfg.Buffer(b)
}

func (e *encoder) persistent(id any) error {
	if e.cfg.Proto > 0 {
		if err := e.w.Boundary(); err != nil {
			return err
		}
		if err := e.saveKnown(id); err != nil {
			return err
		}
		e.w.Op(wire.OpBinPersID)
		return nil
	}
	s, ok := id.(string)
	if !ok {
		s = fmt.Sprint(id)
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] == '\n' {
			return encodeErrorf("a persistent id of protocol 0 is one line of ASCII, not %q", s)
		}
	}
	e.w.Line(wire.OpPersID, []byte(s))
	return nil
}
