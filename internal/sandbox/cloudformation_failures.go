package sandbox

// injected returns the failure that was arranged for a step of a resource, if any: one of
// the sandbox's faults or one set up by [Sandbox.SetUpStack]. Each happens once.
func (x *execution) injected(h *handling, step stepKind) error {
	w := x.work
	if err := w.setUpFailure(step, h.res.LogicalID); err != nil {
		return err
	}
	f, ok := stackFailures[w.Fault]
	if !ok || step != stepApply || f.resourceType != h.res.Type {
		return nil
	}
	w.Fault = ""
	name := h.text("Url")
	arn := h.acct.arn("iam", "", "oidc-provider/"+name)
	if h.res.Type == roleType {
		name = h.text("RoleName")
		arn = h.acct.arn("iam", "", "role/"+name)
	}
	return f.fail(name, arn, x.principal().arn(h.acct.partition))
}
