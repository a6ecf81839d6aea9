package seal

import (
	"crypto/sha256"
	"errors"
	"time"

	"github.com/gocloudpickle/gocloudpickle/seal/format"
)

// DefaultSkew is by how much clocks may differ unless a Verifier says otherwise.
const DefaultSkew = 30 * time.Second

// A Verifier accepts envelopes or refuses them with an [*Error]. A Verifier may be
// used by several goroutines at once.
type Verifier struct {
	// Keys are those that may have signed. An envelope is verified with the one that it
	// names, so that old and new keys can overlap while they are exchanged.
	Keys []*Key
	// FindKey, where it is not nil, is asked for an id that none of Keys has. It returns
	// nil for an unknown id. Its error refuses the envelope.
	FindKey func(id string) (*Key, error)

	Audience string
	Purpose  string // DefaultPurpose where it is ""
	// Skew is by how much clocks may differ: 0 is DefaultSkew, negative is none.
	Skew time.Duration
	// Replay, where it is not nil, accepts each envelope once.
	Replay ReplayStore

	now func() time.Time // tests
}

// Opened is what was in an envelope that has been accepted.
type Opened struct {
	Statement *Statement
	Content   []byte   // in the envelope's memory, not copied
	Buffers   [][]byte // likewise
}

// Verify opens an envelope. The whole of it is verified before it returns.
func (v *Verifier) Verify(envelope []byte) (*Opened, error) {
	h, content, err := format.Split(envelope)
	if err != nil {
		return nil, err
	}
	if h.Flags&format.Detached != 0 {
		return nil, format.Refuse(Malformed, "the content is detached: verify it with its content")
	}
	return v.open(&h, content)
}

// VerifyDetached opens an envelope whose content travelled on its own.
func (v *Verifier) VerifyDetached(envelope, content []byte, buffers ...[]byte) (*Opened, error) {
	h, err := detachedHead(envelope)
	if err != nil {
		return nil, err
	}
	s, m, err := v.verifyHead(h)
	if err != nil {
		return nil, err
	}
	if len(m.Parts) != 1+len(buffers) {
		return nil, format.Refuse(BadSignature, "%d parts were signed, and here are %d", len(m.Parts), 1+len(buffers))
	}
	for i, part := range m.Parts {
		data := content
		if i > 0 {
			data = buffers[i-1]
		}
		if err := m.VerifyPart(part, data); err != nil {
			return nil, err
		}
	}
	if err := v.accept(s); err != nil {
		return nil, err
	}
	return &Opened{s, content, buffers}, nil
}

// detachedHead reads an envelope whose content is elsewhere.
func detachedHead(envelope []byte) (*head, error) {
	h, rest, err := format.Split(envelope)
	if err != nil {
		return nil, err
	}
	if h.Flags&format.Detached == 0 || len(rest) > 0 {
		return nil, format.Refuse(Malformed, "this envelope has its content in it")
	}
	return &h, nil
}

func (v *Verifier) open(h *head, content []byte) (*Opened, error) {
	s, m, err := v.verifyHead(h)
	if err != nil {
		return nil, err
	}
	if size := m.Size(); int64(len(content)) != size {
		return nil, format.Refuse(Malformed, "the content has %d bytes, and should have %d", len(content), size)
	}
	parts := make([][]byte, len(m.Parts))
	for i, part := range m.Parts {
		parts[i], content = content[:part.Size:part.Size], content[part.Size:]
		if err := m.VerifyPart(part, parts[i]); err != nil {
			return nil, err
		}
	}
	if err := v.accept(s); err != nil {
		return nil, err
	}
	return &Opened{s, parts[0], parts[1:]}, nil
}

// verifyHead verifies the signature, and the manifest that it covers.
func (v *Verifier) verifyHead(h *head) (*Statement, *Manifest, error) {
	s, err := format.DecodeStatement(h.Statement)
	if err != nil {
		return nil, nil, err
	}
	if err := v.verifySignature(s, h); err != nil {
		return nil, nil, err
	}
	if !format.EqualDigests(sha256.Sum256(h.Manifest), s.Digest) {
		return nil, nil, format.Refuse(BadSignature, "the manifest is not the one that was signed")
	}
	m, err := format.DecodeManifest(h.Manifest)
	return s, m, err
}

func (v *Verifier) verifySignature(s *Statement, h *head) error {
	key, err := v.key(s.KeyID)
	if err != nil {
		return err
	}
	if key.algorithm != s.Algorithm {
		return format.Refuse(UnknownKey, "key %q is for %v, and the envelope says %v", s.KeyID, key.algorithm, s.Algorithm)
	}
	if len(h.Signature) != key.algorithm.SignatureSize() || !key.verify(PAE(StatementType, h.Statement), h.Signature) {
		return format.Refuse(BadSignature, "it was not signed by key %q, or changed since", s.KeyID)
	}
	return nil
}

func (v *Verifier) key(id string) (*Key, error) {
	for _, k := range v.Keys {
		if k.id == id {
			return k, nil
		}
	}
	if v.FindKey != nil {
		k, err := v.FindKey(id)
		if err != nil {
			return nil, &Error{Reason: UnknownKey, Detail: "looking for it failed", Cause: err}
		}
		if k != nil && k.id == id {
			return k, nil
		}
	}
	return nil, format.Refuse(UnknownKey, "no key here has the id %q", id)
}

// accept asks, of a statement that is verified, whether it is for here and for now,
// and for the first time.
func (v *Verifier) accept(s *Statement) error {
	purpose := v.Purpose
	if purpose == "" {
		purpose = DefaultPurpose
	}
	if s.Purpose != purpose {
		return format.Refuse(WrongAudience, "its purpose is %q, not %q", s.Purpose, purpose)
	}
	if s.Audience != v.Audience {
		return format.Refuse(WrongAudience, "it is for %q, not for %q", s.Audience, v.Audience)
	}
	now, skew := time.Now(), v.Skew
	if v.now != nil {
		now = v.now()
	}
	switch {
	case skew == 0:
		skew = DefaultSkew
	case skew < 0:
		skew = 0
	}
	if start := later(s.Issued, s.NotBefore); now.Add(skew).Before(start) {
		return format.Refuse(NotYetValid, "it is valid from %s on", start.Format(time.RFC3339))
	}
	if !s.Expires.IsZero() && !now.Add(-skew).Before(s.Expires) {
		return format.Refuse(Expired, "it was valid until %s", s.Expires.Format(time.RFC3339))
	}
	if v.Replay == nil {
		return nil
	}
	until := s.Expires
	if !until.IsZero() {
		// A verifier elsewhere, whose clock is behind this one's, accepts it for so long.
		until = until.Add(2 * skew)
	}
	fresh, err := v.Replay.Record(s.KeyID, s.Nonce, until)
	var refusal *Error
	switch {
	case errors.As(err, &refusal):
		return err
	case err != nil:
		return &Error{Reason: Unavailable, Detail: "nobody can say whether it was accepted before", Cause: err}
	case !fresh:
		return format.Refuse(Replayed, "it was accepted before")
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
