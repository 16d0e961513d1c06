package sandbox

// accessRole is the role by which the management account gets into a member account, as
// Organizations makes it in accounts that it creates.
func (s *Sandbox) accessRole(info Account) *role {
	return &role{
		Name: "OrganizationAccountAccessRole", Path: "/", ID: "AROA" + idText(s.seed, info.ID, "AROA", 0),
		Created: standInDate, MaxSession: defaultMaxSession,
		Trust: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` +
			s.accounts[0].ID + `:root"},"Action":"sts:AssumeRole"}]}`,
		Attached: []string{"arn:aws:iam::aws:policy/AdministratorAccess"},
	}
}
