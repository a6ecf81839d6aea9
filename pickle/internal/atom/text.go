package atom

// Numbers and strings as text, read the way CPython reads them: by strtol and
// PyLong_FromString, by PyOS_string_to_double, and by the string escapes.

import (
	"errors"
	"math/big"
	"strconv"
	"unicode/utf8"
)

// maxDigits is CPython's limit on decimal digits of an int
// (sys.int_info.default_max_str_digits).
const maxDigits = 4300

var (
	errNoInt     = errors.New("the text is not an int")
	errNoFloat   = errors.New("the text is not a float")
	errIntDigits = errors.New("the text is an int of more than 4300 digits, which CPython refuses")
	errEscape    = errors.New("the string has an incomplete escape")
)

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// CutNUL ends the text where C does.
func CutNUL(b []byte) []byte {
	for i, c := range b {
		if c == 0 {
			return b[:i]
		}
	}
	return b
}

// ParseStrtol is C's strtol with base 0 over text that a newline ends. It
// fails where strtol does not consume the whole text, or overflows.
func ParseStrtol(b []byte) (int64, bool) {
	if len(b) > 0 && b[0] == 0 {
		return 0, true // nothing to convert, and the end is where it should be
	}
	b = CutNUL(b)
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	sign := ""
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		if b[0] == '-' {
			sign = "-"
		}
		b = b[1:]
	}
	base := 10
	if len(b) > 1 && b[0] == '0' {
		if b[1] == 'x' || b[1] == 'X' {
			base, b = 16, b[2:]
		} else {
			base, b = 8, b[1:]
		}
	}
	if len(b) == 0 || len(b) > 64 || b[0] == '+' || b[0] == '-' {
		return 0, false
	}
	i, err := strconv.ParseInt(sign+string(b), base, 64)
	return i, err == nil
}

// ParseInt is PyLong_FromString. A base of 0 goes by the prefix.
func ParseInt(b []byte, base int) (*big.Int, error) {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		b = b[1:]
	}
	mustBeZero := false
	if base == 0 {
		base = 10
		if len(b) > 0 && b[0] == '0' {
			prefix := byte(0)
			if len(b) > 1 {
				prefix = b[1] | 0x20
			}
			switch prefix {
			case 'x':
				base = 16
			case 'o':
				base = 8
			case 'b':
				base = 2
			default:
				mustBeZero = true
			}
			if base != 10 {
				b = b[2:]
				if len(b) > 0 && b[0] == '_' {
					b = b[1:]
				}
			}
		}
	}
	digits := make([]byte, 0, len(b))
	for i, c := range b {
		if c == '_' {
			if i == 0 || i == len(b)-1 || b[i-1] == '_' {
				return nil, errNoInt
			}
			continue
		}
		if digitValue(c) >= base {
			return nil, errNoInt
		}
		digits = append(digits, c)
	}
	if len(digits) == 0 {
		return nil, errNoInt
	}
	if base == 10 && len(digits) > maxDigits {
		return nil, errIntDigits
	}
	i, ok := new(big.Int).SetString(string(digits), base)
	if !ok || mustBeZero && i.Sign() != 0 {
		return nil, errNoInt
	}
	if negative {
		i.Neg(i)
	}
	return i, nil
}

func digitValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'z':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'Z':
		return int(c-'A') + 10
	}
	return 99
}

// ParseFloat is PyOS_string_to_double: no white space, no underscores, no
// hexadecimal, and an overflow is an error.
func ParseFloat(b []byte) (float64, error) {
	b = CutNUL(b)
	s := string(b)
	rest := b
	if len(rest) > 0 && (rest[0] == '-' || rest[0] == '+') {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return 0, errNoFloat
	}
	if c := rest[0] | 0x20; c != 'i' && c != 'n' {
		for _, c := range rest {
			if ('0' > c || c > '9') && c != '.' && c != 'e' && c != 'E' && c != '-' && c != '+' {
				return 0, errNoFloat
			}
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, errNoFloat
	}
	return f, nil
}

// Unescape undoes the escapes of a Python 2 string literal.
func Unescape(b []byte) ([]byte, error) {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c != '\\' {
			out = append(out, c)
			continue
		}
		i++
		if i == len(b) {
			return nil, errEscape
		}
		switch c := b[i]; c {
		case '\n':
		case '\\', '\'', '"':
			out = append(out, c)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 't':
			out = append(out, '\t')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 'v':
			out = append(out, '\v')
		case 'a':
			out = append(out, '\a')
		case '0', '1', '2', '3', '4', '5', '6', '7':
			v := int(c - '0')
			for n := 1; n < 3 && i+1 < len(b) && '0' <= b[i+1] && b[i+1] <= '7'; n++ {
				i++
				v = v*8 + int(b[i]-'0')
			}
			out = append(out, byte(v))
		case 'x':
			if i+2 >= len(b) || digitValue(b[i+1]) > 15 || digitValue(b[i+2]) > 15 {
				return nil, errEscape
			}
			out = append(out, byte(digitValue(b[i+1])<<4|digitValue(b[i+2])))
			i += 2
		default:
			out = append(out, '\\', c)
		}
	}
	return out, nil
}

// RawUnicode decodes the raw-unicode-escape encoding: Latin-1, with \u and \U.
func RawUnicode(b []byte) ([]byte, error) {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' || i+1 == len(b) {
			out = utf8.AppendRune(out, rune(b[i]))
			continue
		}
		i++
		n := 0
		switch b[i] {
		case 'u':
			n = 4
		case 'U':
			n = 8
		default:
			out = append(out, '\\')
			out = utf8.AppendRune(out, rune(b[i]))
			continue
		}
		if i+n >= len(b) {
			return nil, errEscape
		}
		v := uint32(0)
		for _, c := range b[i+1 : i+1+n] {
			d := digitValue(c)
			if d > 15 {
				return nil, errEscape
			}
			v = v<<4 | uint32(d)
		}
		if v > utf8.MaxRune {
			return nil, errEscape
		}
		i += n
		out = AppendRune(out, v)
	}
	return out, nil
}

// AppendRune writes a code point in UTF-8, surrogates like any other.
func AppendRune(b []byte, r uint32) []byte {
	if 0xd800 <= r && r < 0xe000 {
		return append(b, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f|0x80, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(b, rune(r))
}

// IsText reports whether b is the content of a str: UTF-8, in which surrogates may
// stand like other characters.
func IsText(b []byte) bool { return utf8.Valid(b) || ValidSurrogates(b) }

// ValidSurrogates reports whether b is UTF-8 but for surrogates written as
// three bytes, what Python calls surrogatepass.
func ValidSurrogates(b []byte) bool {
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		if len(b) >= 3 && b[0] == 0xed && b[1]&0xe0 == 0xa0 && b[2]&0xc0 == 0x80 {
			b = b[3:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			return false
		}
		b = b[n:]
	}
	return true
}

// Latin1 is a str of bytes that are one character each.
func Latin1(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/4)
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return out
}

// BytesOfLatin1 undoes latin1, where it can.
func BytesOfLatin1(s string) ([]byte, bool) {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return nil, false
		}
		out = append(out, byte(r))
	}
	return out, true
}

// IsASCII reports whether no byte is above 127.
func IsASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Quote shows bytes of the input, the first of them when they are many.
func Quote(b []byte) string {
	const most = 40
	if len(b) > most {
		return strconv.Quote(string(b[:most])) + "..."
	}
	return strconv.Quote(string(b))
}
