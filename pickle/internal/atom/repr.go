package atom

// Python's repr of strings, bytes and floats, for the disassembler.

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FloatRepr is repr(f): the shortest digits, with an exponent below 1e-4
// and from 1e16 on.
func FloatRepr(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// pythonQuote is the quote that repr chooses: ' unless only " avoids a backslash.
func pythonQuote(single, double bool) byte {
	if single && !double {
		return '"'
	}
	return '\''
}

func BytesRepr(b []byte) string {
	q := pythonQuote(strings.Contains(string(b), "'"), strings.Contains(string(b), `"`))
	out := append(make([]byte, 0, len(b)+3), 'b', q)
	for _, c := range b {
		switch {
		case c == q || c == '\\':
			out = append(out, '\\', c)
		case c == '\t':
			out = append(out, `\t`...)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r':
			out = append(out, `\r`...)
		case c < ' ' || c >= 0x7f:
			out = append(out, '\\', 'x', hexDigit(c>>4), hexDigit(c&15))
		default:
			out = append(out, c)
		}
	}
	return string(append(out, q))
}

func StrRepr(s string) string {
	q := pythonQuote(strings.Contains(s, "'"), strings.Contains(s, `"`))
	out := append(make([]byte, 0, len(s)+2), q)
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 {
			// A surrogate, the only thing in a str that Go calls invalid.
			if len(s) >= 3 && ValidSurrogates([]byte(s[:3])) {
				r, n = rune(s[0]&15)<<12|rune(s[1]&0x3f)<<6|rune(s[2]&0x3f), 3
			} else {
				r = rune(s[0])
			}
		}
		s = s[n:]
		switch {
		case r == rune(q) || r == '\\':
			out = append(out, '\\', byte(r))
		case r == '\t':
			out = append(out, `\t`...)
		case r == '\n':
			out = append(out, `\n`...)
		case r == '\r':
			out = append(out, `\r`...)
		case r == ' ' || r < 0x7f && r > ' ':
			out = append(out, byte(r))
		case unicode.IsPrint(r) && r >= 0x80:
			out = utf8.AppendRune(out, r)
		case r < 0x100:
			out = append(out, '\\', 'x', hexDigit(byte(r)>>4), hexDigit(byte(r)&15))
		case r < 0x10000:
			out = append(out, '\\', 'u', hexDigit(byte(r>>12)), hexDigit(byte(r>>8)&15), hexDigit(byte(r>>4)&15), hexDigit(byte(r)&15))
		default:
			out = append(out, '\\', 'U')
			for shift := 28; shift >= 0; shift -= 4 {
				out = append(out, hexDigit(byte(r>>shift)&15))
			}
		}
	}
	return string(append(out, q))
}

func hexDigit(b byte) byte { return "0123456789abcdef"[b&15] }
