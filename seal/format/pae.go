package format

import "strconv"

// StatementType is the payload type under which statements are signed (PAE) and exported (DSSE).
const StatementType = "application/vnd.gocloudpickle.statement.v1"

// PAE is the pre-authentication encoding of DSSE 1.0 (protocol.md of
// secure-systems-lab/dsse): "DSSEv1", the length of the type, the type, the length of
// the body, and the body, separated by one space each. No two pairs of a type and a
// body have the same encoding.
func PAE(payloadType string, body []byte) []byte {
	out := make([]byte, 0, len(payloadType)+len(body)+48)
	out = append(out, "DSSEv1 "...)
	out = strconv.AppendInt(out, int64(len(payloadType)), 10)
	out = append(out, ' ')
	out = append(out, payloadType...)
	out = append(out, ' ')
	out = strconv.AppendInt(out, int64(len(body)), 10)
	out = append(out, ' ')
	return append(out, body...)
}
