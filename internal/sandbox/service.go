package sandbox

import "time"

// protocol is how a service writes its requests and answers.
type protocol int

const (
	queryProtocol protocol = iota // form in, XML out: IAM, STS, CloudFormation
	jsonProtocol                  // JSON 1.1 in and out: Organizations, CloudTrail
	restProtocol                  // JSON in and out, the action is told by the path: Account
)

// service is one AWS service: what it is called, how it speaks and what it can do.
// A service that is to be imitated is made by a function and listed in [services].
type service struct {
	name      string // as in the signature's scope and in IAM actions
	protocol  protocol
	version   string            // the query protocol's Version
	namespace string            // the XML namespace of its answers
	target    string            // the JSON protocol's X-Amz-Target before the dot
	paths     map[string]string // of the REST protocol: actions by method and path, "POST /listRegions"
	global    bool              // one endpoint a partition, so aws:RequestedRegion is the partition's global Region
	throttle  string            // the error code of a throttled call

	operations map[string]operation

	// advance brings what goes on by itself in an account (stack operations) to the instant
	// a.now. It runs before every request on an account, with the account locked. nil: nothing does.
	advance func(a *account)
}

// operation is one action of a service.
type operation struct {
	// run answers the call. The result is encoded in the service's protocol, nil is an answer
	// without content; an error that is no *apiError becomes an InternalFailure.
	run func(*call) (any, error)

	// resource is the ARN that permissions are checked against; nil means "*".
	resource func(*call) string

	// unlocked operations run without the caller's account: call.acct is nil. They are those
	// that concern the organisation or another account.
	unlocked bool

	// anonymous operations accept unsigned requests.
	anonymous bool

	// unchecked operations need no permission at all (sts:GetCallerIdentity).
	unchecked bool
}

// services are all that the sandbox imitates, by name.
func services() map[string]*service {
	all := make(map[string]*service)
	for _, s := range []*service{iamService(), stsService(), organizationsService(), cloudFormationService(), cloudTrailService(), accountService()} {
		all[s.name] = s
	}
	return all
}

// instant is how every API here writes a time.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
