package format

import "fmt"

// A Reason is why an envelope is refused.
type Reason uint8

// The reasons, in the order in which a verifier asks.
const (
	Unsigned      Reason = iota + 1 // it is no envelope at all
	Malformed                       // it is damaged, cut off, or has something behind its end
	UnknownKey                      // no key of the verifier has the id, or that key is for another algorithm
	BadSignature                    // the signature, or a digest that it covers, is wrong
	WrongAudience                   // it is for others, or for another purpose
	NotYetValid                     // its time has not come
	Expired                         // its time is over
	Replayed                        // it has been accepted before
	Unavailable                     // nobody can say whether it has: the replay store fails
	Undecryptable                   // it is encrypted to others, or is no age file
)

var reasonNames = [...]string{
	Unsigned: "unsigned", Malformed: "malformed", UnknownKey: "unknown key", BadSignature: "bad signature",
	WrongAudience: "wrong audience", NotYetValid: "not yet valid", Expired: "expired", Replayed: "replayed",
	Unavailable: "replay store unavailable", Undecryptable: "undecryptable",
}

// String is the reason in words, as the command prints it: "bad signature".
func (r Reason) String() string {
	if int(r) < len(reasonNames) && reasonNames[r] != "" {
		return reasonNames[r]
	}
	return fmt.Sprintf("reason %d", uint8(r))
}

// An Error refuses an envelope.
type Error struct {
	Reason Reason
	Detail string // what exactly, for people; never a key
	Cause  error  // of the replay store, or nil
}

// What errors.Is compares with: an *Error is each of those with its Reason.
var (
	ErrUnsigned      = &Error{Reason: Unsigned}
	ErrMalformed     = &Error{Reason: Malformed}
	ErrUnknownKey    = &Error{Reason: UnknownKey}
	ErrBadSignature  = &Error{Reason: BadSignature}
	ErrWrongAudience = &Error{Reason: WrongAudience}
	ErrNotYetValid   = &Error{Reason: NotYetValid}
	ErrExpired       = &Error{Reason: Expired}
	ErrReplayed      = &Error{Reason: Replayed}
	ErrUnavailable   = &Error{Reason: Unavailable}
	ErrUndecryptable = &Error{Reason: Undecryptable}
)

func (e *Error) Error() string {
	if e.Detail == "" {
		return "seal: " + e.Reason.String()
	}
	return "seal: " + e.Reason.String() + ": " + e.Detail
}

// Unwrap gives the replay store's error.
func (e *Error) Unwrap() error { return e.Cause }

// Is makes errors.Is compare reasons alone.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Detail == "" && other.Reason == e.Reason
}

// Refuse makes an Error, with a detail as fmt.Sprintf has it.
func Refuse(reason Reason, format string, args ...any) error {
	return &Error{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}
