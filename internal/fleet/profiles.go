package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/config"
	"gopkg.in/ini.v1"
)

// expandProfiles turns names and globs into the names of profiles, in the order they were asked
// for and each once. A name or glob that fits no profile is an [InputError].
func expandProfiles(patterns []string) ([]string, error) {
	known, err := profileNames()
	if err != nil {
		return nil, err
	}
	var names []string
	var bad problems
	for _, pattern := range patterns {
		found, err := matchProfiles(pattern, known)
		switch {
		case err != nil:
			bad.add("--profile %q is no pattern: close its [ with a ]", pattern)
		case len(found) == 0:
			bad.add("%s", noProfile(pattern, known))
		}
		for _, name := range found {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, bad.err()
}

// matchProfiles returns the profiles that a name or glob stands for. A * also stands for a slash,
// which profile names may hold.
func matchProfiles(pattern string, known []string) ([]string, error) {
	if slices.Contains(known, pattern) {
		return []string{pattern}, nil
	}
	flat := func(s string) string { return strings.ReplaceAll(s, "/", "\x00") }
	var found []string
	for _, name := range known {
		ok, err := path.Match(flat(pattern), flat(name))
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, name)
		}
	}
	return found, nil
}

// noProfile says that nothing fits, and what might have been meant.
func noProfile(pattern string, known []string) string {
	text := fmt.Sprintf("--profile %s: there is no such profile in the shared config", pattern)
	if strings.ContainsAny(pattern, "*?[") {
		text = fmt.Sprintf("--profile %s: no profile of the shared config matches", pattern)
	}
	if near := nearProfiles(pattern, known); len(near) > 0 {
		return text + "; near: " + strings.Join(near, ", ")
	}
	if len(known) == 0 {
		return text + "; it has none"
	}
	return text
}

// nearProfiles returns up to five profiles that look like what was typed, the likest first.
func nearProfiles(pattern string, known []string) []string {
	const enough, most = 0.4, 5 // likeness from 0 to 1; names
	stem := strings.ToLower(strings.NewReplacer("*", "", "?", "").Replace(pattern))
	likeness := func(name string) float64 {
		name = strings.ToLower(name)
		if stem != "" && strings.Contains(name, stem) {
			return 1
		}
		return levenshtein.Similarity(stem, name, nil)
	}
	near := slices.DeleteFunc(slices.Clone(known), func(name string) bool { return likeness(name) < enough })
	slices.SortStableFunc(near, func(a, b string) int { return cmp.Compare(likeness(b), likeness(a)) })
	return near[:min(len(near), most)]
}

// configFile and credentialsFile are where the SDK looks (AWS SDKs and Tools Reference Guide,
// "Location of the shared config and credentials files").
func configFile() string {
	return cmp.Or(os.Getenv("AWS_CONFIG_FILE"), config.DefaultSharedConfigFilename())
}

func credentialsFile() string {
	return cmp.Or(os.Getenv("AWS_SHARED_CREDENTIALS_FILE"), config.DefaultSharedCredentialsFilename())
}

// profileNames lists the profiles of the shared config and credentials files, in their order.
// A file that does not exist has none.
func profileNames() ([]string, error) {
	var names []string
	for _, file := range []struct {
		path string
		kind string // the first word of a profile's section; the credentials file has none
	}{{configFile(), "profile"}, {credentialsFile(), ""}} {
		sections, err := sectionNames(file.path)
		if err != nil {
			return nil, err
		}
		for _, section := range sections {
			name, ok := profileName(section, file.kind)
			if ok && name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// profileName is the profile that a section describes: [profile prod] of the config file, [prod] of
// the credentials file, [default] of both.
func profileName(section, kind string) (name string, ok bool) {
	section = strings.TrimSpace(section)
	if kind == "" || section == "default" {
		return section, true
	}
	rest, ok := strings.CutPrefix(section, kind)
	name = strings.TrimLeft(rest, " \t")
	return name, ok && name != rest
}

// sectionNames reads the headings alone; the SDK reads the values, by its own rules. The
// library's error may quote a line, which may be a secret key, and is left out.
func sectionNames(path string) ([]string, error) {
	body, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &InputError{Problems: []string{"shared config: " + err.Error()}}
	}
	file, err := ini.Load(headings(body))
	if err != nil {
		return nil, &InputError{Problems: []string{"the shared config file " + path + " has a section whose [ is not closed"}}
	}
	names := file.SectionStrings()
	return slices.DeleteFunc(names, func(name string) bool { return name == ini.DefaultSection }), nil
}

// headings keeps the lines that open a section: values are none of the ini library's business,
// whose rules for quotes are not the SDK's.
func headings(body []byte) []byte {
	var kept strings.Builder
	for line := range strings.Lines(string(body)) {
		if strings.HasPrefix(strings.TrimSpace(line), "[") {
			kept.WriteString(line)
		}
	}
	return []byte(kept.String())
}

// accountOfProfile says which account a profile is for without asking AWS, "" if the shared
// config does not tell: it labels a target whose credentials could not be had.
func accountOfProfile(ctx context.Context, name string) string {
	shared, err := config.LoadSharedConfigProfile(ctx, name, func(o *config.LoadSharedConfigOptions) {
		o.ConfigFiles, o.CredentialsFiles = []string{configFile()}, []string{credentialsFile()}
	})
	if broken, ok := errors.AsType[config.SharedConfigAssumeRoleError](err); ok {
		shared.RoleARN = broken.RoleARN // its source_profile is of no use
	} else if err != nil {
		return "" // the target's own error tells what is wrong
	}
	if role, err := arn.Parse(shared.RoleARN); err == nil && isAccount(role.AccountID) {
		return role.AccountID
	}
	if isAccount(shared.SSOAccountID) {
		return shared.SSOAccountID
	}
	return ""
}
