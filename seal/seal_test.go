package seal

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocloudpickle/gocloudpickle/seal/format"
)

var algorithms = []Algorithm{Ed25519, HMACSHA256}

func newKey(t testing.TB, a Algorithm) *Key {
	t.Helper()
	k, err := GenerateKey(a)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustSign(t testing.TB, s Signer, content []byte, buffers ...[]byte) []byte {
	t.Helper()
	envelope, err := s.Sign(content, buffers...)
	if err != nil {
		t.Fatal(err)
	}
	return envelope
}

func wantReason(t *testing.T, err error, want ...Reason) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want one of %v", err, want)
	}
	for _, r := range want {
		if e.Reason == r {
			return
		}
	}
	t.Fatalf("got %v, want one of %v", err, want)
}

func TestSignAndVerify(t *testing.T) {
	for _, a := range algorithms {
		key := newKey(t, a)
		signer := Signer{Key: key, Audience: "workers", ExpiresIn: time.Hour, Python: Version{Major: 3, Minor: 12}}
		verifier := Verifier{Keys: []*Key{newKey(t, a), key.Public()}, Audience: "workers"}
		for _, size := range []int{0, 1, 1000, ChunkSize - 1, ChunkSize, ChunkSize + 1, 3*ChunkSize + 5} {
			content, buffer := bytes.Repeat([]byte("pickle!"), size/7+1)[:size], []byte("a buffer")
			opened, err := verifier.Verify(mustSign(t, signer, content, buffer, nil))
			if err != nil {
				t.Fatalf("%v, %d bytes: %v", a, size, err)
			}
			if !bytes.Equal(opened.Content, content) || len(opened.Buffers) != 2 || !bytes.Equal(opened.Buffers[0], buffer) {
				t.Errorf("%v, %d bytes: other content came back", a, size)
			}
			s := opened.Statement
			if s.Algorithm != a || s.KeyID != key.ID() || s.Python != (Version{Major: 3, Minor: 12}) || s.Expires.Sub(s.Issued) != time.Hour {
				t.Errorf("the statement is %+v", s)
			}
		}
	}
}

// short is an envelope with everything in it, and few bytes.
func short(t testing.TB, a Algorithm) (Verifier, []byte) {
	key := newKey(t, a)
	signer := Signer{Key: key, Audience: "A", ExpiresIn: time.Hour}
	return Verifier{Keys: []*Key{key.Public()}, Audience: "A"}, mustSign(t, signer, []byte("content"), []byte("buffer"))
}

func TestAnyFlippedBitIsRefused(t *testing.T) {
	for _, a := range algorithms {
		verifier, envelope := short(t, a)
		for i := range envelope {
			for bit := range 8 {
				changed := bytes.Clone(envelope)
				changed[i] ^= 1 << bit
				_, err := verifier.Verify(changed)
				wantReason(t, err, Unsigned, Malformed, UnknownKey, BadSignature)
				_, err = verifier.VerifyStream(bytes.NewReader(changed), int64(len(changed)))
				wantReason(t, err, Unsigned, Malformed, UnknownKey, BadSignature)
			}
		}
	}
}

func TestAnyCutAndAnythingBehindIsRefused(t *testing.T) {
	for _, a := range algorithms {
		verifier, envelope := short(t, a)
		for i := range envelope {
			_, err := verifier.Verify(envelope[:i])
			wantReason(t, err, Unsigned, Malformed)
			_, err = verifier.VerifyStream(bytes.NewReader(envelope[:i]), int64(i))
			wantReason(t, err, Unsigned, Malformed)
			_, err = verifier.VerifyStream(bytes.NewReader(envelope[:i]), int64(len(envelope)))
			wantReason(t, err, Unsigned, Malformed)
		}
		longer := append(bytes.Clone(envelope), 0)
		_, err := verifier.Verify(longer)
		wantReason(t, err, Malformed)
		_, err = verifier.VerifyStream(bytes.NewReader(longer), int64(len(longer)))
		wantReason(t, err, Malformed)
	}
}

// Each piece of one envelope, put into another by the same key, is refused.
func TestPiecesOfTwoEnvelopes(t *testing.T) {
	for _, a := range algorithms {
		key := newKey(t, a)
		verifier := Verifier{Keys: []*Key{key.Public()}}
		one := mustSign(t, Signer{Key: key, Type: Bytes}, []byte("content 1"))
		two := mustSign(t, Signer{Key: key, Type: Bytes}, []byte("content 2"))
		h1, c1, _ := format.Split(one)
		h2, c2, _ := format.Split(two)
		for mask := range 16 {
			h, content := h1, c1
			for i, swap := range []func(){
				func() { h.Statement = h2.Statement }, func() { h.Signature = h2.Signature },
				func() { h.Manifest = h2.Manifest }, func() { content = c2 },
			} {
				if mask&(1<<i) != 0 {
					swap()
				}
			}
			_, err := verifier.Verify(append(h.Encode(0), content...))
			if mask == 0 || mask == 15 {
				if err != nil {
					t.Error(err)
				}
				continue
			}
			wantReason(t, err, BadSignature)
		}
	}
}

// Each field of a statement, taken from another envelope of the same key, breaks the signature.
func TestFieldsOfTwoStatements(t *testing.T) {
	key := newKey(t, Ed25519)
	other := newKey(t, HMACSHA256)
	now := time.Now()
	sign := func(s Signer) (head, []byte, *Statement) {
		h, content, err := format.Split(mustSign(t, s, []byte(s.Audience)))
		if err != nil {
			t.Fatal(err)
		}
		statement, err := format.DecodeStatement(h.Statement)
		if err != nil {
			t.Fatal(err)
		}
		return h, content, statement
	}
	clock := func(at time.Time) func() time.Time { return func() time.Time { return at } }
	h, content, s := sign(Signer{Key: key, Audience: "a", ExpiresIn: time.Hour, now: clock(now), rnd: strings.NewReader("0123456789abcdef")})
	_, _, s2 := sign(Signer{Key: other, Audience: "b", Purpose: "p", ExpiresIn: 2 * time.Hour, ValidIn: time.Second, Python: Version{Major: 3, Minor: 11},
		Type: Bytes, now: clock(now.Add(time.Minute)), rnd: strings.NewReader("fedcba9876543210")})
	verifier := Verifier{Keys: []*Key{key.Public(), other}, Audience: "a"}
	for name, swap := range map[string]func(*Statement){
		"algorithm": func(s *Statement) { s.Algorithm = s2.Algorithm }, "key id": func(s *Statement) { s.KeyID = s2.KeyID },
		"purpose": func(s *Statement) { s.Purpose = s2.Purpose }, "audience": func(s *Statement) { s.Audience = s2.Audience },
		"issued": func(s *Statement) { s.Issued = s2.Issued }, "not before": func(s *Statement) { s.NotBefore = s2.NotBefore },
		"expires": func(s *Statement) { s.Expires = s2.Expires }, "nonce": func(s *Statement) { s.Nonce = s2.Nonce },
		"python": func(s *Statement) { s.Python = s2.Python }, "content": func(s *Statement) { s.Content = s2.Content },
		"digest": func(s *Statement) { s.Digest = s2.Digest },
	} {
		changed := *s
		swap(&changed)
		if changed == *s {
			t.Fatalf("%s: nothing was swapped", name)
		}
		h := h
		var err error
		if h.Statement, err = changed.Encode(); err != nil {
			t.Fatal(err)
		}
		_, err = verifier.Verify(append(h.Encode(0), content...))
		wantReason(t, err, BadSignature, UnknownKey)
	}
}

func TestWhoAndWhen(t *testing.T) {
	key := newKey(t, Ed25519)
	now := time.Now()
	at := func(d time.Duration) func() time.Time { return func() time.Time { return now.Add(d) } }
	envelope := mustSign(t, Signer{Key: key, Audience: "a", ExpiresIn: time.Hour, ValidIn: time.Minute}, nil)
	keys := []*Key{key.Public()}
	for _, c := range []struct {
		name string
		v    Verifier
		want Reason
	}{
		{"in time", Verifier{Keys: keys, Audience: "a", now: at(2 * time.Minute)}, 0},
		{"another audience", Verifier{Keys: keys, Audience: "b", now: at(2 * time.Minute)}, WrongAudience},
		{"no audience", Verifier{Keys: keys, now: at(2 * time.Minute)}, WrongAudience},
		{"another purpose", Verifier{Keys: keys, Audience: "a", Purpose: "x", now: at(2 * time.Minute)}, WrongAudience},
		{"too early", Verifier{Keys: keys, Audience: "a", Skew: -1, now: at(0)}, NotYetValid},
		{"early, within the skew", Verifier{Keys: keys, Audience: "a", now: at(40 * time.Second)}, 0},
		{"too late", Verifier{Keys: keys, Audience: "a", now: at(61 * time.Minute)}, Expired},
		{"late, within the skew", Verifier{Keys: keys, Audience: "a", Skew: 2 * time.Minute, now: at(61 * time.Minute)}, 0},
		{"issued in the future", Verifier{Keys: keys, Audience: "a", now: at(-time.Hour)}, NotYetValid},
		{"other keys", Verifier{Keys: []*Key{newKey(t, Ed25519)}, Audience: "a"}, UnknownKey},
		{"no keys", Verifier{Audience: "a"}, UnknownKey},
		{"a key found", Verifier{FindKey: func(string) (*Key, error) { return key, nil }, Audience: "a", now: at(2 * time.Minute)}, 0},
		{"another key found", Verifier{FindKey: func(string) (*Key, error) { return newKey(t, Ed25519), nil }, Audience: "a"}, UnknownKey},
		{"no key found", Verifier{FindKey: func(string) (*Key, error) { return nil, io.ErrUnexpectedEOF }, Audience: "a"}, UnknownKey},
	} {
		_, err := c.v.Verify(envelope)
		if c.want == 0 {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		var e *Error
		if !errors.As(err, &e) || e.Reason != c.want {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	_, err := (&Verifier{Keys: keys}).Verify([]byte("\x80\x05N."))
	wantReason(t, err, Unsigned)
}

// An Ed25519 public key, taken as an HMAC secret, must not verify what anybody can sign with it.
func TestAlgorithmBelongsToItsKey(t *testing.T) {
	key := newKey(t, Ed25519)
	forged := &Key{algorithm: HMACSHA256, id: key.id, secret: key.public}
	envelope := mustSign(t, Signer{Key: forged}, []byte("x"))
	_, err := (&Verifier{Keys: []*Key{key.Public()}}).Verify(envelope)
	wantReason(t, err, UnknownKey)
}

func TestReplay(t *testing.T) {
	key := newKey(t, HMACSHA256)
	now := time.Now()
	clock := func() time.Time { return now }
	store := &MemoryReplayStore{now: clock, Max: 3}
	verifier := Verifier{Keys: []*Key{key}, Replay: store, now: clock}
	signer := Signer{Key: key, ExpiresIn: time.Minute}
	envelope := mustSign(t, signer, nil)

	// What is refused for another reason is not recorded.
	_, err := (&Verifier{Keys: []*Key{key}, Replay: store, Audience: "x", now: clock}).Verify(envelope)
	wantReason(t, err, WrongAudience)
	if store.Len() != 0 {
		t.Fatal("a refused envelope was recorded")
	}

	var wg sync.WaitGroup
	var mu sync.Mutex
	accepted := 0
	for range 1000 {
		wg.Go(func() {
			if _, err := verifier.Verify(envelope); err == nil {
				mu.Lock()
				accepted++
				mu.Unlock()
			} else if !errors.Is(err, ErrReplayed) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if accepted != 1 {
		t.Fatalf("accepted %d times", accepted)
	}
	for range 2 {
		if _, err := verifier.Verify(mustSign(t, signer, nil)); err != nil {
			t.Fatal(err)
		}
	}
	_, err = verifier.Verify(mustSign(t, signer, nil))
	wantReason(t, err, Unavailable) // full, and nothing has expired
	now = now.Add(3 * time.Minute)
	if _, err := verifier.Verify(mustSign(t, Signer{Key: key, now: clock, rnd: strings.NewReader("0123456789abcdef")}, nil)); err != nil {
		t.Fatal(err)
	}
	if store.Len() != 1 {
		t.Errorf("%d are remembered after the others have expired", store.Len())
	}
	now = now.Add(-3 * time.Minute)
	_, err = verifier.Verify(envelope)
	wantReason(t, err, Unavailable) // forgotten: the clock has gone back
}

type downStore struct{}

func (downStore) Record(string, [NonceSize]byte, time.Time) (bool, error) {
	return true, io.ErrClosedPipe
}

func TestAStoreThatIsDownRefuses(t *testing.T) {
	key := newKey(t, HMACSHA256)
	_, err := (&Verifier{Keys: []*Key{key}, Replay: downStore{}}).Verify(mustSign(t, Signer{Key: key}, nil))
	wantReason(t, err, Unavailable)
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("%v does not say what failed", err)
	}
}

func TestDetached(t *testing.T) {
	key := newKey(t, Ed25519)
	verifier := Verifier{Keys: []*Key{key.Public()}}
	content, buffer := []byte("content"), []byte("buffer")
	envelope, err := (&Signer{Key: key}).SignDetached(content, buffer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.VerifyDetached(envelope, content, buffer); err != nil {
		t.Error(err)
	}
	for _, parts := range [][][]byte{{content}, {buffer, content}, {content, content}, {content, buffer, nil}, {[]byte("Content"), buffer}} {
		_, err := verifier.VerifyDetached(envelope, parts[0], parts[1:]...)
		wantReason(t, err, BadSignature)
	}
	_, err = verifier.Verify(envelope)
	wantReason(t, err, Malformed)
	_, err = verifier.VerifyStream(bytes.NewReader(envelope), int64(len(envelope)))
	wantReason(t, err, Malformed)
	attached, err := Attach(envelope, content, buffer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.Verify(attached); err != nil {
		t.Error(err)
	}
	_, err = verifier.VerifyDetached(attached, content, buffer)
	wantReason(t, err, Malformed)
}

func TestDSSE(t *testing.T) {
	verifier, envelope := short(t, Ed25519)
	text, err := ExportDSSE(envelope)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ImportDSSE(text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.VerifyDetached(back, []byte("content"), []byte("buffer")); err != nil {
		t.Error(err)
	}
	if whole, err := Attach(back, []byte("content"), []byte("buffer")); err != nil || !bytes.Equal(whole, envelope) {
		t.Errorf("another envelope came back (%v)", err)
	}
	// DSSE takes base64 of URLs, too.
	urls := strings.NewReplacer("+", "-", "/", "_").Replace(string(text))
	urls = strings.Replace(urls, "application_", "application/", 1)
	if again, err := ImportDSSE([]byte(urls)); err != nil || !bytes.Equal(again, back) {
		t.Errorf("base64 of URLs: %v", err)
	}
	for _, bad := range []string{
		"", "{}", "[]", strings.Replace(string(text), `"payload":"`, `"payload":"\n`, 1),
		strings.Replace(string(text), `"payload":"`, `"payload":"=`, 1), strings.Replace(string(text), `"sig"`, `"gis"`, 1) + "x",
		strings.Replace(string(text), `"keyid":"`, `"keyid":"0`, 1),
		strings.Replace(string(text), "vnd.gocloudpickle", "vnd.others", 1),
	} {
		_, err := ImportDSSE([]byte(bad))
		wantReason(t, err, Malformed)
	}
}

func TestStream(t *testing.T) {
	key := newKey(t, Ed25519)
	verifier := Verifier{Keys: []*Key{key.Public()}}
	for _, size := range []int{0, 1, ChunkSize, 5*ChunkSize + 3} {
		content := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
		var out bytes.Buffer
		in := bytes.NewReader(append([]byte("before"), content...))
		_, _ = in.Seek(6, io.SeekStart)
		if err := (&Signer{Key: key}).SignStream(&out, in); err != nil {
			t.Fatal(err)
		}
		opened, err := verifier.Verify(out.Bytes())
		if err != nil || !bytes.Equal(opened.Content, content) {
			t.Fatalf("%d bytes: %v", size, err)
		}
		envelope := out.Bytes()
		stream, err := verifier.VerifyStream(bytes.NewReader(envelope), int64(len(envelope)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(stream.Part(0))
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if size > 0 { // changed after it was verified
			envelope[len(envelope)-1] ^= 1
			_, err := io.ReadAll(stream.Part(0))
			wantReason(t, err, BadSignature)
		}
	}
}

// A file that can be written out of order gets what a pipe gets, where it is.
func TestSignStreamToFiles(t *testing.T) {
	now := time.UnixMilli(vectorTime)
	for _, size := range []int{0, 1, ChunkSize, 2*ChunkSize + 1} {
		content := bytes.Repeat([]byte("x"), size)
		signer := func() *Signer {
			return &Signer{Key: newKey(t, HMACSHA256), Audience: "a", now: func() time.Time { return now }, rnd: bytes.NewReader(make([]byte, 10*NonceSize))}
		}
		one := signer()
		var want bytes.Buffer
		if err := one.SignStream(&want, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		for _, flag := range []int{0, os.O_APPEND} {
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
				t.Fatal(err)
			}
			file, err := os.OpenFile(path, os.O_RDWR|flag, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := file.Seek(6, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			if err := one.SignStream(file, bytes.NewReader(content)); err != nil {
				t.Fatal(err)
			}
			if at, _ := file.Seek(0, io.SeekCurrent); at != int64(6+want.Len()) {
				t.Errorf("%d bytes: it is at %d, want %d", size, at, 6+want.Len())
			}
			if err := file.Close(); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil || string(got) != "before"+want.String() {
				t.Errorf("%d bytes, flag %d: %d bytes, want %d, %v", size, flag, len(got), 6+want.Len(), err)
			}
		}
	}
}

func TestKeyFiles(t *testing.T) {
	dir := t.TempDir()
	if _, err := os.Stat("/dev/zero"); err == nil {
		if _, err := LoadKey("/dev/zero"); err == nil { // which has no end
			t.Error("/dev/zero is a key")
		}
	}
	for _, a := range algorithms {
		key := newKey(t, a)
		path := filepath.Join(dir, a.String())
		if err := SaveKey(path, key); err != nil {
			t.Fatal(err)
		}
		if err := SaveKey(path, key); !errors.Is(err, os.ErrExist) {
			t.Errorf("a key was overwritten: %v", err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		back, err := LoadKey(path)
		if err != nil || !back.Equal(key) || back.ID() != key.ID() {
			t.Errorf("another key came back: %v", err)
		}
		text, err := key.Public().PEM()
		if err != nil {
			t.Fatal(err)
		}
		if public, err := ParseKey(text); err != nil || !public.Equal(key.Public()) {
			t.Errorf("another public key came back: %v", err)
		}
		secret := fmt.Sprintf("%x", key.secret)
		if a == Ed25519 {
			secret = fmt.Sprintf("%x", key.private.Seed())
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if shown := fmt.Sprintf(verb, key) + fmt.Sprintf(verb, Signer{Key: key}); strings.Contains(shown, secret) || strings.Contains(shown, fmt.Sprint(key.secret)) && key.secret != nil {
				t.Errorf("%s shows the key", verb)
			}
		}
	}
	for _, bad := range []string{"", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"-----BEGIN GOCLOUDPICKLE HMAC-SHA256 KEY-----\nAAAA\n-----END GOCLOUDPICKLE HMAC-SHA256 KEY-----\n"} {
		if _, err := ParseKey([]byte(bad)); err == nil {
			t.Errorf("%q is a key", bad)
		}
	}
	if _, err := (&Signer{Key: newKey(t, Ed25519).Public()}).Sign(nil); !errors.Is(err, errNoSigningKey) {
		t.Errorf("a public key signs: %v", err)
	}
}

func TestPAE(t *testing.T) { // the example of DSSE's protocol.md
	if got := string(PAE("http://example.com/HelloWorld", []byte("hello world"))); got != "DSSEv1 29 http://example.com/HelloWorld 11 hello world" {
		t.Error(got)
	}
	if len(newKey(t, Ed25519).sign(nil)) != ed25519.SignatureSize {
		t.Error("a signature of another size")
	}
}

func FuzzVerify(f *testing.F) {
	for _, a := range algorithms {
		_, envelope := short(f, a)
		f.Add(envelope)
	}
	verifier := Verifier{Keys: []*Key{newKey(f, Ed25519).Public()}, Audience: "A"}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := verifier.Verify(data)
		if err == nil {
			t.Fatal("accepted")
		}
		var inMemory, asStream *Error
		_, streamErr := verifier.VerifyStream(bytes.NewReader(data), int64(len(data)))
		if !errors.As(err, &inMemory) || !errors.As(streamErr, &asStream) || inMemory.Reason != asStream.Reason {
			t.Fatalf("in memory: %v; as a stream: %v", err, streamErr)
		}
		if text, err := ExportDSSE(data); err == nil {
			if _, err := ImportDSSE(text); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzManifest(f *testing.F) {
	m, _ := manifestOf(make([]byte, 10), [][]byte{nil, make([]byte, ChunkSize+1)})
	f.Add(m.Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := format.DecodeManifest(data); err == nil && !bytes.Equal(m.Encode(), data) {
			t.Fatal("a second encoding")
		}
		if s, err := format.DecodeStatement(data); err == nil {
			if again, err := s.Encode(); err != nil || !bytes.Equal(again, data) {
				t.Fatalf("a second encoding (%v)", err)
			}
		}
	})
}
