package claims

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

// The claims that STS reads besides the registered ones.
const (
	ClaimTags           = "https://aws.amazon.com/tags"
	ClaimSourceIdentity = "https://aws.amazon.com/source_identity"
	ClaimRoles          = "https://aws.amazon.com/roles"
)

const (
	principalTags  = "principal_tags"
	transitiveKeys = "transitive_tag_keys"
	flatTag        = ClaimTags + "/" + principalTags + "/"
	flatTransitive = ClaimTags + "/" + transitiveKeys
)

// Limits of session tags (STS API reference, AssumeRoleWithWebIdentity, and IAM User Guide,
// id_session-tags).
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// What STS answers to claims of the wrong form, as observed.
const (
	awsTagsFormat  = "InvalidIdentityToken: principal_tags passed in claim is not in correct format."
	awsRolesFormat = "InvalidIdentityToken: The roles claim is not in a supported format"
	awsRolesNone   = "InvalidIdentityToken: The roles claim contains no valid role ARNs"
)

var (
	roleARN        = lazyregexp.New(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+$`)
	sourceIdentity = lazyregexp.New(`^[\w+=,.@-]{2,64}$`)
)

// Tag is one session tag.
type Tag struct{ Key, Value string }

// IsAWSClaim reports whether STS gives the claim a meaning of its own.
func IsAWSClaim(name string) bool {
	return isTagClaim(name) || name == ClaimSourceIdentity || name == ClaimRoles
}

// isTagClaim reports whether the claim carries session tags, in either form.
func isTagClaim(name string) bool {
	return name == ClaimTags || name == flatTransitive || isFlatTag(name)
}

func isFlatTag(name string) bool { return strings.HasPrefix(name, flatTag) }

// SessionTags returns the principal tags and the keys of the transitive ones, in the token's
// order, from the nested and the flat form of the claim. problems says what in them STS
// would not take.
func (t *Token) SessionTags() (tags []Tag, transitive []string, problems []Warning) {
	for _, m := range t.Claims {
		switch {
		case m.Name == ClaimTags:
			tagged, keys, wrong := nestedTags(m.Value)
			tags, transitive, problems = append(tags, tagged...), append(transitive, keys...), append(problems, wrong...)
		case isFlatTag(m.Name):
			key := strings.TrimPrefix(m.Name, flatTag)
			if m.Value.Kind() != String {
				problems = append(problems, tagProblem(m.Name, "the value of a flat principal tag must be a string", awsTagsFormat))
				continue
			}
			tags = append(tags, Tag{key, m.Value.Text()})
		case m.Name == flatTransitive:
			keys, wrong := transitiveTagKeys(m.Name, m.Value)
			transitive, problems = append(transitive, keys...), append(problems, wrong...)
		}
	}
	return tags, transitive, append(problems, checkTags(tags, transitive)...)
}

func nestedTags(v Value) (tags []Tag, transitive []string, problems []Warning) {
	members, ok := v.Members()
	if !ok {
		return nil, nil, []Warning{tagProblem(ClaimTags, "must be an object with "+principalTags, awsTagsFormat)}
	}
	for _, m := range members {
		switch m.Name {
		case principalTags:
			entries, ok := m.Value.Members()
			if !ok {
				problems = append(problems, tagProblem(ClaimTags, principalTags+" must be an object of tags", awsTagsFormat))
			}
			for _, e := range entries {
				values, _ := e.Value.Strings()
				if e.Value.Kind() != Array || len(values) != 1 {
					problems = append(problems, tagProblem(ClaimTags, "each principal tag must be an array of exactly one string", awsTagsFormat))
					continue
				}
				tags = append(tags, Tag{e.Name, values[0]})
			}
		case transitiveKeys:
			keys, wrong := transitiveTagKeys(ClaimTags, m.Value)
			transitive, problems = append(transitive, keys...), append(problems, wrong...)
		}
	}
	return tags, transitive, problems
}

func transitiveTagKeys(claim string, v Value) ([]string, []Warning) {
	keys, ok := v.Strings()
	if v.Kind() != Array || !ok {
		return nil, []Warning{tagProblem(claim, transitiveKeys+" must be an array of strings", "")}
	}
	return keys, nil
}

func checkTags(tags []Tag, transitive []string) (problems []Warning) {
	if len(tags) > maxTags {
		problems = append(problems, tagProblem(ClaimTags, fmt.Sprintf("%d session tags, STS takes at most %d", len(tags), maxTags), ""))
	}
	for _, tag := range tags {
		if n := utf8.RuneCountInString(tag.Key); n < 1 || n > maxTagKey || !isTagText(tag.Key) {
			problems = append(problems, tagProblem(ClaimTags, fmt.Sprintf("a tag's key must have 1 to %d letters, digits, blanks or _.:/=+-@", maxTagKey), ""))
		}
		if n := utf8.RuneCountInString(tag.Value); n > maxTagValue || !isTagText(tag.Value) {
			problems = append(problems, tagProblem(ClaimTags, fmt.Sprintf("a tag's value may have at most %d letters, digits, blanks or _.:/=+-@", maxTagValue), ""))
		}
	}
	for _, key := range transitive {
		if !slices.ContainsFunc(tags, func(t Tag) bool { return t.Key == key }) {
			problems = append(problems, tagProblem(ClaimTags, "a transitive tag key names none of the principal tags", ""))
		}
	}
	return problems
}

// isTagText applies STS's pattern of tag keys and values, [\p{L}\p{Z}\p{N}_.:/=+\-@].
func isTagText(s string) bool {
	for _, r := range s {
		if !unicode.In(r, unicode.L, unicode.Z, unicode.N) && !strings.ContainsRune("_.:/=+-@", r) {
			return false
		}
	}
	return true
}

func tagProblem(claim, text, aws string) Warning {
	return Warning{Code: "session_tags_format", Claim: claim, Text: text, AWS: aws}
}

// SourceIdentity returns the source identity that the token sets. ok is false if it sets none.
func (t *Token) SourceIdentity() (identity string, problems []Warning, ok bool) {
	v, ok := t.Claim(ClaimSourceIdentity)
	if !ok {
		return "", nil, false
	}
	if v.Kind() != String || !sourceIdentity.MatchString(v.Text()) {
		problems = append(problems, Warning{Code: "source_identity_format", Claim: ClaimSourceIdentity, Text: "must be a string of 2 to 64 letters, digits or _+=,.@-"})
	}
	return v.Text(), problems, true
}

// Roles returns the role ARNs to which the token limits itself. ok is false if it does not:
// the claim is absent or null. STS reads an array of strings or one string with semicolons
// between the ARNs, trims blanks, skips what is no role ARN and compares with case (observed).
func (t *Token) Roles() (arns []string, problems []Warning, ok bool) {
	v, _ := t.Claim(ClaimRoles)
	var entries []string
	switch v.Kind() {
	case Absent, Null:
		return nil, nil, false
	case String:
		entries = strings.Split(v.Text(), ";")
	case Array:
		elements, _ := v.Elements()
		for _, e := range elements {
			if e.Kind() == String {
				entries = append(entries, e.Text())
				continue
			}
			problems = append(problems, rolesProblem("an entry that is no string is skipped", ""))
		}
	default:
		return nil, []Warning{rolesProblem("must be a string or an array of strings", awsRolesFormat)}, true
	}
	for _, entry := range entries {
		entry = strings.TrimSpace(entry)
		switch {
		case roleARN.MatchString(entry):
			arns = append(arns, entry)
		case entry != "":
			problems = append(problems, rolesProblem("an entry that is no exact role ARN is skipped; wildcards and bare names do not count", ""))
		}
	}
	if len(arns) == 0 {
		problems = append(problems, rolesProblem("holds no role ARN, so that no role can be assumed", awsRolesNone))
	}
	return arns, problems, true
}

func rolesProblem(text, aws string) Warning {
	return Warning{Code: "roles_claim_format", Claim: ClaimRoles, Text: text, AWS: aws}
}

// requestKeys returns the keys that the claims of [IsAWSClaim] fill. They carry no issuer
// prefix. Session tags and source identity also need sts:TagSession and sts:SetSourceIdentity
// allowed in the trust policy.
func (t *Token) requestKeys(claim string) ([]ConditionKey, bool) {
	aws := func(name string, multivalued bool) ConditionKey {
		return ConditionKey{Name: name, Basis: BasisAWS, Multivalued: multivalued}
	}
	switch {
	case claim == ClaimSourceIdentity:
		return []ConditionKey{aws("sts:SourceIdentity", false)}, true
	case claim == ClaimRoles:
		return []ConditionKey{aws("sts:RoleAuthorizedByIdp", false)}, true
	case claim == flatTransitive:
		return []ConditionKey{aws("sts:TransitiveTagKeys", true)}, true
	case isFlatTag(claim):
		return []ConditionKey{aws("aws:RequestTag/"+strings.TrimPrefix(claim, flatTag), false), aws("aws:TagKeys", true)}, true
	case claim == ClaimTags:
		v, _ := t.Claim(claim)
		tags, transitive, _ := nestedTags(v)
		var keys []ConditionKey
		for _, tag := range tags {
			keys = append(keys, aws("aws:RequestTag/"+tag.Key, false))
		}
		if len(tags) > 0 {
			keys = append(keys, aws("aws:TagKeys", true))
		}
		if len(transitive) > 0 {
			keys = append(keys, aws("sts:TransitiveTagKeys", true))
		}
		return keys, true
	}
	return nil, false
}
