package seal

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gocloudpickle/gocloudpickle/seal/format"
)

var update = flag.Bool("update", false, "write testdata/vectors.json")

// vectors are the published test vectors: docs/sealed-format.md says how to read them.
type vectors struct {
	Keys     map[string]string `json:"keys"` // PEM, by name
	Accepted []acceptedVector  `json:"accepted"`
	Refused  []refusedVector   `json:"refused"`
}

// An acceptedVector is what a Signer makes of its fields, byte by byte.
type acceptedVector struct {
	Name      string   `json:"name"`
	Key       string   `json:"key"`
	Audience  string   `json:"audience"`
	Purpose   string   `json:"purpose"`
	Issued    int64    `json:"issued"` // milliseconds, as all times here
	ValidIn   int64    `json:"valid_in"`
	ExpiresIn int64    `json:"expires_in"` // 0: never
	Nonce     string   `json:"nonce"`      // hexadecimal, as all bytes here
	Python    [2]int   `json:"python"`
	Content   string   `json:"content_type"`
	Parts     []string `json:"parts"`
	Detached  bool     `json:"detached"`
	Envelope  string   `json:"envelope"`
}

// A refusedVector is an envelope that a Verifier with all keys refuses.
type refusedVector struct {
	Name     string `json:"name"`
	Audience string `json:"audience"`
	Purpose  string `json:"purpose"`
	Now      int64  `json:"now"`
	Skew     int64  `json:"skew"`
	Envelope string `json:"envelope"`
	Reason   string `json:"reason"`
}

const vectorTime = 1_700_000_000_000

// vectorKeys are keys that anybody can make again: never use them for anything else.
func vectorKeys() map[string]*Key {
	keys := map[string]*Key{}
	for i := range 2 {
		seed := bytes.Repeat([]byte{byte(i + 1)}, ed25519.SeedSize)
		keys[fmt.Sprintf("ed25519-%d", i)] = newEd25519(ed25519.NewKeyFromSeed(seed))
		keys[fmt.Sprintf("hmac-sha256-%d", i)] = newHMAC(seed)
	}
	return keys
}

func (v *acceptedVector) sign(keys map[string]*Key) ([]byte, error) {
	nonce, _ := hex.DecodeString(v.Nonce)
	signer := Signer{
		Key: keys[v.Key], Audience: v.Audience, Purpose: v.Purpose, Type: contentTypes[v.Content],
		ExpiresIn: time.Duration(v.ExpiresIn) * time.Millisecond, ValidIn: time.Duration(v.ValidIn) * time.Millisecond,
		Python: Version{Major: uint8(v.Python[0]), Minor: uint8(v.Python[1])},
		now:    func() time.Time { return time.UnixMilli(v.Issued) }, rnd: bytes.NewReader(nonce),
	}
	parts := v.parts()
	if v.Detached {
		return signer.SignDetached(parts[0], parts[1:]...)
	}
	return signer.Sign(parts[0], parts[1:]...)
}

func (v *acceptedVector) parts() [][]byte {
	var parts [][]byte
	for _, text := range v.Parts {
		part, _ := hex.DecodeString(text)
		parts = append(parts, part)
	}
	return parts
}

var contentTypes = map[string]ContentType{"pickle": Pickled, "bytes": Bytes, "encrypted": Encrypted}

func makeVectors(t *testing.T) vectors {
	keys := vectorKeys()
	out := vectors{Keys: map[string]string{}}
	for name, key := range keys {
		text, err := key.PEM()
		if err != nil {
			t.Fatal(err)
		}
		out.Keys[name] = string(text)
	}
	pattern := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(i * 7)
		}
		return hex.EncodeToString(b)
	}
	n := 0
	add := func(v acceptedVector) {
		n++
		v.Nonce = fmt.Sprintf("%032x", n)
		if v.Issued == 0 {
			v.Issued = vectorTime
		}
		if v.Purpose == "" {
			v.Purpose = DefaultPurpose
		}
		envelope, err := v.sign(keys)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		v.Envelope = hex.EncodeToString(envelope)
		out.Accepted = append(out.Accepted, v)
	}
	for _, key := range []string{"ed25519-0", "ed25519-1", "hmac-sha256-0", "hmac-sha256-1"} {
		for _, detached := range []bool{false, true} {
			for _, parts := range [][]string{{""}, {"00"}, {pattern(100)}, {pattern(1000), "", pattern(3)}} {
				for _, content := range []string{"pickle", "bytes", "encrypted"} {
					name := fmt.Sprintf("%s, %d parts of %s, detached: %v", key, len(parts), content, detached)
					add(acceptedVector{Name: name, Key: key, Audience: "workers", Content: content, Parts: parts, Detached: detached, Python: [2]int{3, 12}})
				}
			}
		}
		for _, text := range []string{"", "a", "ü", "日本", "\x00", strings.Repeat("x", MaxText), "a b\n\"{}"} {
			add(acceptedVector{Name: fmt.Sprintf("%s, audience %.10q", key, text), Key: key, Audience: text, Content: "bytes", Parts: []string{"aa"}})
			if text != "" {
				add(acceptedVector{Name: fmt.Sprintf("%s, purpose %.10q", key, text), Key: key, Purpose: text, Content: "bytes", Parts: []string{"aa"}})
			}
		}
		for _, expires := range []int64{1, 1000, 86_400_000, 0} {
			for _, valid := range []int64{0, 1, 3_600_000} {
				add(acceptedVector{Name: fmt.Sprintf("%s, expires in %d, valid in %d", key, expires, valid), Key: key, ExpiresIn: expires,
					ValidIn: valid, Content: "pickle", Parts: []string{"80054e2e"}})
			}
		}
		add(acceptedVector{Name: key + ", issued in 1970", Key: key, Issued: 1, Content: "bytes", Parts: []string{""}})
		add(acceptedVector{Name: key + ", issued in 9999", Key: key, Issued: format.MaxTime, Content: "bytes", Parts: []string{""}})
	}
	out.Refused = makeRefused(t, keys)
	return out
}

// makeRefused takes an envelope and changes it, or what is expected of it.
func makeRefused(t *testing.T, keys map[string]*Key) (out []refusedVector) {
	for _, name := range []string{"ed25519-0", "hmac-sha256-0"} {
		v := acceptedVector{Key: name, Audience: "workers", Purpose: DefaultPurpose, Issued: vectorTime, ExpiresIn: 60_000,
			ValidIn: 1000, Nonce: strings.Repeat("ab", NonceSize), Content: "bytes", Parts: []string{"616263", "64"}}
		good, err := v.sign(keys)
		if err != nil {
			t.Fatal(err)
		}
		h, content, err := format.Split(good)
		if err != nil {
			t.Fatal(err)
		}
		add := func(what string, envelope []byte, change func(*refusedVector)) {
			r := refusedVector{Name: name + ": " + what, Audience: "workers", Purpose: DefaultPurpose, Now: vectorTime + 2000, Envelope: hex.EncodeToString(envelope)}
			if change != nil {
				change(&r)
			}
			r.Reason = r.verify(keys)
			out = append(out, r)
		}
		flip := func(i int) []byte {
			b := bytes.Clone(good)
			b[i] ^= 1
			return b
		}
		for i := 0; i < len(good); i += 5 {
			add(fmt.Sprintf("bit 0 of byte %d flipped", i), flip(i), nil)
		}
		for i := 0; i < len(good); i += 17 {
			add(fmt.Sprintf("cut after %d bytes", i), good[:i], nil)
		}
		add("a byte behind the end", append(bytes.Clone(good), 0), nil)
		add("a pickle", []byte("\x80\x05N."), nil)
		add("another audience", good, func(r *refusedVector) { r.Audience = "others" })
		add("another purpose", good, func(r *refusedVector) { r.Purpose = "others" })
		add("too early", good, func(r *refusedVector) { r.Now = vectorTime + 999 })
		add("too late", good, func(r *refusedVector) { r.Now = vectorTime + 60_000 })
		add("too late by the skew", good, func(r *refusedVector) { r.Now, r.Skew = vectorTime+65_000, 5000 })
		for _, swap := range []string{"ed25519-1", "hmac-sha256-1"} {
			changed := h
			s, _ := format.DecodeStatement(h.Statement)
			s.KeyID = keys[swap].id
			changed.Statement, _ = s.Encode()
			add("the key id of "+swap, append(changed.Encode(0), content...), nil)
			s.Algorithm = keys[swap].algorithm
			changed.Statement, _ = s.Encode()
			add("the key id and algorithm of "+swap, append(changed.Encode(0), content...), nil)
		}
	}
	return out
}

// verify is the reason for which it is refused.
func (r *refusedVector) verify(keys map[string]*Key) string {
	envelope, _ := hex.DecodeString(r.Envelope)
	v := Verifier{Audience: r.Audience, Purpose: r.Purpose, Skew: time.Duration(r.Skew) * time.Millisecond,
		now: func() time.Time { return time.UnixMilli(r.Now) }}
	if r.Skew == 0 {
		v.Skew = -1
	}
	for _, key := range keys {
		v.Keys = append(v.Keys, key)
	}
	_, err := v.Verify(envelope)
	var e *Error
	if !errors.As(err, &e) {
		return fmt.Sprint(err)
	}
	return e.Reason.String()
}

func TestVectors(t *testing.T) {
	const file = "testdata/vectors.json"
	if *update {
		text, err := json.MarshalIndent(makeVectors(t), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all vectors
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if n := len(all.Accepted) + len(all.Refused); n < 200 {
		t.Errorf("%d vectors only", n)
	}
	keys := map[string]*Key{}
	for name, text := range all.Keys {
		if keys[name], err = ParseKey([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range all.Accepted {
		envelope, err := v.sign(keys)
		if err != nil || hex.EncodeToString(envelope) != v.Envelope {
			t.Errorf("%s: other bytes (%v)", v.Name, err)
		}
		verifier := Verifier{Keys: []*Key{keys[v.Key]}, Audience: v.Audience, Purpose: v.Purpose, Skew: -1,
			now: func() time.Time { return time.UnixMilli(v.Issued + v.ValidIn) }}
		if v.ExpiresIn > 0 && v.ExpiresIn <= v.ValidIn {
			continue // it is never valid
		}
		if v.Detached {
			parts := v.parts()
			_, err = verifier.VerifyDetached(envelope, parts[0], parts[1:]...)
		} else {
			_, err = verifier.Verify(envelope)
		}
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
	for _, r := range all.Refused {
		if got := r.verify(keys); got != r.Reason {
			t.Errorf("%s: %s, not %s", r.Name, got, r.Reason)
		}
	}
}
