// Package trust judges the trust policies of roles that web identities assume.
//
// [Storable] says whether IAM would take such a policy, [Audit] who gets in by it, and
// [Separate] whether a plan token can assume the apply role. None of them needs a token:
// they reason about every token that the issuer could sign.
//
// The reasoning goes key by key. The conditions on one condition key divide its values into
// classes that no condition tells apart; a search over one class for each key then finds
// the cheapest token that a policy admits, or shows that there is none. What cannot be
// settled that way (readings that AWS leaves open, policy variables, the caller's address)
// is never taken for a proof: the answer is then that nobody can tell.
//
// The package performs no I/O and reads no clock.
package trust
