package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/forgecroft/fcoidc/internal/regions"
)

// accountService is the part of Account Management that says which Regions an account uses.
func accountService() *service {
	ops := map[string]operation{
		"ListRegions":        {run: listRegions},
		"GetRegionOptStatus": {run: getRegionOptStatus},
		"EnableRegion":       {run: func(c *call) (any, error) { return c.setRegion(true) }},
		"DisableRegion":      {run: func(c *call) (any, error) { return c.setRegion(false) }},
	}
	paths := map[string]string{}
	for name, op := range ops {
		op.resource = accountResource
		ops[name] = op
		paths["POST /"+strings.ToLower(name[:1])+name[1:]] = name
	}
	return &service{
		name: "account", protocol: restProtocol, version: "2021-02-01", global: true, throttle: "TooManyRequestsException",
		operations: ops, paths: paths,
	}
}

// accountResource is the ARN of the caller's account.
func accountResource(c *call) string {
	return "arn:" + c.partition() + ":account::" + c.caller.Account + ":account"
}

// regionInput is what the calls on Regions have in common.
type regionInput struct {
	AccountID  string `json:"AccountId"`
	RegionName string
	MaxResults *int
	NextToken  string
	Statuses   []string `json:"RegionOptStatusContains"`
}

// regionInput reads a request. It may not name another account: that takes trusted access for
// Account Management, which the sandbox's organisation has given to no service.
func (c *call) regionInput() (in regionInput, err error) {
	if err := c.decode(&in); err != nil {
		return in, err
	}
	if in.AccountID != "" {
		return in, accessDenied("User: %s is not authorized to perform: account:%s (Your organization must first enable trusted access with AWS Account Management.)", c.caller.arn(c.partition()), c.action)
	}
	return in, nil
}

// optStatus is a Region in an answer.
type optStatus struct{ RegionName, RegionOptStatus string }

// largestRegionsPage is how many Regions a page holds at most; the default is 20.
const largestRegionsPage = 50

func listRegions(c *call) (any, error) {
	in, err := c.regionInput()
	if err != nil {
		return nil, err
	}
	var all []optStatus
	for _, r := range regions.All() {
		if r.Partition != c.acct.partition {
			continue
		}
		status, _ := c.acct.regionStatus(r.ID)
		if len(in.Statuses) == 0 || slices.Contains(in.Statuses, status) {
			all = append(all, optStatus{r.ID, status})
		}
	}
	size := 20
	if in.MaxResults != nil {
		size = *in.MaxResults
	}
	start := 0
	if in.NextToken != "" {
		start, err = strconv.Atoi(in.NextToken)
	}
	if err != nil || start < 0 || start > len(all) || size < 1 || size > largestRegionsPage {
		return nil, accountValidation("MaxResults must be from 1 to %d and NextToken that of an earlier answer", largestRegionsPage)
	}
	end := min(start+size, len(all))
	result := struct {
		Regions   []optStatus
		NextToken string `json:",omitempty"`
	}{Regions: append([]optStatus{}, all[start:end]...)}
	if end < len(all) {
		result.NextToken = strconv.Itoa(end)
	}
	return result, nil
}

func getRegionOptStatus(c *call) (any, error) {
	in, err := c.regionInput()
	if err != nil {
		return nil, err
	}
	status, ok := c.acct.regionStatus(in.RegionName)
	if !ok {
		return nil, accountValidation("Region %s does not exist", in.RegionName)
	}
	return optStatus{in.RegionName, status}, nil
}

// setRegion enables or disables a Region.
func (c *call) setRegion(enabled bool) (any, error) {
	in, err := c.regionInput()
	if err != nil {
		return nil, err
	}
	status, ok := c.acct.regionStatus(in.RegionName)
	if !ok {
		return nil, accountValidation("Region %s does not exist", in.RegionName)
	}
	if status == regionByDefault {
		return nil, accountValidation("Region %s is enabled by default and stays so", in.RegionName)
	}
	others := slices.DeleteFunc(slices.Clone(c.acct.state.EnabledRegions), func(id string) bool { return id == in.RegionName })
	if enabled {
		others = append(others, in.RegionName)
	}
	c.acct.state.EnabledRegions = others
	c.acct.touch()
	return nil, nil
}

func accountValidation(format string, args ...any) *apiError {
	return refuse(http.StatusBadRequest, "ValidationException", format, args...)
}
