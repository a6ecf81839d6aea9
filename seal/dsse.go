package seal

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/seal/format"
)

// A dsseEnvelope is DSSE 1.0's, in JSON. The manifest travels beside the statement,
// which has its digest; the content is always detached.
type dsseEnvelope struct {
	PayloadType string          `json:"payloadType"`
	Payload     dsseBytes       `json:"payload"`
	Signatures  []dsseSignature `json:"signatures"`
	Manifest    dsseBytes       `json:"gocloudpickleManifest"`
}

type dsseSignature struct {
	KeyID string    `json:"keyid"`
	Sig   dsseBytes `json:"sig"`
}

// dsseBytes are base64: DSSE takes both alphabets, the standard one and that of URLs.
type dsseBytes []byte

func (b dsseBytes) MarshalText() ([]byte, error) {
	return base64.StdEncoding.AppendEncode(nil, b), nil
}

func (b *dsseBytes) UnmarshalText(text []byte) (err error) {
	standard := strings.NewReplacer("-", "+", "_", "/").Replace(string(text))
	*b, err = base64.StdEncoding.Strict().DecodeString(standard)
	if err == nil && base64.StdEncoding.EncodeToString(*b) != standard {
		err = errors.New("a line end in base64")
	}
	return err
}

// ExportDSSE turns an envelope into a DSSE envelope in JSON (protocol.md and
// envelope.md of secure-systems-lab/dsse) with the statement as its payload and the
// same signature. The content is not in it. Nothing is verified.
func ExportDSSE(envelope []byte) ([]byte, error) {
	h, _, err := format.Split(envelope)
	if err != nil {
		return nil, err
	}
	s, err := format.DecodeStatement(h.Statement)
	if err != nil {
		return nil, err
	}
	return json.Marshal(dsseEnvelope{
		PayloadType: StatementType,
		Payload:     h.Statement,
		Signatures:  []dsseSignature{{s.KeyID, h.Signature}},
		Manifest:    h.Manifest,
	})
}

// maxDSSE bounds what ImportDSSE reads.
const maxDSSE = 2 * format.MaxManifestSize

// ImportDSSE turns what ExportDSSE has made into a detached envelope. Nothing is verified.
func ImportDSSE(text []byte) ([]byte, error) {
	if len(text) > maxDSSE {
		return nil, format.Refuse(Malformed, "a DSSE envelope of %d bytes", len(text))
	}
	var in dsseEnvelope
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, format.Refuse(Malformed, "this is no DSSE envelope: %v", err)
	}
	switch {
	case in.PayloadType != StatementType:
		return nil, format.Refuse(Malformed, "its payload type is %q, not %q", in.PayloadType, StatementType)
	case len(in.Signatures) != 1:
		return nil, format.Refuse(Malformed, "it has %d signatures, not one", len(in.Signatures))
	case len(in.Payload) > format.MaxStatementSize || len(in.Signatures[0].Sig) > format.MaxStatementSize:
		return nil, format.Refuse(Malformed, "its statement or signature is too long")
	case len(in.Manifest) > format.MaxManifestSize:
		return nil, format.Refuse(Malformed, "a manifest of %d bytes", len(in.Manifest))
	}
	s, err := format.DecodeStatement(in.Payload)
	if err != nil {
		return nil, err
	}
	if s.KeyID != in.Signatures[0].KeyID {
		return nil, format.Refuse(Malformed, "the key ids inside (%q) and outside (%q) of the signature differ",
			s.KeyID, in.Signatures[0].KeyID)
	}
	h := head{Flags: format.Detached, Statement: in.Payload, Signature: in.Signatures[0].Sig, Manifest: in.Manifest}
	return h.Encode(0), nil
}

// Attach puts the content into a detached envelope.
// Nothing is verified.
func Attach(envelope, content []byte, buffers ...[]byte) ([]byte, error) {
	h, err := detachedHead(envelope)
	if err != nil {
		return nil, err
	}
	h.Flags &^= format.Detached
	size := len(content)
	for _, b := range buffers {
		size += len(b)
	}
	out := append(h.Encode(size), content...)
	for _, b := range buffers {
		out = append(out, b...)
	}
	return out, nil
}
