package seal

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// SecretSize is the length in bytes of the secrets that [GenerateKey] makes for
// HMAC-SHA256, and the least that [ParseKey] takes.
const SecretSize = 32

// A Key signs, or only verifies. Printing one shows its algorithm and id.
type Key struct {
	algorithm Algorithm
	id        string
	private   ed25519.PrivateKey // nil where it only verifies
	public    ed25519.PublicKey
	secret    []byte // of HMAC-SHA256
}

// GenerateKey makes a key that signs, from the system's random numbers.
func GenerateKey(a Algorithm) (*Key, error) {
	switch a {
	case Ed25519:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return newEd25519(private), nil
	case HMACSHA256:
		secret := make([]byte, SecretSize)
		if _, err := rand.Read(secret); err != nil {
			return nil, err
		}
		return newHMAC(secret), nil
	}
	return nil, fmt.Errorf("seal: there is no %v", a)
}

func newEd25519(private ed25519.PrivateKey) *Key {
	k := newEd25519Public(private.Public().(ed25519.PublicKey))
	k.private = private
	return k
}

func newEd25519Public(public ed25519.PublicKey) *Key {
	return &Key{algorithm: Ed25519, id: keyID(public), public: public}
}

// hmacIDLabel is authenticated by a secret to name it: the id tells nothing of the secret.
const hmacIDLabel = "gocloudpickle key id"

func newHMAC(secret []byte) *Key {
	k := &Key{algorithm: HMACSHA256, secret: secret}
	k.id = keyID(k.mac([]byte(hmacIDLabel)))
	return k
}

// keyID is the beginning of a SHA-256 in hexadecimal digits.
func keyID(of []byte) string {
	sum := sha256.Sum256(of)
	return hex.EncodeToString(sum[:16])
}

// Algorithm is the only one that the key is for.
func (k *Key) Algorithm() Algorithm { return k.algorithm }

// ID names the key in envelopes: 32 hexadecimal digits, from the public key or, for a
// secret, from an HMAC by it.
func (k *Key) ID() string { return k.id }

// Signs says whether the key can sign.
func (k *Key) Signs() bool { return k.private != nil || k.secret != nil }

// Public is the half of an Ed25519 key that verifies. An HMAC key has no such half:
// it gives itself.
func (k *Key) Public() *Key {
	if k.algorithm == Ed25519 {
		return newEd25519Public(k.public)
	}
	return k
}

// Equal compares in constant time.
func (k *Key) Equal(other *Key) bool {
	return k.algorithm == other.algorithm && k.Signs() == other.Signs() &&
		subtle.ConstantTimeCompare(k.public, other.public) == 1 &&
		subtle.ConstantTimeCompare(k.secret, other.secret) == 1
}

func (k *Key) String() string {
	half := "signs"
	if !k.Signs() {
		half = "verifies only"
	}
	return fmt.Sprintf("%v key %s, %s", k.algorithm, k.id, half)
}

// Format keeps every verb, %#v among them, from the key itself.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// The types of PEM blocks: the first two are those of OpenSSL for PKCS #8 and SPKI.
const (
	pemPrivate = "PRIVATE KEY"
	pemPublic  = "PUBLIC KEY"
	pemSecret  = "GOCLOUDPICKLE HMAC-SHA256 KEY"
)

// PEM is the key as a text for files: PKCS #8 or SPKI for Ed25519, as OpenSSL has them.
func (k *Key) PEM() ([]byte, error) {
	block := &pem.Block{Type: pemSecret, Bytes: k.secret}
	var err error
	switch {
	case k.private != nil:
		block.Type = pemPrivate
		block.Bytes, err = x509.MarshalPKCS8PrivateKey(k.private)
	case k.public != nil:
		block.Type = pemPublic
		block.Bytes, err = x509.MarshalPKIXPublicKey(k.public)
	}
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(block), nil
}

var errKey = errors.New("seal: this is no key: it must be one PEM block of an Ed25519 key (PKCS #8 or SPKI) " +
	"or a " + pemSecret)

// ParseKey reads what [Key.PEM] has written, and Ed25519 keys of OpenSSL. Its errors
// tell nothing of the text.
func ParseKey(text []byte) (*Key, error) {
	block, rest := pem.Decode(text)
	if block == nil || len(trimSpace(rest)) > 0 {
		return nil, errKey
	}
	switch block.Type {
	case pemPrivate:
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if private, ok := parsed.(ed25519.PrivateKey); err == nil && ok {
			return newEd25519(private), nil
		}
	case pemPublic:
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		if public, ok := parsed.(ed25519.PublicKey); err == nil && ok {
			return newEd25519Public(public), nil
		}
	case pemSecret:
		if len(block.Bytes) < SecretSize {
			return nil, fmt.Errorf("seal: the secret has %d bytes, and needs %d at least", len(block.Bytes), SecretSize)
		}
		return newHMAC(block.Bytes), nil
	}
	return nil, errKey
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\n' || b[0] == '\r' || b[0] == '\t') {
		b = b[1:]
	}
	return b
}

// maxKeyFile is far more than any key has, and little to read from a wrong file.
const maxKeyFile = 64 << 10

// LoadKey reads a key from a file.
func LoadKey(path string) (*Key, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	// A device may have no size, and no end.
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxKeyFile {
		return nil, errKey
	}
	return ParseKey(text)
}

// SaveKey writes a key to a new file: readable by its owner alone where it signs. A
// file that is there already is an error, since a lost key can't be had again.
func SaveKey(path string, k *Key) error {
	text, err := k.PEM()
	if err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if k.Signs() {
		mode = 0o600
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}
