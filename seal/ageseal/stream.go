package ageseal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"

	"github.com/gocloudpickle/gocloudpickle/seal"
)

// SignStream writes an envelope, which the recipients can read, of what r holds from where it is
// on. It holds little of it in memory: what is encrypted waits in a temporary file, since the
// seal around it covers all of it. See [seal.Signer.SignStream].
func SignStream(s *seal.Signer, recipients []age.Recipient, w io.Writer, r io.ReadSeeker) (err error) {
	file, err := os.CreateTemp("", "gocloudpickle-*")
	if err != nil {
		return fmt.Errorf("ageseal: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	// Systems that can't remove an open file keep it until it is closed.
	if os.Remove(file.Name()) != nil {
		defer func() { _ = os.Remove(file.Name()) }()
	}
	buffered := bufio.NewWriterSize(file, 1<<16)
	encrypted, err := age.Encrypt(buffered, recipients...)
	if err != nil {
		return fmt.Errorf("ageseal: %w", err)
	}
	if err := s.SignStream(encrypted, r); err != nil {
		return err
	}
	if err := errors.Join(encrypted.Close(), buffered.Flush()); err != nil {
		return fmt.Errorf("ageseal: %w", err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("ageseal: %w", err)
	}
	outer := *s
	outer.Type = seal.Encrypted
	return outer.SignStream(w, file)
}

// VerifyStream verifies the whole of an envelope of size bytes that is encrypted, and what is in
// it. What it returns is decrypted, and verified again, where it is read. See [Verify] and
// [seal.Verifier.VerifyStream].
func VerifyStream(v *seal.Verifier, identities []age.Identity, r io.ReaderAt, size int64) (*seal.Stream, error) {
	outer, err := v.VerifyStream(r, size)
	if err != nil {
		return nil, err
	}
	if outer.Statement.Content != seal.Encrypted || len(outer.Manifest.Parts) != 1 {
		return nil, &seal.Error{Reason: seal.Malformed, Detail: "it is not encrypted"}
	}
	length := outer.Manifest.Size()
	file := io.NewSectionReader(r, size-length, length)
	content, contentSize, err := age.DecryptReaderAt(file, length, identities...)
	if err != nil {
		return nil, &seal.Error{Reason: seal.Undecryptable, Detail: "no identity here opens it", Cause: err}
	}
	once := *v
	once.Replay = nil // which has the outer one
	inner, err := once.VerifyStream(content, contentSize)
	var refusal *seal.Error
	if errors.As(err, &refusal) {
		return nil, err
	}
	if err != nil {
		return nil, &seal.Error{Reason: seal.Undecryptable, Detail: "it is damaged", Cause: err}
	}
	if inner.Statement.KeyID != outer.Statement.KeyID {
		return nil, &seal.Error{Reason: seal.BadSignature, Detail: "who encrypted it is not who sealed it"}
	}
	return inner, nil
}
