package encode

// Encoding of Go's times as Python's datetime module pickles them.

import (
	"strings"
	"time"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// datetimeName is a str of its own: CPython makes the name of a class written
// in C anew each time, so that it isn't the module's name in the memo.
var datetimeName = strings.Clone("datetime")

// time writes a datetime with a time zone. Python counts microseconds, so
// what is finer is cut off.
func (e *encoder) time(t time.Time) error {
	year := t.Year()
	if year < 1 || year > 9999 {
		return encodeErrorf("a datetime has a year from 1 to 9999, not %d", year)
	}
	micro := t.Nanosecond() / 1000
	b := value.Bytes([]byte{byte(year >> 8), byte(year), byte(t.Month()), byte(t.Day()),
		byte(t.Hour()), byte(t.Minute()), byte(t.Second()), byte(micro >> 16), byte(micro >> 8), byte(micro)})
	return e.reduceTemp(value.Global{Module: "datetime", Name: datetimeName}, value.Tuple{e.hold(b), e.zone(t)})
}

// zone is datetime.timezone.utc or a fixed offset, one object for each in a pickle.
func (e *encoder) zone(t time.Time) *value.Object {
	name, offset := t.Zone()
	key := zoneKey{offset: offset}
	args := value.Tuple{durationObject(time.Duration(offset) * time.Second)}
	if offset == 0 && (name == "UTC" || name == "") {
		key.name = "UTC"
	} else if name != "" && t.Location().String() == name {
		key.name = name
		args = append(args, name)
	}
	if z, ok := e.memo.zones[key]; ok {
		return z
	}
	z := &value.Object{Op: wire.OpReduce, Func: value.Global{Module: "datetime", Name: "timezone"}, Args: args}
	if e.memo.zones == nil {
		e.memo.zones = map[zoneKey]*value.Object{}
	}
	e.memo.zones[key] = z
	return z
}

type zoneKey struct {
	name   string
	offset int
}

func (e *encoder) duration(d time.Duration) error {
	o := durationObject(d)
	return e.reduceTemp(o.Func.(value.Global), o.Args)
}

// durationObject is a timedelta. Python counts microseconds, rounded down here.
func durationObject(d time.Duration) *value.Object {
	micro := int64(d / time.Microsecond)
	if d%time.Microsecond < 0 {
		micro--
	}
	const day = 24 * 60 * 60 * 1e6
	days := micro / day
	rest := micro % day
	if rest < 0 {
		days--
		rest += day
	}
	return &value.Object{Op: wire.OpReduce, Func: value.Global{Module: "datetime", Name: "timedelta"},
		Args: value.Tuple{days, rest / 1e6, rest % 1e6}}
}
