package sandbox

func stsService() *service {
	return &service{
		name:      "sts",
		version:   "2011-06-15",
		namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
		throttle:  "Throttling",
		operations: map[string]operation{
			"GetCallerIdentity": {run: getCallerIdentity, unchecked: true},
		},
	}
}

func getCallerIdentity(c *call) (any, error) {
	return struct {
		Arn     string
		UserId  string //nolint:revive // AWS spells the element so
		Account string
	}{c.caller.arn(c.partition()), c.caller.userID(), c.caller.Account}, nil
}
