package seal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gocloudpickle/gocloudpickle/seal/format"
)

// DefaultPurpose is what envelopes are for unless a Signer says otherwise.
const DefaultPurpose = "pickle"

// A Signer makes envelopes. Its zero fields but Key have a meaning; a Signer may be
// used by several goroutines at once.
type Signer struct {
	Key       *Key
	Audience  string        // who may accept it; "" is an audience like any other
	Purpose   string        // DefaultPurpose where it is ""
	ExpiresIn time.Duration // 0: it never expires
	ValidIn   time.Duration // from now until it becomes valid
	Python    Version       // that the content is for
	Type      ContentType

	now func() time.Time // tests and vectors
	rnd io.Reader
}

var errNoSigningKey = errors.New("seal: this key verifies only: sign with the private key")

// statement is a new one, for a manifest.
func (s *Signer) statement(m *Manifest) (*Statement, error) {
	if s.Key == nil {
		return nil, errors.New("seal: the Signer has no key")
	}
	if !s.Key.Signs() {
		return nil, errNoSigningKey
	}
	now, rnd := time.Now, rand.Reader
	if s.now != nil {
		now, rnd = s.now, s.rnd
	}
	if s.ExpiresIn < 0 || s.ValidIn < 0 {
		return nil, fmt.Errorf("seal: ExpiresIn (%v) and ValidIn (%v) can't be negative", s.ExpiresIn, s.ValidIn)
	}
	issued := now().UTC().Truncate(time.Millisecond)
	out := &Statement{
		Algorithm: s.Key.algorithm, KeyID: s.Key.id, Purpose: s.Purpose, Audience: s.Audience,
		Issued: issued, NotBefore: issued.Add(s.ValidIn), Python: s.Python, Content: s.Type, Digest: m.Digest(),
	}
	if out.Purpose == "" {
		out.Purpose = DefaultPurpose
	}
	if s.ExpiresIn > 0 {
		out.Expires = issued.Add(s.ExpiresIn)
	}
	_, err := io.ReadFull(rnd, out.Nonce[:])
	return out, err
}

// head signs a manifest.
func (s *Signer) head(m *Manifest) (*head, error) {
	statement, err := s.statement(m)
	if err != nil {
		return nil, err
	}
	encoded, err := statement.Encode()
	if err != nil {
		return nil, err
	}
	manifest := m.Encode()
	if len(manifest) > format.MaxManifestSize {
		return nil, fmt.Errorf("seal: %d bytes are too many: no verifier takes more than 2 TiB", m.Size())
	}
	return &head{Statement: encoded, Signature: s.Key.sign(PAE(StatementType, encoded)), Manifest: manifest}, nil
}

// Sign puts a content into a new envelope: a pickle, and the out-of-band buffers that
// belong to it, in order.
func (s *Signer) Sign(content []byte, buffers ...[]byte) ([]byte, error) {
	m, err := manifestOf(content, buffers)
	if err != nil {
		return nil, err
	}
	h, err := s.head(m)
	if err != nil {
		return nil, err
	}
	out := append(h.Encode(int(m.Size())), content...)
	for _, b := range buffers {
		out = append(out, b...)
	}
	return out, nil
}

// SignDetached makes an envelope without the content, which travels on its own.
func (s *Signer) SignDetached(content []byte, buffers ...[]byte) ([]byte, error) {
	m, err := manifestOf(content, buffers)
	if err != nil {
		return nil, err
	}
	h, err := s.head(m)
	if err != nil {
		return nil, err
	}
	h.Flags |= format.Detached
	return h.Encode(0), nil
}

func manifestOf(content []byte, buffers [][]byte) (*Manifest, error) {
	if len(buffers) >= MaxParts {
		return nil, fmt.Errorf("seal: %d buffers are too many; %d are not", len(buffers), MaxParts-1)
	}
	m := &Manifest{ChunkSize: ChunkSize, Parts: make([]Part, 0, 1+len(buffers))}
	m.Add(content)
	for _, b := range buffers {
		m.Add(b)
	}
	return m, nil
}
