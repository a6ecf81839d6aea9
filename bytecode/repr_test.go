package bytecode_test

import (
	"math"
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
)

func TestRepr(t *testing.T) {
	minusZero := math.Copysign(0, -1)
	tests := []struct {
		value any
		want  string
	}{
		{nil, "None"},
		{true, "True"},
		{false, "False"},
		{-7, "-7"},
		{uint64(1<<64 - 1), "18446744073709551615"},
		{new(big.Int).Lsh(big.NewInt(1), 70), "1180591620717411303424"},
		{new(big.Int).Lsh(big.NewInt(1), 20000), "<int of 20001 bits>"},
		{0.0, "0.0"},
		{minusZero, "-0.0"},
		{1.0, "1.0"},
		{0.1, "0.1"},
		{1e15, "1000000000000000.0"},
		{1e16, "1e+16"},
		{1.5e-5, "1.5e-05"},
		{0.0001, "0.0001"},
		{1e100, "1e+100"},
		{math.Inf(-1), "-inf"},
		{math.NaN(), "nan"},
		{2i, "2j"},
		{complex(minusZero, 1.5), "(-0+1.5j)"},
		{complex(1, -2), "(1-2j)"},
		{complex(1, math.NaN()), "(1+nanj)"},
		{complex(0, math.Inf(1)), "infj"},
		{"", "''"},
		{"it's", `"it's"`},
		{`it's "q"`, `'it\'s "q"'`},
		{"a\\b\n\t\r\x00\x7f", `'a\\b\n\t\r\x00\x7f'`},
		{"\u00e9\u20ac\u00a0\u200b\U0001f600\U000e0001", `'é€\xa0\u200b😀\U000e0001'`},
		{"\xed\xa0\x80\xed\xbf\xbf", `'\ud800\udfff'`},
		{"\xe9a", `'\xe9a'`},
		{[]byte("a'\"\xff\n"), `b'a\'"\xff\n'`},
		{[]byte("it's"), `b"it's"`},
		{[]any{}, "()"},
		{[]any{1}, "(1,)"},
		{[]any{1, []any{"x", nil}}, "(1, ('x', None))"},
		{bytecode.FrozenSet{}, "frozenset()"},
		{bytecode.FrozenSet{1, 2}, "frozenset({1, 2})"},
		{bytecode.Slice{Stop: 2}, "slice(None, 2, None)"},
		{bytecode.Ellipsis{}, "Ellipsis"},
		{&bytecode.Code{Name: "f\x1b", Filename: "a.py", FirstLine: 3}, `<code object 'f\x1b', file "a.py", line 3>`},
		{bytecode.Version{Major: 3, Minor: 9}, "<3.9>"},
		{struct{ A int }{1}, "<struct { A int }>"},
	}
	for _, tt := range tests {
		if got := bytecode.Repr(tt.value); got != tt.want {
			t.Errorf("Repr(%#v) = %s, want %s", tt.value, got, tt.want)
		}
	}
}

func TestReprIsBounded(t *testing.T) {
	bytecode.SetMaxRepr(t, 100)
	loop := []any{"x", nil}
	loop[1] = loop
	wide := make([]any, 1<<20)
	for _, value := range []any{
		loop, wide, strings.Repeat("é", 1<<20), strings.Repeat("'", 1<<20), make([]byte, 1<<20),
		bytecode.FrozenSet{loop}, bytecode.Slice{Start: loop},
	} {
		got := bytecode.Repr(value)
		if len(got) > 103 || !strings.HasSuffix(got, "...") || !utf8.ValidString(got) {
			t.Errorf("%T: %d bytes: %.200s", value, len(got), got)
		}
	}
}
