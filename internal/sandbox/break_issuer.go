package sandbox

import "strings"

// issuerAnswer is how the issuer answers who asks for its documents. Empty: as it should.
type issuerAnswer string

const (
	issuerSilent   issuerAnswer = "silent"    // it breaks every connection off
	issuerNotFound issuerAnswer = "not-found" // 404
	issuerOther    issuerAnswer = "other"     // the discovery document names another issuer
)

// otherSlash is the same URL to a person and another one to AWS: with a slash at its end, or without.
func otherSlash(url string) string {
	if without, ok := strings.CutSuffix(url, "/"); ok {
		return without
	}
	return url + "/"
}

// answering breaks how the issuer answers.
func answering(a issuerAnswer) func(*identity) error {
	return func(id *identity) error {
		id.Answer = a
		return nil
	}
}

// publishOtherKeys has the issuer publish keys of a generation that signs nothing yet, as one that
// retires the old keys before it signs with the new ones.
func publishOtherKeys(id *identity) error {
	keys, err := newKeys(id.Serial + 1)
	id.Published = keys
	return err
}

// tagTokens has the issuer write session tags into its tokens.
func tagTokens(id *identity) error {
	id.Tags = true
	return nil
}

// mend takes back what is wrong with the issuer, and says whether anything was.
func (id *identity) mend() bool {
	wrong := id.Answer != "" || id.Published != nil || id.Tags
	id.Answer, id.Published, id.Tags = "", nil, false
	return wrong
}

// changeIssuer lets use work on a copy of the issuer's identity, and keeps it.
func (s *Sandbox) changeIssuer(use func(*identity) error) error {
	if _, err := s.identity.read(s.options.Dir); err != nil { // makes it, if there is none
		return err
	}
	return s.identity.change(s.options.Dir, func(was *identity) (*identity, error) {
		next := *was
		return &next, use(&next)
	})
}
