// Package fleet says which accounts a command works on, and with whose credentials.
//
// [Resolve] turns profiles, account ids and files into [Target] values. Every target
// it returns was asked who it is (sts:GetCallerIdentity) before anything else may
// happen there: deploying to the wrong account is the worst mistake this tool could make.
package fleet

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Target is one account and Region that receives the stack, with the credentials to reach it.
type Target struct {
	// Account is 12 digits; leading zeros are significant. It is empty only if Err is set
	// and neither AWS nor the shared config could say whose the profile is.
	Account   string
	Name      string // a label for people: from the accounts file, the organisation or the profile; may be empty
	Region    string // where the stack lives
	Partition string // aws, aws-us-gov, aws-cn, ...; may be empty if Err is set
	Caller    string // the ARN fcoidc acts as there, empty if Err is set
	Source    string // what asked for it, as the user typed it: "--profile prod", "accounts.csv line 7"

	// Calls is how many requests it took to reach the account and to ask whose it is,
	// retries included.
	Calls int

	// AWS is how the AWS CLI is called so that it works on the account, such as
	// "aws --profile prod"; empty where the current credentials are the account's.
	AWS string

	// Again are the flags by which a command of fcoidc chooses this account once more, such as
	// "--profile prod"; empty where the current credentials are the account's.
	Again string

	// Notes are sentences that a reviewer should know of how the target was found.
	Notes []string

	// Config has Region and Credentials set; clients for the account are made from it.
	// Its HTTP client and retryer are shared by all targets of the same credentials.
	Config aws.Config

	// Err says why the account cannot be worked on (no credentials, no role could be
	// assumed, it is another account than the one asked for). Such a target is blocked.
	// It may have a method Hint() string with the way out.
	Err error
}

// String is the target as errors and lines name it: "123456789012/eu-west-1".
func (t Target) String() string { return cmp.Or(t.Account, t.Name) + "/" + t.Region }
