package sandbox

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// iamService is IAM: OIDC providers, roles, and policies.
func iamService() *service {
	ops := map[string]operation{
		"GetAccountSummary":  {run: getAccountSummary},
		"ListAccountAliases": {run: listAccountAliases},

		"SimulatePrincipalPolicy": simulateOperation(),
	}
	maps.Copy(ops, providerOperations())
	maps.Copy(ops, roleOperations())
	maps.Copy(ops, rolePolicyOperations())
	maps.Copy(ops, managedPolicyOperations())
	return &service{
		name:       "iam",
		version:    "2010-05-08",
		namespace:  "https://iam.amazonaws.com/doc/2010-05-08/",
		global:     true,
		throttle:   "Throttling",
		operations: ops,
	}
}

// Quotas of a new AWS account (IAM User Guide, "IAM and AWS STS quotas").
const (
	quotaProviders     = 100
	quotaRoles         = 1000
	quotaPolicies      = 1500
	quotaAttached      = 10
	quotaTags          = 50
	quotaTrust         = 2048  // characters of a trust policy, white space not counted
	quotaInline        = 10240 // characters of all inline policies of a role, white space not counted
	quotaManagedPolicy = 6144
	quotaVersions      = 5
)

type summaryEntry struct {
	Key   string `xml:"key"`
	Value int    `xml:"value"`
}

func getAccountSummary(c *call) (any, error) {
	st := c.acct.state
	type result struct {
		SummaryMap struct {
			Entry []summaryEntry `xml:"entry"`
		}
	}
	var r result
	r.SummaryMap.Entry = []summaryEntry{
		{"Roles", len(st.Roles)},
		{"RolesQuota", quotaRoles},
		{"Policies", len(st.Policies)},
		{"PoliciesQuota", quotaPolicies},
		{"Providers", len(st.Providers)},
		{"AssumeRolePolicySizeQuota", quotaTrust},
		{"AttachedPoliciesPerRoleQuota", quotaAttached},
		{"Users", 1},
		{"AccountMFAEnabled", 1},
		{"AccountAccessKeysPresent", 0},
	}
	return r, nil
}

func listAccountAliases(*call) (any, error) {
	return struct {
		AccountAliases members[string]
		IsTruncated    bool
	}{}, nil
}

// tag is a tag of an IAM entity.
type tag struct {
	Key   string `json:"k"`
	Value string `json:"v"`
}

// tags reads the parameter Tags.
func (c *call) tags() ([]tag, error) {
	var out []tag
	for i := 1; ; i++ {
		prefix := "Tags.member." + strconv.Itoa(i)
		if !c.has(prefix + ".Key") {
			return out, checkTags(out)
		}
		out = append(out, tag{c.get(prefix + ".Key"), c.get(prefix + ".Value")})
	}
}

func checkTags(tags []tag) error {
	seen := map[string]bool{}
	for _, t := range tags {
		if seen[strings.ToLower(t.Key)] {
			return invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[strings.ToLower(t.Key)] = true
		if t.Key == "" || len(t.Key) > 128 || len(t.Value) > 256 {
			return validationError("1 validation error detected: Value at 'tags' failed to satisfy constraint: a tag's key has 1 to 128 characters, its value at most 256")
		}
		if strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return invalidInput("Caller is an end user and not allowed to mutate system tags")
		}
	}
	if len(tags) > quotaTags {
		return limitExceeded("The number of tags has reached the maximum limit.")
	}
	return nil
}

// mergeTags returns old with the tags of added set.
func mergeTags(old, added []tag) ([]tag, error) {
	out := slices.Clone(old)
	for _, t := range added {
		i := slices.IndexFunc(out, func(o tag) bool { return strings.EqualFold(o.Key, t.Key) })
		if i < 0 {
			out = append(out, t)
		} else {
			out[i] = t
		}
	}
	return out, checkTags(out)
}

// withoutTags returns old without the given keys.
func withoutTags(old []tag, keys []string) []tag {
	return slices.DeleteFunc(slices.Clone(old), func(t tag) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, t.Key) })
	})
}

// checkPath refuses a path that does not begin and end with a slash.
func checkPath(path string) (string, error) {
	if path == "" {
		return "/", nil
	}
	if !strings.HasPrefix(path, "/") || !strings.HasSuffix(path, "/") || len(path) > 512 {
		return "", validationError("The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return path, nil
}

// checkName refuses a name that IAM would refuse.
func checkName(parameter, name string, longest int) error {
	if name == "" {
		return missing(parameter)
	}
	if len(name) > longest {
		return validationError("1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", parameter, longest)
	}
	for _, r := range name {
		if !strings.ContainsRune("+=,.@_-", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return validationError("The specified value for %s is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-", parameter)
		}
	}
	return nil
}

// page cuts a sorted list as Marker and MaxItems say. The marker is the index of the next item.
func page[T any](c *call, items []T) (out []T, truncated bool, marker string, err error) {
	start := 0
	if m := c.get("Marker"); m != "" {
		if start, err = strconv.Atoi(m); err != nil || start < 0 || start > len(items) {
			return nil, false, "", validationError("Invalid Marker.")
		}
	}
	limit := 100
	if m := c.get("MaxItems"); m != "" {
		if limit, err = strconv.Atoi(m); err != nil || limit < 1 || limit > 1000 {
			return nil, false, "", validationError("1 validation error detected: Value '%s' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and 1000", m)
		}
	}
	end := min(start+limit, len(items))
	if end < len(items) {
		return items[start:end], true, strconv.Itoa(end), nil
	}
	return items[start:end], false, "", nil
}

// sorted returns the values of m in the order of their keys.
func sorted[V any](m map[string]V) []V {
	out := make([]V, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[k])
	}
	return out
}
