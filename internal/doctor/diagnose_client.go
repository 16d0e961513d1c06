package doctor

import (
	"maps"
	"slices"
	"strings"
)

// keyVariables are variables by which other credentials come before a web identity.
var keyVariables = []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "conflicting_static_credentials"}

func (d *diagnoser) credentials() {
	for _, name := range keyVariables {
		if d.c.Request.Environment[name] == "" {
			continue
		}
		what := "the caller's environment sets " + name
		if strings.Contains(name, "credentials") {
			what = "the caller's environment holds credentials of its own"
		}
		d.show(Diagnosis{
			Cause: "other_credentials_used", Summary: what + ", which SDKs use in place of the web identity",
			Expected: "no credentials beside AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN", Found: name,
			Fix: "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE",
		}, 5)
		return
	}
	if who := d.symptom.signer; who != "" {
		d.show(Diagnosis{
			Cause: "other_credentials_used", Summary: "the call was signed with the credentials of " + who + ", and an exchange is not signed at all",
			Expected: "an unsigned call of sts:AssumeRoleWithWebIdentity", Found: who,
			Fix: "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE\nexport AWS_EC2_METADATA_DISABLED=true",
		}, 5)
	}
}

// configuration looks for variables that are known to be missing.
func (d *diagnoser) configuration() {
	var unset []string
	for _, name := range d.variables() {
		if strings.HasPrefix(name, "AWS_") && d.c.Request.Environment[name] == "" && !slices.Contains(keyVariables, name) {
			unset = append(unset, name)
		}
	}
	d.misspelt()
	if len(unset) == 0 {
		return
	}
	value := map[string]string{ //nolint:gosec // because these are placeholders
		"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ROLE_ARN": "<the role's ARN>",
		"AWS_WEB_IDENTITY_TOKEN_FILE": "<the token's file>",
	}
	fix := make([]string, len(unset))
	for i, name := range unset {
		fix[i] = "export " + name + "=" + orElse(value[name], "<value>")
	}
	d.show(Diagnosis{
		Cause: "client_config", Summary: "the caller lacks " + strings.Join(unset, " and "),
		Expected: strings.Join(unset, ", ") + " set", Found: "not set", Fix: strings.Join(fix, "\n"),
	}, 5)
}

// clientVariables are the variables by which SDKs find a web identity.
var clientVariables = []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_SESSION_NAME", "AWS_STS_REGIONAL_ENDPOINTS"}

// misspelt looks for names that are nearly ones that count.
func (d *diagnoser) misspelt() {
	names := slices.Clone(d.c.Request.Misspelt)
	known := []string{"RoleArn", "RoleSessionName", "WebIdentityToken", "DurationSeconds"}
	for _, name := range d.variables() {
		if !slices.Contains(clientVariables, name) && !slices.Contains(keyVariables, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		for _, right := range append(known, clientVariables...) {
			if strings.EqualFold(name, right) || oneEdit(name, right) {
				d.show(Diagnosis{
					Cause: "client_config", Summary: name + " is misspelt: the name is " + right,
					Expected: right, Found: name, Fix: "write " + right + " in place of " + name,
				}, 4)
				return
			}
		}
	}
}

// oneEdit reports whether one character more, less or another, or two swapped, makes a of b.
func oneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 1:
		return a[i:] == b[i+1:]
	case 0:
		return i < len(a) && (a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:])
	}
	return false
}

// variables are the names of the caller's variables that are known, in order.
func (d *diagnoser) variables() []string {
	if len(d.c.Request.Environment) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(d.c.Request.Environment))
}
