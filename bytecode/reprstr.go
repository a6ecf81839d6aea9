package bytecode

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// quoteFor picks Python's quote: ' unless only " avoids escapes.
func quoteFor(hasSingle, hasDouble bool) byte {
	if hasSingle && !hasDouble {
		return '"'
	}
	return '\''
}

// appendString writes a string as Python does, and stops after limit bytes.
func appendString(buf []byte, s string, limit int) []byte {
	s = s[:min(len(s), limit+utf8.UTFMax)] // no look at what isn't shown
	quote := quoteFor(strings.Contains(s, "'"), strings.Contains(s, `"`))
	buf = append(buf, quote)
	for i := 0; i < len(s) && len(buf) <= limit; {
		r, size := decodeRune(s[i:])
		if r < 0 {
			buf = appendHex(append(buf, `\x`...), rune(s[i]), 2)
		} else {
			buf = appendRune(buf, r, quote)
		}
		i += size
	}
	return append(buf, quote)
}

// decodeRune reads one code point. Surrogates, which Go's UTF-8 refuses, are
// read from their three bytes; a byte that starts nothing gives -1.
func decodeRune(s string) (r rune, size int) {
	r, size = utf8.DecodeRuneInString(s)
	if r != utf8.RuneError || size != 1 {
		return r, size
	}
	if len(s) >= 3 && s[0] == 0xED && s[1]&0xE0 == 0xA0 && s[2]&0xC0 == 0x80 {
		return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), 3
	}
	return -1, 1
}

func appendRune(buf []byte, r rune, quote byte) []byte {
	switch {
	case r == rune(quote) || r == '\\':
		return append(buf, '\\', byte(r))
	case r == '\t':
		return append(buf, `\t`...)
	case r == '\n':
		return append(buf, `\n`...)
	case r == '\r':
		return append(buf, `\r`...)
	case strconv.IsPrint(r):
		// The same classes of characters as str.isprintable; the two
		// differ where their editions of Unicode do.
		return utf8.AppendRune(buf, r)
	case r < 0x100:
		return appendHex(append(buf, `\x`...), r, 2)
	case r < 0x10000:
		return appendHex(append(buf, `\u`...), r, 4)
	}
	return appendHex(append(buf, `\U`...), r, 8)
}

// appendBytes writes a bytes object as Python does, and stops after limit bytes.
func appendBytes(buf, b []byte, limit int) []byte {
	b = b[:min(len(b), limit+1)]
	var single, double bool
	for _, c := range b {
		single = single || c == '\''
		double = double || c == '"'
	}
	quote := quoteFor(single, double)
	buf = append(buf, 'b', quote)
	for _, c := range b {
		if len(buf) > limit {
			break
		}
		if c >= utf8.RuneSelf {
			buf = appendHex(append(buf, `\x`...), rune(c), 2)
		} else {
			buf = appendRune(buf, rune(c), quote)
		}
	}
	return append(buf, quote)
}

func appendHex(buf []byte, r rune, digits int) []byte {
	const hex = "0123456789abcdef"
	for digits--; digits >= 0; digits-- {
		buf = append(buf, hex[r>>(4*digits)&15])
	}
	return buf
}

// printable returns a name as it is, or quoted if it could disturb a terminal
// or the layout, and cut if it is long.
func printable(s string) string {
	if len(s) > maxRepr {
		return Repr(s)
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !strconv.IsPrint(r) || r == utf8.RuneError && size == 1 {
			return Repr(s)
		}
		i += size
	}
	return s
}

// trimPartialRune drops a character that a cut left incomplete.
func trimPartialRune(b []byte) []byte {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			break
		}
	}
	return b
}
