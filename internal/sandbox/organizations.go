package sandbox

func organizationsService() *service {
	return &service{
		name:       "organizations",
		protocol:   jsonProtocol,
		version:    "2016-11-28",
		target:     "AWSOrganizationsV20161128",
		global:     true,
		throttle:   "TooManyRequestsException",
		operations: map[string]operation{},
	}
}
