package doctor

// The actions that stand for the services of a column.
const (
	probeRegional = "ec2:RunInstances"
	probeGlobal   = "iam:CreateRole"
	probeSTS      = "sts:AssumeRole"
)
