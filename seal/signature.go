package seal

import (
	"crypto/ed25519"
	"crypto/hmac"

	"github.com/gocloudpickle/gocloudpickle/seal/format"
)

// sign needs a key that can.
func (k *Key) sign(message []byte) []byte {
	if k.algorithm == Ed25519 {
		return ed25519.Sign(k.private, message)
	}
	return k.mac(message)
}

func (k *Key) verify(message, signature []byte) bool {
	if k.algorithm == Ed25519 {
		return ed25519.Verify(k.public, message, signature)
	}
	return hmac.Equal(k.mac(message), signature)
}

func (k *Key) mac(message []byte) []byte {
	sum := format.MAC(k.secret, message)
	return sum[:]
}
