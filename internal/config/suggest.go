package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
)

// unknownKey says what to do about a key that a section does not have. path is the section's
// name, "" for the file's top.
func unknownKey(path, key string, here []field) string {
	other, place := new(Targets).fields(), "under "+keyTargets
	if path != "" {
		other, place = new(Config).fields(), "at the top of the file, not under "+path
	}
	switch {
	case key == "<<":
		return "merge keys are not read here; write the answers out"
	case namesSecret(key):
		return fmt.Sprintf("%s sounds like a secret: none belongs in this file; credentials come from the AWS SDK's usual places (profiles, SSO, environment)", show(key))
	}
	if near := nearest(key, keysOf(other)); near != "" && plain(near) == plain(key) {
		return fmt.Sprintf("%s belongs %s", near, place)
	}
	if near := nearest(key, keysOf(here)); near != "" {
		return fmt.Sprintf("unknown key %s: did you mean %s?", show(key), near)
	}
	if near := nearest(key, keysOf(other)); near != "" {
		return fmt.Sprintf("unknown key %s: did you mean %s, which belongs %s?", show(key), near, place)
	}
	return fmt.Sprintf("unknown key %s; known here are %s", show(key), strings.Join(keysOf(here), ", "))
}

func keysOf(fields []field) []string {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	return keys
}

// namesSecret recognises the names under which people keep what must not be kept here.
func namesSecret(key string) bool {
	key = plain(key)
	return slices.ContainsFunc([]string{"secret", "token", "password", "passphrase", "accesskey", "privatekey", "apikey", "credential"},
		func(s string) bool { return strings.Contains(key, s) })
}

// plain is a name without what people vary: orgId, org-id and org_id are one.
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

// maxName is longer than any name here; the distance costs the product of the lengths.
const maxName = 64

// nearest returns the known name that was most likely meant: the same but for case, hyphens and
// underscores, or one edit away for every three letters and two at most. Else "".
func nearest(typed string, known []string) string {
	if len(typed) > maxName {
		return ""
	}
	typed = plain(typed)
	best, distance := "", min(len(typed)/3, 2)+1
	for _, k := range known {
		if d := levenshtein.Distance(typed, plain(k), nil); d < distance {
			best, distance = k, d
		}
	}
	return best
}

// show quotes a name from the file, cut to what fits a line.
func show(name string) string {
	if runes := []rune(name); len(runes) > maxName {
		name = string(runes[:maxName]) + "…"
	}
	return strconv.Quote(name)
}
