package format

import (
	"crypto/sha256"
	"strconv"
)

// MAC is the HMAC-SHA256 of a message (RFC 2104).
//
// It is crypto/hmac's, in memory that it clears: that of crypto/hmac keeps states made of the
// key, which are as good as the key, until the garbage collector has used the memory again.
func MAC(secret, message []byte) [sha256.Size]byte {
	return mac(secret, message, nil)
}

// statementMAC is the MAC of the pre-authentication encoding of a statement.
func statementMAC(secret, statement []byte) [sha256.Size]byte {
	var head [64]byte
	return mac(secret, strconv.AppendInt(append(head[:0], paeHead...), int64(len(statement)), 10), statement)
}

// paeHead is what PAE gives for statements, up to their length.
var paeHead = "DSSEv1 " + strconv.Itoa(len(StatementType)) + " " + StatementType + " "

// mac is the HMAC of one message, or of two with a space between them.
func mac(secret, one, two []byte) [sha256.Size]byte {
	var key [sha256.BlockSize]byte
	if len(secret) > len(key) {
		sum := sha256.Sum256(secret)
		copy(key[:], sum[:])
		clear(sum[:])
	} else {
		copy(key[:], secret)
	}
	var stack [1024]byte
	inner := stack[:0]
	for _, b := range key {
		inner = append(inner, b^0x36)
	}
	inner = append(inner, one...)
	if two != nil {
		inner = append(append(inner, ' '), two...)
	}
	sum := sha256.Sum256(inner)
	clear(inner[:len(key)])
	clear(stack[:len(key)]) // where inner has moved on
	var outer [sha256.BlockSize + sha256.Size]byte
	for i, b := range key {
		outer[i] = b ^ 0x5c
	}
	copy(outer[len(key):], sum[:])
	sum = sha256.Sum256(outer[:])
	clear(key[:])
	clear(outer[:])
	return sum
}
