package format

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"testing"
)

func put(secret, prefix, terms, content []byte) []byte {
	out := make([]byte, SingleSize(len(prefix), len(content)))
	PutSingle(out, secret, prefix, terms, content)
	return out
}

func TestMACIsThatOfTheStandardLibrary(t *testing.T) {
	for _, size := range []int{0, 1, 32, 63, 64, 65, 200} {
		for _, length := range []int{0, 1, 100, 900, 1000, 5000} {
			secret, message := bytes.Repeat([]byte{3}, size), bytes.Repeat([]byte{5}, length)
			h := hmac.New(sha256.New, secret)
			h.Write(message)
			if sum := MAC(secret, message); !bytes.Equal(sum[:], h.Sum(nil)) {
				t.Errorf("a secret of %d bytes, a message of %d", size, length)
			}
			if got, want := statementMAC(secret, message), MAC(secret, PAE(StatementType, message)); got != want {
				t.Errorf("a secret of %d bytes, a statement of %d", size, length)
			}
		}
	}
}

func single(t testing.TB) (secret, prefix, envelope []byte) {
	secret = bytes.Repeat([]byte{7}, 32)
	s := Statement{Algorithm: HMACSHA256, KeyID: "0123456789abcdef0123456789abcdef", Purpose: "pickle", Audience: "a"}
	whole, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	prefix = whole[:len(whole)-TermsSize-DigestSize]
	return secret, prefix, put(secret, prefix, whole[len(prefix):len(prefix)+TermsSize], bytes.Repeat([]byte("x"), 1024))
}

// The times of the Statement above are never, which a signer doesn't write.
func TestOpenSingleRefusesWhatIsNoStatement(t *testing.T) {
	secret, prefix, envelope := single(t)
	if _, ok := OpenSingle(secret, prefix, envelope); ok {
		t.Fatal("a statement without times was accepted")
	}
}

func timed(t testing.TB) (secret, prefix, envelope []byte) {
	secret, prefix, _ = single(t)
	return secret, prefix, put(secret, prefix, make([]byte, TermsSize), bytes.Repeat([]byte("x"), 1024))
}

func TestOpenSingle(t *testing.T) {
	secret, prefix, envelope := timed(t)
	content, ok := OpenSingle(secret, prefix, envelope)
	if !ok || len(content) != 1024 {
		t.Fatalf("%d bytes, %v", len(content), ok)
	}
	for i := range 8 * len(envelope) {
		envelope[i/8] ^= 1 << (i % 8)
		if _, ok := OpenSingle(secret, prefix, envelope); ok {
			t.Fatalf("accepted with bit %d flipped", i)
		}
		envelope[i/8] ^= 1 << (i % 8)
	}
	for n := range envelope {
		if _, ok := OpenSingle(secret, prefix, envelope[:n]); ok {
			t.Fatalf("accepted with %d bytes", n)
		}
	}
	if _, ok := OpenSingle(secret, prefix, append(envelope, 0)); ok {
		t.Fatal("accepted with a byte behind it")
	}
	other := append([]byte(nil), secret...)
	other[0]++
	if _, ok := OpenSingle(other, prefix, envelope); ok {
		t.Fatal("accepted with another secret")
	}
	other = append([]byte(nil), prefix...)
	other[len(other)-1]++
	if _, ok := OpenSingle(secret, other, envelope); ok {
		t.Fatal("accepted for another audience")
	}
}

func BenchmarkSealSingle(b *testing.B) {
	secret, prefix, _ := timed(b)
	tail, content := make([]byte, TermsSize), bytes.Repeat([]byte("x"), 1024)
	out := make([]byte, SingleSize(len(prefix), len(content)))
	for b.Loop() {
		PutSingle(out, secret, prefix, tail, content)
	}
}

func BenchmarkOpenSingle(b *testing.B) {
	secret, prefix, envelope := timed(b)
	for b.Loop() {
		OpenSingle(secret, prefix, envelope)
	}
}
