package format

import "fmt"

// An Algorithm signs and verifies. It belongs to a key; that an envelope names one
// too lets nobody choose another.
type Algorithm uint8

const (
	// Ed25519 is RFC 8032's PureEd25519: who verifies cannot sign. The one to use.
	Ed25519 Algorithm = 1
	// HMACSHA256 is RFC 2104's HMAC with SHA-256: who verifies can also sign.
	HMACSHA256 Algorithm = 2
)

// String is the name of the algorithm on the command line and in Python.
func (a Algorithm) String() string {
	switch a {
	case Ed25519:
		return "ed25519"
	case HMACSHA256:
		return "hmac-sha256"
	}
	return fmt.Sprintf("algorithm %d", uint8(a))
}

// ParseAlgorithm is the inverse of String.
func ParseAlgorithm(name string) (Algorithm, error) {
	for _, a := range []Algorithm{Ed25519, HMACSHA256} {
		if name == a.String() {
			return a, nil
		}
	}
	return 0, fmt.Errorf("seal: there is no algorithm %q, only %v and %v", name, Ed25519, HMACSHA256)
}

// SignatureSize is the length of each signature in bytes.
func (a Algorithm) SignatureSize() int {
	switch a {
	case Ed25519:
		return 64
	case HMACSHA256:
		return 32
	}
	return 0
}
