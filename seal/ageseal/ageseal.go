// Package ageseal makes sealed envelopes whose content only some can read: it is
// encrypted to recipients as age does (age-encryption.org/v1), with filippo.io/age.
//
// The content is sealed, that envelope encrypted, and what comes of it sealed again, by
// the same key. So it is verified before it is decrypted, who has encrypted it also
// knew what, and a recipient can't pass it on as something else. gocloudpickle.sealed
// does the same with pyrage, and docs/sealed-format.md specifies it.
//
// It is a package of its own for its dependency, which package seal does without.
package ageseal

import (
	"bytes"
	"fmt"
	"io"

	"filippo.io/age"

	"github.com/gocloudpickle/gocloudpickle/seal"
)

// Sign puts a content, and buffers that belong to it, into an envelope that the
// recipients can read. See [seal.Signer.Sign].
func Sign(s *seal.Signer, recipients []age.Recipient, content []byte, buffers ...[]byte) ([]byte, error) {
	inner, err := s.Sign(content, buffers...)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	w, err := age.Encrypt(&file, recipients...)
	if err != nil {
		return nil, fmt.Errorf("ageseal: %w", err)
	}
	if _, err := w.Write(inner); err != nil {
		return nil, fmt.Errorf("ageseal: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("ageseal: %w", err)
	}
	outer := *s
	outer.Type = seal.Encrypted
	return outer.Sign(file.Bytes())
}

// Verify opens an envelope that Sign has made, with the first identity that can. What is
// not encrypted is refused as [seal.Malformed], what no identity can open as
// [seal.Undecryptable]. A replay store has one nonce of it.
func Verify(v *seal.Verifier, identities []age.Identity, envelope []byte) (*seal.Opened, error) {
	outer, err := v.Verify(envelope)
	if err != nil {
		return nil, err
	}
	if outer.Statement.Content != seal.Encrypted || len(outer.Buffers) > 0 {
		return nil, &seal.Error{Reason: seal.Malformed, Detail: "it is not encrypted"}
	}
	r, err := age.Decrypt(bytes.NewReader(outer.Content), identities...)
	if err != nil {
		return nil, &seal.Error{Reason: seal.Undecryptable, Detail: "no identity here opens it", Cause: err}
	}
	// It is not longer than what it comes from: age doesn't compress.
	inner, err := io.ReadAll(io.LimitReader(r, int64(len(outer.Content))))
	if err != nil {
		return nil, &seal.Error{Reason: seal.Undecryptable, Detail: "it is damaged", Cause: err}
	}
	once := *v
	once.Replay = nil // which has the outer one
	opened, err := once.Verify(inner)
	if err != nil {
		return nil, err
	}
	if opened.Statement.KeyID != outer.Statement.KeyID {
		return nil, &seal.Error{Reason: seal.BadSignature, Detail: "who encrypted it is not who sealed it"}
	}
	return opened, nil
}
