package seal

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestStreamsOfFiles signs and verifies by several goroutines, and writes by several.
func TestStreamsOfFiles(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	key := newKey(t, HMACSHA256)
	signer, verifier := &Signer{Key: key, Type: Bytes}, &Verifier{Keys: []*Key{key}}
	content := make([]byte, 9*ChunkSize+3)
	if _, err := rand.Read(content); err != nil {
		t.Fatal(err)
	}
	create := func(name string, data []byte) *os.File {
		t.Helper()
		f, err := os.OpenFile(filepath.Join(t.TempDir(), name), os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		if _, err := f.WriteAt(data, 0); err != nil {
			t.Fatal(err)
		}
		return f
	}
	source, target := create("in", append([]byte("before"), content...)), create("out", []byte("before"))
	for _, f := range []*os.File{source, target} {
		if _, err := f.Seek(6, io.SeekStart); err != nil {
			t.Fatal(err)
		}
	}
	if err := signer.SignStream(target, source); err != nil {
		t.Fatal(err)
	}
	end, err := target.Seek(0, io.SeekCurrent)
	if err != nil {
		t.Fatal(err)
	}
	envelope := io.NewSectionReader(target, 6, end-6)
	stream, err := verifier.VerifyStream(envelope, envelope.Size())
	if err != nil {
		t.Fatal(err)
	}
	back := create("back", []byte("before"))
	if _, err := back.Seek(6, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(back, stream.Part(0)); err != nil || n != int64(len(content)) {
		t.Fatal(n, err)
	}
	if got, err := os.ReadFile(back.Name()); err != nil || string(got) != "before"+string(content) {
		t.Error("another content came back", err)
	}

	if _, err := source.Seek(6, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	detached, err := signer.SignDetachedStream(source)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.VerifyDetached(detached, content); err != nil {
		t.Error(err)
	}
	inFile := io.NewSectionReader(source, 6, int64(len(content)))
	if stream, err = verifier.VerifyDetachedStream(detached, inFile, inFile.Size()); err != nil {
		t.Fatal(err)
	}
	for _, chunk := range []int64{7, 2, 5} {
		if _, err := source.WriteAt([]byte{content[chunk*ChunkSize] ^ 1}, 6+chunk*ChunkSize); err != nil {
			t.Fatal(err)
		}
	}
	for name, do := range map[string]func() error{
		"verified":   func() error { _, err := verifier.VerifyDetachedStream(detached, inFile, inFile.Size()); return err },
		"read":       func() error { _, err := io.ReadAll(stream.Part(0)); return err },
		"written":    func() error { _, err := io.Copy(back, stream.Part(0)); return err },
		"other size": func() error { _, err := verifier.VerifyDetachedStream(detached, inFile, 9); return err },
		"not detached": func() error {
			_, err := verifier.VerifyDetachedStream(mustSign(t, *signer, content), inFile, 9)
			return err
		},
	} {
		var refusal *Error
		if err := do(); !errors.As(err, &refusal) || refusal.Reason == BadSignature && !strings.Contains(err.Error(), "chunk 2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSignedWhileItChanges has a source that ends earlier, or later, than it said.
func TestSignedWhileItChanges(t *testing.T) {
	signer := &Signer{Key: newKey(t, HMACSHA256)}
	for _, by := range []int64{-1, 1} {
		out, err := os.Create(filepath.Join(t.TempDir(), "out"))
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		for _, w := range []io.Writer{out, &bytes.Buffer{}} {
			if err := signer.SignStream(w, &changing{*bytes.NewReader(make([]byte, ChunkSize+9)), by}); !errors.Is(err, errChanged) {
				t.Errorf("%+d: %v", by, err)
			}
		}
	}
}

// A changing reader has more, or less, than where it says its end is.
type changing struct {
	bytes.Reader
	by int64
}

func (c *changing) Seek(offset int64, whence int) (int64, error) {
	n, err := c.Reader.Seek(offset, whence)
	if whence == io.SeekEnd {
		n -= c.by
	}
	return n, err
}
