package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"
)

// sandboxKey makes the sandbox's own credentials and ids recognisable. It guards nothing: the
// credentials it signs open a sandbox only, and being the same everywhere lets several
// processes on one state folder understand each other's sessions.
const sandboxKey = "fcoidc sandbox credentials: not a secret, of no use on AWS"

// digest is a keyed hash of the parts, for ids and signatures.
func digest(parts ...string) []byte {
	h := hmac.New(sha256.New, []byte(sandboxKey))
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return h.Sum(nil)
}

// chance returns a number in [0, 1) that follows from the parts alone.
func chance(parts ...string) float64 {
	return float64(binary.BigEndian.Uint64(digest(parts...))>>11) / (1 << 53)
}

var base32Text = base32.StdEncoding.WithPadding(base32.NoPadding)

// idText is the 17 characters after the prefix of a unique id.
func idText(seed, account, kind string, serial uint64) string {
	sum := digest("id", seed, account, kind, string(binary.BigEndian.AppendUint64(nil, serial)))
	return base32Text.EncodeToString(sum)[:17]
}

// nameKey is the key of an IAM entity in its account: names keep their
// case but no two of them differ by case alone.
func nameKey(name string) string { return strings.ToLower(name) }
