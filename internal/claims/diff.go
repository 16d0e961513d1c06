package claims

// Change is how a member differs between two tokens.
type Change string

// The changes from the first token to the second.
const (
	Changed Change = "changed"
	Added   Change = "added"
	Removed Change = "removed"
)

// Difference is one member of header or payload in which two tokens differ.
type Difference struct {
	Part   string // "header" or "claims"
	Name   string
	Change Change
	A, B   Value // absent where the token has no such member
	// Routine is true for members that differ between any two tokens of one issuer: times,
	// the token's own id, the run's.
	Routine bool
}

// routine are the claims that differ from token to token by their nature.
var routine = map[string]bool{"iat": true, "nbf": true, "exp": true, "jti": true, "auth_time": true, "nonce": true, "run_id": true}

// Diff returns the members in which a and b differ: the header's, then the claims, each in
// a's order and then what b adds. Values that differ in blanks alone are equal, the order of
// members within an object counts. It is empty for tokens that say the same.
func Diff(a, b *Token) []Difference {
	return append(diffMembers("header", a.Header.Members, b.Header.Members), diffMembers("claims", a.Claims, b.Claims)...)
}

func diffMembers(part string, a, b Members) []Difference {
	var all []Difference
	for _, m := range a {
		d := Difference{Part: part, Name: m.Name, Change: Changed, A: m.Value, Routine: part == "claims" && routine[m.Name]}
		v, ok := b.Get(m.Name)
		if !ok {
			d.Change = Removed
		}
		if d.B = v; !ok || !v.Equal(m.Value) {
			all = append(all, d)
		}
	}
	for _, m := range b {
		if _, ok := a.Get(m.Name); !ok {
			all = append(all, Difference{Part: part, Name: m.Name, Change: Added, B: m.Value, Routine: part == "claims" && routine[m.Name]})
		}
	}
	return all
}
