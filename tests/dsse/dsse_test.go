// Package dsse verifies exported envelopes by an implementation of DSSE that isn't
// ours. It is a module of its own, so that nobody else needs that one.
package dsse

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/seal"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// A verifier is dsse.Verifier of an Ed25519 key.
type verifier struct {
	id     string
	public ed25519.PublicKey
}

func (v verifier) KeyID() (string, error)   { return v.id, nil }
func (v verifier) Public() crypto.PublicKey { return v.public }
func (v verifier) Verify(_ context.Context, data, sig []byte) error {
	if !ed25519.Verify(v.public, data, sig) {
		return dsse.ErrNoSignature
	}
	return nil
}

func verifierOf(t *testing.T, key *seal.Key) *dsse.EnvelopeVerifier {
	t.Helper()
	text, err := key.Public().PEM()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	v, err := dsse.NewEnvelopeVerifier(verifier{key.ID(), public.(ed25519.PublicKey)})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func newKey(t *testing.T) *seal.Key {
	t.Helper()
	key, err := seal.GenerateKey(seal.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestExported(t *testing.T) {
	key := newKey(t)
	envelope, err := (&seal.Signer{Key: key, Audience: "workers"}).Sign([]byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := seal.ExportDSSE(envelope)
	if err != nil {
		t.Fatal(err)
	}
	var exported dsse.Envelope
	if err := json.Unmarshal(text, &exported); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if keys, err := verifierOf(t, key).Verify(ctx, &exported); err != nil || len(keys) != 1 {
		t.Errorf("%d keys verify it: %v", len(keys), err)
	}
	if _, err := verifierOf(t, newKey(t)).Verify(ctx, &exported); err == nil {
		t.Error("another key verifies it")
	}
	changed := exported
	changed.PayloadType += "x"
	if _, err := verifierOf(t, key).Verify(ctx, &changed); err == nil {
		t.Error("it verifies with another payload type")
	}
}

// What the other implementation signs, with a statement of ours in it, comes back as an envelope.
func TestSignedByTheOther(t *testing.T) {
	key := newKey(t)
	content := []byte("content")
	envelope, err := (&seal.Signer{Key: key}).SignDetached(content)
	if err != nil {
		t.Fatal(err)
	}
	text, err := seal.ExportDSSE(envelope)
	if err != nil {
		t.Fatal(err)
	}
	var exported struct {
		dsse.Envelope
		Manifest []byte `json:"gocloudpickleManifest"`
	}
	if err := json.Unmarshal(text, &exported); err != nil {
		t.Fatal(err)
	}
	statement, err := exported.DecodeB64Payload()
	if err != nil {
		t.Fatal(err)
	}
	private, err := key.PEM()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := dsse.NewEnvelopeSigner(signerOf(t, key.ID(), private))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.SignPayload(context.Background(), seal.StatementType, statement)
	if err != nil {
		t.Fatal(err)
	}
	exported.Envelope = *signed
	text, err = json.Marshal(exported)
	if err != nil {
		t.Fatal(err)
	}
	back, err := seal.ImportDSSE(text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&seal.Verifier{Keys: []*seal.Key{key.Public()}}).VerifyDetached(back, content); err != nil {
		t.Error(err)
	}
}

type signer struct {
	id      string
	private ed25519.PrivateKey
}

func (s signer) KeyID() (string, error) { return s.id, nil }
func (s signer) Sign(_ context.Context, data []byte) ([]byte, error) {
	return ed25519.Sign(s.private, data), nil
}

func signerOf(t *testing.T, id string, text []byte) signer {
	t.Helper()
	block, _ := pem.Decode(text)
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return signer{id, private.(ed25519.PrivateKey)}
}
