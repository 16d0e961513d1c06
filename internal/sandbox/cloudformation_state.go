package sandbox

// regionStacks is what CloudFormation keeps in one Region of an account.
type regionStacks struct{}
