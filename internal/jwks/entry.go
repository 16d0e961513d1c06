package jwks

import "slices"

// Entry is a key as a saved case tells of it: what its JWK says, without the numbers.
type Entry struct {
	Kid, Kty, Alg, Use, Crv string
	KeyOps                  []string
	HasKeyOps               bool // "key_ops" is there, be it empty
	CertificateDiffers      bool // "x5c" holds another key than the JWK's numbers
	Verifies                bool // the key's numbers verify the token's signature
}

// Describe makes a set of entries that were described, for [Set.Choose]. Its keys verify no
// signature; whether they would is in the entries, at [Key.Index].
func Describe(entries []Entry) *Set {
	s := &Set{Keys: make([]Key, len(entries))}
	for i, e := range entries {
		k := Key{Index: i, Kid: e.Kid, Kty: e.Kty, Alg: e.Alg, Use: e.Use, Crv: e.Crv, KeyOps: e.KeyOps}
		m := members{}
		if e.HasKeyOps {
			m["key_ops"] = nil
		}
		switch {
		case k.Kty != typeRSA && k.Kty != typeEC:
			k.Reason = "is of a type that AWS does not know"
		case e.CertificateDiffers:
			k.Reason = `has an "x5c" whose certificate holds another key`
		default:
			k.Reason = k.refusal(m)
			k.Usable = k.Reason == ""
		}
		s.Keys[i] = k
	}
	return s
}

// Entries describes the set's keys for a saved case. verifying are those that verify the
// token's signature ([Set.Verifying]).
func (s *Set) Entries(verifying []Key) []Entry {
	entries := make([]Entry, len(s.Keys))
	for i, k := range s.Keys {
		entries[i] = Entry{
			Kid: k.Kid, Kty: k.Kty, Alg: k.Alg, Use: k.Use, Crv: k.Crv, KeyOps: k.KeyOps, HasKeyOps: k.KeyOps != nil,
			CertificateDiffers: k.X5C > 0 && !k.listed && k.public != nil,
			Verifies:           slices.ContainsFunc(verifying, func(v Key) bool { return v.Index == i }),
		}
	}
	return entries
}
