package policy

import "testing"

func TestPolicyVariables(t *testing.T) {
	t.Parallel()
	runConditions(t, v2012, []conditionCase{
		{"replaced", `{"StringEquals": {"sts:RoleSessionName": "${P:sub}"}}`, `{"P:sub": "ci", "sts:RoleSessionName": "ci"}`, true, 0},
		{"within a pattern", `{"StringLike": {"sts:RoleSessionName": "${P:sub}-*"}}`, `{"P:sub": "ci", "sts:RoleSessionName": "ci-7"}`, true, 0},
		{"the key ignores case", `{"StringEquals": {"sts:RoleSessionName": "${API.forgecroft.com:SUB}"}}`, `{"P:sub": "ci", "sts:RoleSessionName": "ci"}`, true, 0},
		{"ignoring case", `{"StringEqualsIgnoreCase": {"sts:RoleSessionName": "${P:sub}"}}`, `{"P:sub": "ci", "sts:RoleSessionName": "CI"}`, true, 0},
		{"several", `{"StringEquals": {"P:sub": "${P:a}/${P:b}"}}`, `{"P:sub": "x/y", "P:a": "x", "P:b": "y"}`, true, 0},
		{"null never equals", `{"StringEquals": {"P:sub": "${P:email}"}}`, `{"P:sub": "${P:email}"}`, false, 0},
		{"null is always unequal", `{"StringNotEquals": {"P:sub": "${P:email}"}}`, `{"P:sub": "x"}`, true, 0},
		{"null does not spoil the list", `{"StringEquals": {"P:sub": ["${P:email}", "x"]}}`, `{"P:sub": "x"}`, true, 0},
		{"an empty value is null", `{"StringEquals": {"P:sub": "a${P:email}"}}`, `{"P:sub": "a", "P:email": ""}`, false, OpenNullVariable},
		{"several values are null", `{"StringEquals": {"P:sub": "${P:amr}"}}`, `{"P:sub": "x", "P:amr": ["x", "y"]}`, false, OpenNullVariable},
		{"a default", `{"StringEquals": {"P:sub": "${P:email, 'none'}"}}`, `{"P:sub": "none"}`, true, 0},
		{"a default is not needed", `{"StringEquals": {"P:sub": "${P:email, 'none'}"}}`, `{"P:sub": "none", "P:email": "x"}`, false, 0},
		{"an empty default", `{"StringEquals": {"P:sub": "a${P:email, ''}"}}`, `{"P:sub": "a"}`, true, 0},
		{"a default in a pattern", `{"StringLike": {"P:sub": "org:${P:email, 'acme'}:*"}}`, `{"P:sub": "org:acme:x"}`, true, 0},
		{"a malformed default is part of the key", `{"StringEquals": {"P:sub": "${P:email, none}"}}`, `{"P:sub": "none"}`, false, 0},
		{"an escaped *", `{"StringLike": {"P:sub": "a${*}*"}}`, `{"P:sub": "a*b"}`, true, 0},
		{"an escaped * takes no run", `{"StringLike": {"P:sub": "a${*}*"}}`, `{"P:sub": "ab"}`, false, 0},
		{"an escaped ?", `{"StringLike": {"P:sub": "a${?}"}}`, `{"P:sub": "ab"}`, false, 0},
		{"an escaped $", `{"StringEquals": {"P:sub": "${$}{x}"}}`, `{"P:sub": "${x}"}`, true, 0},
		{"escapes in StringEquals", `{"StringEquals": {"P:sub": "${*}${?}${$}"}}`, `{"P:sub": "*?$"}`, true, 0},
		{"no closing brace", `{"StringEquals": {"P:sub": "${P:email"}}`, `{"P:sub": "${P:email"}`, true, 0},
		{"a * of a variable is plain", `{"StringLike": {"P:sub": "${P:email}"}}`, `{"P:sub": "abc", "P:email": "a*"}`, false, OpenSubstitutedWildcard},
		{"a plain * of a variable decides nothing", `{"StringLike": {"P:sub": "${P:email}"}}`, `{"P:sub": "a*", "P:email": "a*"}`, true, 0},
	})
}

func TestVariablesArePlainTextBefore2012(t *testing.T) {
	t.Parallel()
	for _, version := range []string{v2008, ""} {
		runConditions(t, version, []conditionCase{
			{version + " the very characters", `{"StringEquals": {"P:sub": "${P:email}"}}`, `{"P:sub": "${P:email}"}`, true, 0},
			{version + " no replacement", `{"StringEquals": {"P:sub": "${P:email}"}}`, `{"P:sub": "x", "P:email": "x"}`, false, 0},
			{version + " no escape", `{"StringLike": {"P:sub": "a${*}"}}`, `{"P:sub": "a${xyz}"}`, true, 0},
		})
	}
}

// A claim could hold the bytes that stand for wildcards in a compiled pattern.
func TestNoByteOfAVariableIsAWildcard(t *testing.T) {
	t.Parallel()
	d := parse(t, trusting(v2012, `{"StringLike": {"P:sub": "${P:email}"}}`))
	for _, text := range []string{string([]byte{anyRun}), string([]byte{anyOne})} {
		r := webRequest(Context{"api.forgecroft.com:sub": {"x"}, "api.forgecroft.com:email": {text}})
		if got := d.Decide(r); got != ImplicitDeny {
			t.Errorf("%q matches: %v", text, got)
		}
	}
}
