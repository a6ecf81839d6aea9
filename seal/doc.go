// Package seal puts pickles into signed envelopes, and takes them out of verified ones.
//
// Loading a pickle runs what it says. What travels over a network is therefore signed
// by who made it, and verified before anything of it is loaded:
//
//	key, err := seal.GenerateKey(seal.Ed25519)
//	...
//	signer := seal.Signer{Key: key, Audience: "workers", ExpiresIn: time.Hour}
//	envelope, err := signer.Sign(pickled)
//	...
//	verifier := seal.Verifier{Keys: []*seal.Key{key.Public()}, Audience: "workers"}
//	opened, err := verifier.Verify(envelope)
//	// opened.Content is pickled again
//
// # The envelope
//
// An envelope is a [Statement], a signature of it, a [Manifest] and the content.
// Everything that decides is inside the signed statement: the algorithm, the key's id,
// the purpose, the audience, the times, a nonce, the version of Python, and the digest
// of the manifest. The manifest has the digest of each chunk of the content, so that a
// long content is verified in constant memory, chunk by chunk.
//
// What is signed is the pre-authentication encoding of DSSE 1.0 of the statement
// ([PAE]), so that an envelope can become a DSSE envelope in JSON and back (see
// [ExportDSSE]). The specification, byte by byte, is docs/sealed-format.md.
//
// # Errors
//
// A refusal is an [*Error] whose [Reason] says why; errors.Is
// compares with [ErrUnsigned] and its like. No error holds a key.
//
// Nothing here loads a pickle, and no input is believed: each length is compared with
// what is there before memory is taken for it.
package seal
