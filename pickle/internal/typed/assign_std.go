package typed

// Typed decoding of what Python's standard library pickles: dates, times,
// decimals, fractions, UUIDs, paths and typed arrays.

import (
	"encoding/binary"
	"math"
	"math/big"
	"reflect"
	"strings"
	"time"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// octets are bytes, also as the str that Python 2 and StringLatin1 make of them.
func octets(v any) ([]byte, bool) {
	if s, ok := v.(string); ok {
		return atom.BytesOfLatin1(s)
	}
	return bytesOf(v, true)
}

func assignTime(a *assigner, v any, dst reflect.Value) error {
	t, ok, err := timeOf(v)
	if err != nil {
		return err
	}
	if !ok {
		return gotype.Mismatch(v, gotype.TimeType)
	}
	dst.Set(reflect.ValueOf(t))
	return nil
}

// timeOf is a datetime, or the midnight of a date. A datetime without a time
// zone is taken for UTC.
func timeOf(v any) (time.Time, bool, error) {
	o, ok := v.(*value.Object)
	if !ok {
		return time.Time{}, false, nil
	}
	g, ok := o.Class()
	if !ok || len(o.Args) == 0 {
		return time.Time{}, false, nil
	}
	b, ok := octets(o.Args[0])
	if g.Name == "_unpickle_timestamp" && strings.HasPrefix(g.Module, "pandas.") {
		return pandasTime(o)
	}
	switch {
	case !ok || g.Module != "datetime":
		return time.Time{}, false, nil
	case g.Name == "date" && len(b) == 4:
		return time.Date(int(b[0])<<8|int(b[1]), time.Month(b[2]), int(b[3]), 0, 0, 0, 0, time.UTC), true, nil
	case g.Name != "datetime" || len(b) != 10:
		return time.Time{}, false, nil
	}
	loc := time.UTC
	if len(o.Args) > 1 {
		var err error
		if loc, err = zone(o.Args[1]); err != nil {
			return time.Time{}, false, err
		}
	}
	micro := int(b[7])<<16 | int(b[8])<<8 | int(b[9])
	// The top bit of the month is the fold (PEP 495).
	month, fold := time.Month(b[2]&0x7f), b[2]&0x80 != 0
	t := time.Date(int(b[0])<<8|int(b[1]), month, int(b[3]), int(b[4]), int(b[5]), int(b[6]), micro*1000, loc)
	if fold {
		t = secondOf(t)
	}
	return t, true, nil
}

// secondOf is the second of the two moments that a clock turned back shows
// as the time of t.
func secondOf(t time.Time) time.Time {
	later := t.Add(time.Hour)
	if later.Hour() == t.Hour() && later.Minute() == t.Minute() {
		return later
	}
	return t
}

// zone is a tzinfo as a location.
func zone(v any) (*time.Location, error) {
	o, ok := v.(*value.Object)
	if !ok {
		if v == nil {
			return time.UTC, nil
		}
		return nil, gotype.Mismatchf("the time zone is %s", value.TypeName(v))
	}
	g, _ := o.Func.(value.Global)
	switch g {
	case value.Global{Module: "datetime", Name: "timezone"}:
		if len(o.Args) == 0 {
			break
		}
		d, ok := durationOf(o.Args[0])
		if !ok {
			break
		}
		name := ""
		if len(o.Args) > 1 {
			name, _ = o.Args[1].(string)
		}
		if d == 0 && name == "" {
			return time.UTC, nil
		}
		return time.FixedZone(name, int(d/time.Second)), nil
	case value.Global{Module: "zoneinfo", Name: "ZoneInfo._unpickle"}, value.Global{Module: "zoneinfo", Name: "ZoneInfo"}, value.Global{Module: "pytz", Name: "_p"}:
		if len(o.Args) == 0 {
			break
		}
		name, ok := o.Args[0].(string)
		if !ok {
			break
		}
		loc, err := time.LoadLocation(name)
		if err != nil {
			return nil, gotype.Mismatchf("the time zone %q is not known here: %v", name, err)
		}
		return loc, nil
	case value.Global{Module: "pytz", Name: "_UTC"}, value.Global{Module: "dateutil.tz.tz", Name: "tzutc"}:
		return time.UTC, nil
	}
	// zoneinfo names its constructor through getattr.
	if f, ok := o.Func.(*value.Object); ok && f.Func == any(value.Global{Module: "builtins", Name: "getattr"}) && len(f.Args) == 2 &&
		f.Args[0] == any(value.Global{Module: "zoneinfo", Name: "ZoneInfo"}) && len(o.Args) > 0 {
		return zone(&value.Object{Op: wire.OpReduce, Func: value.Global{Module: "zoneinfo", Name: "ZoneInfo"}, Args: o.Args})
	}
	return nil, gotype.Mismatchf("the time zone %s is not known here", o)
}

// pandasTime is a Timestamp: a count since 1970, a frequency, a time zone, and
// the unit of the count as NumPy numbers it (NPY_DATETIMEUNIT, 7 for seconds
// to 10 for nanoseconds).
func pandasTime(o *value.Object) (time.Time, bool, error) {
	n, ok := o.Args[0].(int64)
	if !ok {
		return time.Time{}, false, nil
	}
	loc := time.UTC
	if len(o.Args) > 2 && o.Args[2] != nil {
		var err error
		if loc, err = zone(o.Args[2]); err != nil {
			return time.Time{}, false, err
		}
	}
	unit := int64(10)
	if len(o.Args) > 3 {
		unit, _ = o.Args[3].(int64)
	}
	switch unit {
	case 7:
		return time.Unix(n, 0).In(loc), true, nil
	case 8:
		return time.UnixMilli(n).In(loc), true, nil
	case 9:
		return time.UnixMicro(n).In(loc), true, nil
	case 10:
		return time.Unix(0, n).In(loc), true, nil
	}
	return time.Time{}, false, nil
}

func assignDuration(a *assigner, v any, dst reflect.Value) error {
	d, ok := durationOf(v)
	if !ok {
		if d, ok = clockOf(v); !ok {
			return assignInt(a, v, dst)
		}
	}
	dst.SetInt(int64(d))
	return nil
}

// durationOf is a timedelta that a Duration can hold.
func durationOf(v any) (time.Duration, bool) {
	o, ok := v.(*value.Object)
	if !ok || o.Func != any(value.Global{Module: "datetime", Name: "timedelta"}) {
		return 0, false
	}
	var part [3]int64
	for i := range min(len(o.Args), 3) {
		if part[i], ok = o.Args[i].(int64); !ok {
			return 0, false
		}
	}
	const most = math.MaxInt64 / int64(24*time.Hour)
	if part[0] > most-1 || part[0] < -most+1 || part[1] < 0 || part[1] >= 86400 || part[2] < 0 || part[2] >= 1e6 {
		return 0, false
	}
	return time.Duration(part[0])*24*time.Hour + time.Duration(part[1])*time.Second + time.Duration(part[2])*time.Microsecond, true
}

// clockOf is a time of day as the duration since midnight.
func clockOf(v any) (time.Duration, bool) {
	o, ok := v.(*value.Object)
	if !ok || o.Func != any(value.Global{Module: "datetime", Name: "time"}) || len(o.Args) == 0 {
		return 0, false
	}
	b, ok := octets(o.Args[0])
	if !ok || len(b) != 6 {
		return 0, false
	}
	micro := int(b[3])<<16 | int(b[4])<<8 | int(b[5])
	return time.Duration(b[0]&0x7f)*time.Hour + time.Duration(b[1])*time.Minute +
		time.Duration(b[2])*time.Second + time.Duration(micro)*time.Microsecond, true
}

// assignBigRat reads ints, floats, decimals and fractions.
func assignBigRat(a *assigner, v any, dst reflect.Value) error {
	to := dst.Addr().Interface().(*big.Rat)
	switch x := v.(type) {
	case int64:
		to.SetInt64(x)
		return nil
	case *big.Int:
		to.SetInt(x)
		return nil
	case float64:
		if to.SetFloat64(x) == nil {
			return gotype.Mismatch(v, gotype.BigRatType)
		}
		return nil
	case *value.Object:
		if len(x.Args) == 2 && x.Func == any(value.Global{Module: "fractions", Name: "Fraction"}) {
			n, ok1 := toBig(x.Args[0])
			d, ok2 := toBig(x.Args[1])
			if ok1 && ok2 && d.Sign() != 0 {
				to.SetFrac(n, d)
				return nil
			}
		}
		if s, ok := numberText(x); ok {
			if _, ok := to.SetString(s); ok {
				return nil
			}
		}
	}
	return gotype.Mismatch(v, gotype.BigRatType)
}

func assignBigFloat(a *assigner, v any, dst reflect.Value) error {
	to := dst.Addr().Interface().(*big.Float)
	switch x := v.(type) {
	case int64:
		to.SetInt64(x)
		return nil
	case *big.Int:
		to.SetInt(x)
		return nil
	case float64:
		if math.IsNaN(x) {
			return gotype.Mismatch(v, gotype.BigFloatType)
		}
		to.SetFloat64(x)
		return nil
	case *value.Object:
		if s, ok := numberText(x); ok {
			if to.Prec() == 0 {
				// As many bits as the digits are worth.
				to.SetPrec(uint(max(64, len(s)*10/3+1)))
			}
			if _, ok := to.SetString(s); ok {
				return nil
			}
		}
	}
	return gotype.Mismatch(v, gotype.BigFloatType)
}

// numberText is the text of a decimal or a fraction, short enough that its
// exponent cannot be used to fill the memory.
func numberText(o *value.Object) (string, bool) {
	x, ok := onlyArg(o)
	if !ok {
		return "", false
	}
	s, ok := x.(string)
	if i := strings.IndexAny(s, "eE"); ok && i >= 0 && len(s)-i > 6 {
		return "", false
	}
	return s, ok
}

func toBig(v any) (*big.Int, bool) {
	switch x := v.(type) {
	case int64:
		return big.NewInt(x), true
	case *big.Int:
		return x, true
	}
	return nil, false
}

// uuidBytes are the 16 octets of a uuid.UUID.
func uuidBytes(v any) ([]byte, bool) {
	o, ok := v.(*value.Object)
	if !ok {
		return nil, false
	}
	if g, _ := o.Class(); g != (value.Global{Module: "uuid", Name: "UUID"}) {
		return nil, false
	}
	x, _ := o.Attr("int")
	i, ok := toBig(x)
	if !ok || i.Sign() < 0 || i.BitLen() > 128 {
		return nil, false
	}
	return i.FillBytes(make([]byte, 16)), true
}

// pathText is the text of a pathlib path.
func pathText(o *value.Object) (string, bool) {
	g, ok := o.Class()
	if !ok || g.Module != "pathlib" && !strings.HasPrefix(g.Module, "pathlib.") {
		return "", false
	}
	parts := make([]string, len(o.Args))
	for i, x := range o.Args {
		if parts[i], ok = x.(string); !ok {
			return "", false
		}
	}
	sep := "/"
	if strings.Contains(g.Name, "Windows") {
		sep = `\`
		// CPython 3.13 pickles what the path was made of.
		for i := range parts {
			parts[i] = strings.ReplaceAll(parts[i], "/", sep)
		}
	}
	if len(parts) > 0 && strings.HasSuffix(parts[0], sep) {
		return parts[0] + strings.Join(parts[1:], sep), true
	}
	return strings.Join(parts, sep), true
}

// arrayItems are the items of an array.array.
func arrayItems(o *value.Object) ([]any, bool) {
	if g, _ := o.Class(); g.Name == "array" {
		if len(o.Args) != 2 {
			return nil, len(o.Args) == 1
		}
		return itemsOf(o.Args[1])
	}
	if len(o.Args) != 4 {
		return nil, false
	}
	format, ok1 := o.Args[2].(int64)
	b, ok2 := octets(o.Args[3])
	if !ok1 || !ok2 || format < 0 || int(format) >= len(machineFormats) {
		return nil, false
	}
	f := machineFormats[format]
	if len(b)%f.size != 0 {
		return nil, false
	}
	items := make([]any, len(b)/f.size)
	for i := range items {
		items[i] = f.dtype.item(b[i*f.size:])
	}
	return items, true
}

// machineFormats are the codes of array._array_reconstructor (array module,
// enum machine_format_code).
var machineFormats = [...]struct {
	size  int
	dtype DType
}{
	{1, DType{Kind: 'u', Size: 1, Order: '<'}}, {1, DType{Kind: 'i', Size: 1, Order: '<'}},
	{2, DType{Kind: 'u', Size: 2, Order: '<'}}, {2, DType{Kind: 'u', Size: 2, Order: '>'}},
	{2, DType{Kind: 'i', Size: 2, Order: '<'}}, {2, DType{Kind: 'i', Size: 2, Order: '>'}},
	{4, DType{Kind: 'u', Size: 4, Order: '<'}}, {4, DType{Kind: 'u', Size: 4, Order: '>'}},
	{4, DType{Kind: 'i', Size: 4, Order: '<'}}, {4, DType{Kind: 'i', Size: 4, Order: '>'}},
	{8, DType{Kind: 'u', Size: 8, Order: '<'}}, {8, DType{Kind: 'u', Size: 8, Order: '>'}},
	{8, DType{Kind: 'i', Size: 8, Order: '<'}}, {8, DType{Kind: 'i', Size: 8, Order: '>'}},
	{4, DType{Kind: 'f', Size: 4, Order: '<'}}, {4, DType{Kind: 'f', Size: 4, Order: '>'}},
	{8, DType{Kind: 'f', Size: 8, Order: '<'}}, {8, DType{Kind: 'f', Size: 8, Order: '>'}},
}

// uintOf reads an unsigned number of any size up to 8 bytes.
func uintOf(b []byte, size int, bigEndian bool) uint64 {
	var full [8]byte
	if bigEndian {
		copy(full[8-size:], b[:size])
		return binary.BigEndian.Uint64(full[:])
	}
	copy(full[:], b[:size])
	return binary.LittleEndian.Uint64(full[:])
}
