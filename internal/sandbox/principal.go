package sandbox

// principal is who signed a request, or on whose behalf a stack works. It is plain data, so that
// a stack operation can remember it.
type principal struct {
	Account string `json:"account,omitempty"` // empty: an unsigned request
	Role    string `json:"role,omitempty"`    // name of the assumed role; empty: the account's administrator
	Path    string `json:"path,omitempty"`    // the role's path
	RoleID  string `json:"role_id,omitempty"`
	Session string `json:"session,omitempty"`
	Policy  string `json:"policy,omitempty"` // session policy
}

// admin says whether p is an account's administrator, whom nothing limits.
func (p principal) admin() bool { return p.Account != "" && p.Role == "" }

// arn is the principal as GetCallerIdentity shows it.
func (p principal) arn(partition string) string {
	if p.admin() {
		return "arn:" + partition + ":iam::" + p.Account + ":user/" + adminUser
	}
	return "arn:" + partition + ":sts::" + p.Account + ":assumed-role/" + p.Role + "/" + p.Session
}

// userID is the principal's unique id.
func (p principal) userID() string {
	if p.admin() {
		return "AIDA" + idText("", p.Account, "AIDA", 0)
	}
	return p.RoleID + ":" + p.Session
}

// names are the ARNs by which a policy may name the principal. The first is
// aws:PrincipalArn, which for a session is the role's.
func (p principal) names(partition string) []string {
	if p.admin() {
		return []string{p.arn(partition)}
	}
	return []string{"arn:" + partition + ":iam::" + p.Account + ":role" + p.Path + p.Role, p.arn(partition)}
}
