package seal

import "github.com/gocloudpickle/gocloudpickle/seal/format"

// The bytes of envelopes are package format's, which the engine has too: what it says of
// these is said there.
type (
	// An Algorithm signs and verifies. It belongs to a [Key].
	Algorithm = format.Algorithm
	// A Statement is what a signature covers.
	Statement = format.Statement
	// A Version is a minor version of Python.
	Version = format.Version
	// A ContentType says what the parts of the content are.
	ContentType = format.ContentType
	// A Manifest lists the parts of a content, and the SHA-256 of each of their chunks.
	Manifest = format.Manifest
	// A Part is a pickle, or one of its out-of-band buffers.
	Part = format.Part
	// An Error refuses an envelope.
	Error = format.Error
	// A Reason is why.
	Reason = format.Reason

	head = format.Head
)

// The algorithms: Ed25519 is the one to use. With HMACSHA256 who verifies can also sign.
const (
	Ed25519    = format.Ed25519
	HMACSHA256 = format.HMACSHA256
)

// The content types.
const (
	Pickled   = format.Pickled   // part 0 is a pickle, the others are its out-of-band buffers
	Bytes     = format.Bytes     // part 0 is bytes that nobody has said more about
	Encrypted = format.Encrypted // one part: an age file, with an envelope inside
)

// Lengths in bytes, and limits.
const (
	NonceSize    = format.NonceSize
	DigestSize   = format.DigestSize
	MaxText      = format.MaxText      // of a key id, a purpose or an audience
	ChunkSize    = format.ChunkSize    // of the chunks that this package makes
	MinChunkSize = format.MinChunkSize // that a verifier takes
	MaxChunkSize = format.MaxChunkSize
	MaxParts     = format.MaxParts
)

// Magic begins every envelope.
const Magic = format.Magic

// StatementType is the payload type under which statements are signed and exported.
const StatementType = format.StatementType

// The reasons, in the order in which a [Verifier] asks.
const (
	Unsigned      = format.Unsigned      // it is no envelope at all
	Malformed     = format.Malformed     // it is damaged, cut off, or has something behind its end
	UnknownKey    = format.UnknownKey    // no key of the verifier has the id, or that key is for another algorithm
	BadSignature  = format.BadSignature  // the signature, or a digest that it covers, is wrong
	WrongAudience = format.WrongAudience // it is for others, or for another purpose
	NotYetValid   = format.NotYetValid   // its time has not come
	Expired       = format.Expired       // its time is over
	Replayed      = format.Replayed      // it has been accepted before
	Unavailable   = format.Unavailable   // nobody can say whether it has: the replay store fails
	Undecryptable = format.Undecryptable // it is encrypted to others, or is no age file
)

// What errors.Is compares with: an [*Error] is each of those with its Reason.
var (
	ErrUnsigned      = format.ErrUnsigned
	ErrMalformed     = format.ErrMalformed
	ErrUnknownKey    = format.ErrUnknownKey
	ErrBadSignature  = format.ErrBadSignature
	ErrWrongAudience = format.ErrWrongAudience
	ErrNotYetValid   = format.ErrNotYetValid
	ErrExpired       = format.ErrExpired
	ErrReplayed      = format.ErrReplayed
	ErrUnavailable   = format.ErrUnavailable
	ErrUndecryptable = format.ErrUndecryptable
)

// ParseAlgorithm is the inverse of Algorithm.String.
func ParseAlgorithm(name string) (Algorithm, error) { return format.ParseAlgorithm(name) }

// Sealed says whether data begins like an envelope.
func Sealed(data []byte) bool { return format.Sealed(data) }

// PAE is the pre-authentication encoding of DSSE 1.0.
func PAE(payloadType string, body []byte) []byte { return format.PAE(payloadType, body) }
