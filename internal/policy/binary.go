package policy

import "encoding/base64"

// binaryMatcher compares bytes: base64 in the policy, text in the request.
type binaryMatcher struct{ want string }

func newBinaryMatcher(value string) (matcher, bool) {
	want, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return neverMatcher{}, false
	}
	return binaryMatcher{string(want)}, true
}

func (m binaryMatcher) match(value string, _ Context) (outcome, OpenRules) {
	return outcomeOf(value == m.want), OpenBinaryText
}
