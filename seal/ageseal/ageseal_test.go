package ageseal_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"filippo.io/age"

	"github.com/gocloudpickle/gocloudpickle/seal"
	"github.com/gocloudpickle/gocloudpickle/seal/ageseal"
)

func identity(t *testing.T) *age.X25519Identity {
	t.Helper()
	i, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func key(t *testing.T) *seal.Key {
	t.Helper()
	k, err := seal.GenerateKey(seal.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestRoundTrip(t *testing.T) {
	k, mine, yours, other := key(t), identity(t), identity(t), identity(t)
	signer := &seal.Signer{Key: k, Audience: "a", Type: seal.Bytes}
	envelope, err := ageseal.Sign(signer, []age.Recipient{mine.Recipient(), yours.Recipient()}, []byte("content"), []byte("buffer"))
	if err != nil {
		t.Fatal(err)
	}
	verifier := &seal.Verifier{Keys: []*seal.Key{k.Public()}, Audience: "a"}
	for _, i := range []age.Identity{mine, yours} {
		opened, err := ageseal.Verify(verifier, []age.Identity{other, i}, envelope)
		if err != nil || string(opened.Content) != "content" || string(opened.Buffers[0]) != "buffer" || opened.Statement.Content != seal.Bytes {
			t.Errorf("%v, %v", opened, err)
		}
	}
	if _, err := ageseal.Verify(verifier, []age.Identity{other}, envelope); !errors.Is(err, seal.ErrUndecryptable) {
		t.Errorf("another identity: %v", err)
	}
	verifier.Replay = &seal.MemoryReplayStore{}
	if _, err := ageseal.Verify(verifier, []age.Identity{mine}, envelope); err != nil {
		t.Error(err)
	}
	if _, err := ageseal.Verify(verifier, []age.Identity{mine}, envelope); !errors.Is(err, seal.ErrReplayed) {
		t.Errorf("again: %v", err)
	}
}

func TestRefused(t *testing.T) {
	k, second, mine := key(t), key(t), identity(t)
	signer := &seal.Signer{Key: k, Type: seal.Bytes}
	verifier := &seal.Verifier{Keys: []*seal.Key{k.Public(), second.Public()}}
	envelope, err := ageseal.Sign(signer, []age.Recipient{mine.Recipient()}, []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	verify := func(data []byte) error {
		_, err := ageseal.Verify(verifier, []age.Identity{mine}, data)
		return err
	}
	// Each flipped bit of what is encrypted is refused before anything is decrypted.
	for i := range envelope {
		envelope[i] ^= 1
		if err := verify(envelope); err == nil || errors.Is(err, seal.ErrUndecryptable) {
			t.Fatalf("byte %d: %v", i, err)
		}
		envelope[i] ^= 1
	}
	// Somebody else with a key seals the same file as his own.
	opened, err := verifier.Verify(envelope)
	if err != nil {
		t.Fatal(err)
	}
	thief := seal.Signer{Key: second, Type: seal.Encrypted}
	stolen, err := thief.Sign(opened.Content)
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(stolen); !errors.Is(err, seal.ErrBadSignature) {
		t.Errorf("sealed by another: %v", err)
	}
	plain, err := signer.Sign([]byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(plain); !errors.Is(err, seal.ErrMalformed) {
		t.Errorf("not encrypted: %v", err)
	}
	noAge := seal.Signer{Key: k, Type: seal.Encrypted}
	garbage, err := noAge.Sign([]byte("no age file"))
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(garbage); !errors.Is(err, seal.ErrUndecryptable) {
		t.Errorf("no age file: %v", err)
	}
}

func TestStreams(t *testing.T) {
	k, second, mine, other := key(t), key(t), identity(t), identity(t)
	signer := &seal.Signer{Key: k, Audience: "a", Type: seal.Bytes}
	verifier := &seal.Verifier{Keys: []*seal.Key{k.Public(), second.Public()}, Audience: "a"}
	for _, size := range []int{0, 10, 3*seal.ChunkSize + 5} {
		content := bytes.Repeat([]byte("content "), size/8+1)[:size]
		var out bytes.Buffer
		if err := ageseal.SignStream(signer, []age.Recipient{mine.Recipient()}, &out, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		envelope := out.Bytes()
		open := func(who age.Identity, data []byte) (*seal.Stream, error) {
			return ageseal.VerifyStream(verifier, []age.Identity{who}, bytes.NewReader(data), int64(len(data)))
		}
		stream, err := open(mine, envelope)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(stream.Part(0))
		if err != nil || !bytes.Equal(got, content) || stream.Statement.Content != seal.Bytes {
			t.Errorf("%d bytes: %v, %v", size, stream.Statement, err)
		}
		// One is as good as the other.
		if opened, err := ageseal.Verify(verifier, []age.Identity{mine}, envelope); err != nil || !bytes.Equal(opened.Content, content) {
			t.Errorf("%d bytes in memory: %v", size, err)
		}
		if _, err := open(other, envelope); !errors.Is(err, seal.ErrUndecryptable) {
			t.Errorf("another identity: %v", err)
		}
		if _, err := open(mine, envelope[:len(envelope)-1]); !errors.Is(err, seal.ErrMalformed) {
			t.Errorf("cut: %v", err)
		}
		opened, err := verifier.Verify(envelope)
		if err != nil {
			t.Fatal(err)
		}
		resealed := func(by *seal.Key, file []byte) []byte {
			thief := seal.Signer{Key: by, Audience: "a", Type: seal.Encrypted}
			stolen, err := thief.Sign(file)
			if err != nil {
				t.Fatal(err)
			}
			return stolen
		}
		if _, err := open(mine, resealed(second, opened.Content)); !errors.Is(err, seal.ErrBadSignature) {
			t.Errorf("sealed by another: %v", err)
		}
		changed := bytes.Clone(opened.Content)
		changed[len(changed)-1] ^= 1
		if _, err := open(mine, resealed(k, changed)); !errors.Is(err, seal.ErrUndecryptable) {
			t.Errorf("a damaged age file: %v", err)
		}
	}
	plain, err := signer.Sign([]byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ageseal.VerifyStream(verifier, []age.Identity{mine}, bytes.NewReader(plain), int64(len(plain))); !errors.Is(err, seal.ErrMalformed) {
		t.Errorf("not encrypted: %v", err)
	}
}
