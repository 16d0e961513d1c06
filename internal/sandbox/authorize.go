package sandbox

import "net/http"

// policyCache keeps parsed policy documents.
type policyCache struct{}

// alive refuses a session whose role is gone: its credentials died with it.
func (a *account) alive(p principal) error {
	if p.admin() {
		return nil
	}
	if r := a.state.Roles[nameKey(p.Role)]; r == nil || r.ID != p.RoleID {
		return refuse(http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	return nil
}

// authorize checks that p, who belongs to the account, may do an action.
func (a *account) authorize(p principal, action, resource, region string) error {
	return a.alive(p)
}

// accessRole is the role by which the management account gets into a member account.
func (s *Sandbox) accessRole(info Account) *role {
	return &role{
		Name: "OrganizationAccountAccessRole", Path: "/", ID: "AROA" + idText(s.seed, info.ID, "AROA", 0),
		Created: standInDate, MaxSession: defaultMaxSession,
		Trust: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` +
			s.accounts[0].ID + `:root"},"Action":"sts:AssumeRole"}]}`,
		Attached: []string{"arn:aws:iam::aws:policy/AdministratorAccess"},
	}
}
