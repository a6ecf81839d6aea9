package pickle

import (
	"bytes"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// Comparisons of what is encoded with what CPython writes for the same value.

// TestMarshalGoBytes encodes Go values: the bytes must be those of pickle.dumps.
func TestMarshalGoBytes(t *testing.T) {
	pythons(t, func(t *testing.T, p *python) {
		for _, c := range goCases {
			if _, ok := c.value.(*big.Rat); ok && !p.atLeast(3, 11) {
				continue // a Fraction was made of a str
			}
			for proto, want := range dumpCase(t, p, c.expr) {
				got, err := Marshal(c.value, WithProtocol(proto))
				if err != nil {
					t.Errorf("%#v, protocol %d: %v", c.value, proto, err)
					continue
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%s, protocol %d:\n got %q\nwant %q", c.expr, proto, got, want)
				}
			}
		}
	})
}

type benchAddress struct {
	City string `pickle:"city"`
	Zip  string `pickle:"zip"`
}

type benchUser struct {
	ID     int          `pickle:"id"`
	Name   string       `pickle:"name"`
	Score  float64      `pickle:"score"`
	Tags   []string     `pickle:"tags"`
	Active bool         `pickle:"active"`
	Addr   benchAddress `pickle:"addr"`
	Note   any          `pickle:"note"`
}

type flatRecord struct {
	A, B, C int64
	S       string
	F       float64
}

// TestMarshalLarge does the same with values of many frames and batches.
func TestMarshalLarge(t *testing.T) {
	const n = 3000
	users := make([]benchUser, n)
	ints, i64s, floats, strs := make([]int, 30*n), make([]int64, 30*n), make([]float64, 30*n), make([]string, 5*n)
	wides := make([]flatRecord, 2*n)
	mixed := make([]any, 4*n)
	for i := range users {
		users[i] = benchUser{i * 100, fmt.Sprintf("üser%d", i), float64(i) / 4, []string{fmt.Sprintf("tag %d", i), "b"}, i%2 == 0,
			benchAddress{fmt.Sprintf("city %d", i), strings.Repeat("z", i)}, nil}
	}
	for i := range ints {
		ints[i], i64s[i], floats[i] = i*7919-1000, int64(i)<<(i%40), float64(i)/8
	}
	for i := range strs {
		strs[i] = fmt.Sprintf("string %d%s", i, strings.Repeat("+", i%300))
	}
	for i := range wides {
		wides[i] = flatRecord{int64(i), int64(i) << 20, int64(i) << 33, fmt.Sprintf("w%d", i+10), -float64(i)}
	}
	for i := range mixed {
		mixed[i] = []any{i, -i, float64(i), fmt.Sprintf("m%d", i), i%2 == 0, nil, []byte(fmt.Sprintf("bytes %d", i)), []int{}}[i%8]
	}
	texts := map[string]string{}
	for i := range 1001 {
		texts[fmt.Sprintf("key %04d", i)] = strings.Repeat("x", 100+i)
	}
	numbers := map[int]float64{}
	for i := range 2000 {
		numbers[i-700] = float64(i)
	}
	large := []any{"before", bytes.Repeat([]byte("12345678"), 200_000), "between", strings.Repeat("ab", 100_000), "after"}
	for _, c := range []struct {
		name  string
		value any
		expr  string
	}{
		{"records", users, `[{'id': i * 100, 'name': 'üser%d' % i, 'score': i / 4, 'tags': ['tag %d' % i, 'b'], 'active': i % 2 == 0,
			'addr': {'city': 'city %d' % i, 'zip': 'z' * i}, 'note': None} for i in range(3000)]`},
		{"ints", ints, "[i * 7919 - 1000 for i in range(90000)]"},
		{"int64s", i64s, "[i << (i % 40) for i in range(90000)]"},
		{"floats", floats, "[i / 8 for i in range(90000)]"},
		{"strings", strs, "['string %d' % i + '+' * (i % 300) for i in range(15000)]"},
		{"wide", wides, "[{'A': i, 'B': i << 20, 'C': i << 33, 'S': 'w%d' % (i + 10), 'F': -float(i)} for i in range(6000)]"},
		{"mixed", mixed, "[(i, -i, float(i), 'm%d' % i, i % 2 == 0, None, b'bytes %d' % i, [])[i % 8] for i in range(12000)]"},
		{"texts", texts, "{'key %04d' % i: 'x' * (100 + i) for i in range(1001)}"},
		{"numbers", numbers, "{i - 700: float(i) for i in range(2000)}"},
		{"large", large, "['before', b'12345678' * 200000, 'between', 'ab' * 100000, 'after']"},
	} {
		t.Run(c.name, func(t *testing.T) {
			pythons(t, func(t *testing.T, p *python) {
				for proto, want := range dumpCase(t, p, c.expr) {
					got, err := Marshal(c.value, WithProtocol(proto))
					if err != nil {
						t.Fatal(err)
					}
					if !bytes.Equal(got, want) {
						t.Errorf("protocol %d: Python writes %s", proto, firstDifference(want, got))
					}
					var stream bytes.Buffer
					if err := NewEncoder(&stream, WithProtocol(proto)).Encode(c.value); err != nil || !bytes.Equal(stream.Bytes(), want) {
						t.Errorf("protocol %d, Encoder: %v, Python writes %s", proto, err, firstDifference(want, stream.Bytes()))
					}
				}
			})
		})
	}
}

// TestOutOfBandPython gives Python the buffers that were left out.
func TestOutOfBandPython(t *testing.T) {
	payload := bytes.Repeat([]byte("x"), 1000)
	var taken [][]byte
	data, err := Marshal(map[string]any{"array": payload, "small": []byte("s"), "again": payload}, WithProtocol(5),
		WithOutOfBand(100, func(b []byte) (bool, error) { taken = append(taken, b); return true, nil }))
	if err != nil {
		t.Fatal(err)
	}
	pythons(t, func(t *testing.T, p *python) {
		a := p.must(t, request{Op: "run", Data: data, Buffers: taken, Expr: "{'again': b'x' * 1000, 'array': b'x' * 1000, 'small': b's'}"})
		if !a.OK || a.Same == nil || !*a.Same {
			t.Errorf("Python has %.200s %s", a.Repr, a.Error)
		}
	})
}

// TestOpcodeTablePython compares the table with that of pickletools.
func TestOpcodeTablePython(t *testing.T) {
	var want strings.Builder
	for info := range wire.Opcodes() {
		fmt.Fprintf(&want, "%d %s %d\n", info.Code, info.Name, info.Proto)
	}
	pythons(t, func(t *testing.T, p *python) {
		row := dumpCase(t, p, `''.join('%d %s %d\n' % (ord(o.code), o.name, o.proto) for o in
			sorted(__import__('pickletools').opcodes, key=lambda o: (o.proto, ord(o.code))))`)
		v, err := Load(row[DefaultProtocol])
		if err != nil {
			t.Fatal(err)
		}
		compareLines(t, want.String(), v.(string))
	})
}
