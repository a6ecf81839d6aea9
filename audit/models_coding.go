package audit

// Codecs: base64, hex, rot13, zlib and their kin.

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"encoding/ascii85"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gocloudpickle/gocloudpickle/pickle"
)

func codingModels() map[string]model {
	return map[string]model{
		"base64.b64decode":          decodes(base64Decoder(false)),
		"base64.standard_b64decode": decodes(base64Decoder(false)),
		"base64.decodebytes":        decodes(base64Decoder(false)),
		"binascii.a2b_base64":       decodes(base64Decoder(false)),
		"base64.urlsafe_b64decode":  decodes(base64Decoder(true)),
		"base64.b32decode":          decodes(func(b []byte) ([]byte, error) { return base32.StdEncoding.DecodeString(strings.ToUpper(string(b))) }),
		"base64.b16decode":          decodes(func(b []byte) ([]byte, error) { return hex.DecodeString(string(b)) }),
		"binascii.unhexlify":        decodes(func(b []byte) ([]byte, error) { return hex.DecodeString(string(b)) }),
		"binascii.a2b_hex":          decodes(func(b []byte) ([]byte, error) { return hex.DecodeString(string(b)) }),
		"base64.a85decode": decodes(func(b []byte) ([]byte, error) {
			to := make([]byte, 4*len(b)+8)
			n, _, err := ascii85.Decode(to, b, true)
			return to[:n], err
		}),
		"base64.b85decode": decodes(base85),
		"base64.b64encode": decodes(func(b []byte) ([]byte, error) { return base64.StdEncoding.AppendEncode(nil, b), nil }),
		"binascii.hexlify": decodes(func(b []byte) ([]byte, error) { return hex.AppendEncode(nil, b), nil }),
		"zlib.decompress": decodes(func(b []byte) ([]byte, error) {
			r, err := zlib.NewReader(bytes.NewReader(b))
			if err != nil {
				return nil, err
			}
			return unpacked(r)
		}),
		"gzip.decompress": decodes(func(b []byte) ([]byte, error) {
			r, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				return nil, err
			}
			return unpacked(r)
		}),
		"bz2.decompress": decodes(func(b []byte) ([]byte, error) {
			return unpacked(bzip2.NewReader(bytes.NewReader(b)))
		}),
		"codecs.decode": byCodec(func(v value, codec string) value {
			switch s := v.(type) {
			case octets:
				return orKind(decodeOctets(s, codec), "")
			case string:
				if isRot13(codec) {
					return rot13(s)
				}
				return orKind(decodeOctets(octets(s), codec), "")
			}
			return nil
		}),
		"codecs.encode": byCodec(func(v value, codec string) value {
			switch s := v.(type) {
			case string:
				return orKind(encodeText(s, codec), "")
			case octets:
				switch normalCodec(codec) {
				case "hex":
					return octets(hex.EncodeToString([]byte(s)))
				case "base64":
					if len(s) > 0 && len(s) <= 57 { // of more it makes lines
						return octets(base64.StdEncoding.EncodeToString([]byte(s)) + "\n")
					}
				}
			}
			return nil
		}),
		"urllib.parse.unquote": func(x *examiner, args []value, kwargs map[string]value) value {
			if len(args) == 1 && len(kwargs) == 0 {
				if s, ok := args[0].(string); ok {
					if u, err := url.PathUnescape(s); err == nil && utf8.ValidString(u) {
						return u
					}
				}
			}
			return nil
		},
		"json.loads": func(x *examiner, args []value, kwargs map[string]value) value {
			if len(args) != 1 || len(kwargs) > 0 {
				return nil // with hooks
			}
			var raw string
			switch s := args[0].(type) {
			case string:
				raw = s
			case octets:
				raw = string(s)
			default:
				return nil
			}
			if len(raw) > maxText || !utf8.ValidString(raw) || strings.Contains(raw, `\u`) || !json.Valid([]byte(raw)) {
				return someLost()
			}
			d := json.NewDecoder(strings.NewReader(raw))
			d.UseNumber()
			return fromJSON(d, 100)
		},
		"pickle.loads": nested, "_pickle.loads": nested, "cloudpickle.loads": nested, "dill.loads": nested,
	}
}

// fromJSON is the next value of valid JSON; dicts have the order of the text.
func fromJSON(from *json.Decoder, depth int) value {
	t, err := from.Token()
	if err != nil || depth == 0 {
		return someLost()
	}
	switch v := t.(type) {
	case nil:
		return none{}
	case bool, string:
		return v
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil && v != "-0" {
			return n
		}
		return someLost()
	case json.Delim:
		if v == '[' {
			l := &list{kind: "list"}
			for from.More() {
				l.add(fromJSON(from, depth-1))
			}
			from.Token()
			return l
		}
		d := newDict()
		for from.More() {
			k := fromJSON(from, depth-1)
			d.set(k, fromJSON(from, depth-1))
		}
		from.Token()
		return d
	}
	return someLost()
}

// nested is a pickle inside: it is examined too.
func nested(x *examiner, args []value, _ map[string]value) value {
	if len(args) == 0 {
		return nil
	}
	b, ok := args[0].(octets)
	if !ok {
		if l, isList := args[0].(*list); isList && l.kind == "bytearray" {
			b, ok = bytesOf(l)
		}
	}
	if !ok || x.nested >= 3 {
		x.problem("stream", "a pickle that is loaded inside can't be known")
		return &unknown{from: insides}
	}
	x.nested++
	defer func() { x.nested-- }()
	var v value = &unknown{from: insides}
	x.in("pickle.loads", x.when, func() { v = x.stream([]byte(b), []pickle.Option{}) })
	return v
}

// byCodec is codecs.encode or decode: convert gives nil for what it doesn't do.
func byCodec(convert func(v value, codec string) value) model {
	return func(_ *examiner, args []value, kwargs map[string]value) value {
		if len(args) == 0 {
			return nil
		}
		if codec, ok := codecArg(args, kwargs, 1); ok {
			if v := convert(args[0], codec); v != nil {
				return v
			}
		}
		return &unknown{from: result(args...)}
	}
}

func decodes(f func([]byte) ([]byte, error)) model {
	return func(x *examiner, args []value, kwargs map[string]value) value {
		var all value
		v := args
		if len(args)+len(kwargs) > 1 {
			return some("bytes", result(args...)) // other alphabets, formats and separators
		}
		if len(v) == 0 {
			if s := kwargs["s"]; s != nil {
				v = []value{s}
			} else {
				return nil
			}
		}
		for _, v := range each(v[0]) {
			var b []byte
			switch s := v.(type) {
			case string:
				b = []byte(s)
			case octets:
				b = []byte(s)
			case *list:
				o, ok := bytesOf(s)
				if !ok {
					return some("bytes", lost)
				}
				b = []byte(o)
			default:
				return some("bytes", result(v))
			}
			x.charge(len(b) / 32)
			made, err := f(b)
			if err != nil || len(made) > maxText {
				return some("bytes", lost)
			}
			all = join(all, octets(made))
		}
		return all
	}
}

// unpacked is what a reader has, an error if that is more than is followed.
func unpacked(r io.Reader) ([]byte, error) {
	made, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if err == nil && len(made) > maxText {
		err = bufio.ErrTooLong
	}
	return made, err
}

func base64Decoder(urlSafe bool) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) {
		s := string(b)
		if urlSafe {
			s = strings.NewReplacer("-", "+", "_", "/").Replace(s)
		}
		// Python skips what is not of the alphabet.
		kept := make([]byte, 0, len(s))
		padding := 0
		for i := range len(s) {
			switch c := s[i]; {
			case len(kept)%4 >= 2 && len(kept)%4+padding >= 4:
				return nil, io.ErrUnexpectedEOF // what is behind the padding versions of Python take differently
			case c == '+' || c == '/' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
				kept = append(kept, c)
				padding = 0
			case c == '=':
				padding++
			}
		}
		return base64.RawStdEncoding.DecodeString(string(kept))
	}
}

const base85Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"

func base85(b []byte) ([]byte, error) {
	pad := (5 - len(b)%5) % 5
	b = append(bytes.Clone(b), bytes.Repeat([]byte("~"), pad)...)
	var made []byte
	for i := 0; i < len(b); i += 5 {
		n := uint64(0)
		for _, c := range b[i : i+5] {
			d := strings.IndexByte(base85Alphabet, c)
			if d < 0 {
				return nil, io.ErrUnexpectedEOF
			}
			n = n*85 + uint64(d)
		}
		made = append(made, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return made[:max(len(made)-pad, 0)], nil
}

func normalCodec(s string) string {
	s = strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(s))
	return strings.TrimSuffix(s, "codec")
}

func isRot13(s string) bool { s = normalCodec(s); return s == "rot13" }

func rot13(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case r >= 'A' && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		}
		return r
	}, s)
}

// encodeText is a str in a codec, nil for one that isn't followed.
func encodeText(s, codec string) value {
	if len(s) > maxText {
		return nil
	}
	switch normalCodec(codec) {
	case "utf8", "u8":
		return octets(s)
	case "ascii":
		if ascii(s) {
			return octets(s)
		}
	case "latin1", "iso88591", "l1":
		var b []byte
		for _, r := range s {
			if r > 0xff {
				return nil
			}
			b = append(b, byte(r))
		}
		return octets(b)
	case "utf16le":
		if !utf8.ValidString(s) {
			return nil
		}
		var b []byte
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return octets(b)
	case "rot13":
		return rot13(s)
	}
	return nil
}

// decodeOctets is what a codec makes of bytes, nil for one that isn't followed.
func decodeOctets(b octets, codec string) value {
	if len(b) > maxText {
		return nil
	}
	switch normalCodec(codec) {
	case "utf8", "u8":
		if utf8.ValidString(string(b)) {
			return string(b)
		}
	case "ascii":
		if ascii(string(b)) {
			return string(b)
		}
	case "latin1", "iso88591", "l1":
		r := make([]rune, len(b))
		for i := range len(b) {
			r[i] = rune(b[i])
		}
		return string(r)
	case "utf16", "utf16le":
		raw := string(b)
		if normalCodec(codec) == "utf16" {
			if strings.HasPrefix(raw, "\xfe\xff") {
				return nil // the other order
			}
			raw = strings.TrimPrefix(raw, "\xff\xfe")
		}
		if len(raw)%2 != 0 {
			return nil
		}
		var u []uint16
		for i := 0; i+1 < len(raw); i += 2 {
			u = append(u, uint16(raw[i])|uint16(raw[i+1])<<8)
		}
		made := utf16.Decode(u)
		if slices.Contains(made, utf8.RuneError) {
			return nil
		}
		return string(made)
	case "hex":
		if made, err := hex.DecodeString(string(b)); err == nil {
			return octets(made)
		}
	case "base64":
		if made, err := base64Decoder(false)([]byte(b)); err == nil {
			return octets(made)
		}
	case "zlib", "zip":
		if r, err := zlib.NewReader(strings.NewReader(string(b))); err == nil {
			if made, err := unpacked(r); err == nil {
				return octets(made)
			}
		}
	case "rot13":
		return rot13(string(b))
	case "unicodeescape":
		return orKind(unescaped(string(b)), "str")
	case "rawunicodeescape":
		if ascii(string(b)) && !strings.Contains(string(b), `\`) {
			return string(b)
		}
	}
	return nil
}

// unescaped is a text with escapes of two, four or no digits, nil for others.
func unescaped(s string) value {
	var b strings.Builder
	if !ascii(s) {
		return nil
	}
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		if i >= len(s) {
			return nil
		}
		digits := 0
		switch s[i] {
		case 'x':
			digits = 2
		case 'u':
			digits = 4
		case 'n':
			b.WriteByte('\n')
			continue
		case 't':
			b.WriteByte('\t')
			continue
		case '\\', '\'', '"':
			b.WriteByte(s[i])
			continue
		default:
			return nil
		}
		if i+digits >= len(s) {
			return nil
		}
		n, err := strconv.ParseUint(s[i+1:i+1+digits], 16, 32)
		if err != nil || !utf8.ValidRune(rune(n)) {
			return nil
		}
		b.WriteRune(rune(n))
		i += digits
	}
	return b.String()
}
