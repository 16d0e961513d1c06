package trust_test

import (
	"testing"

	"github.com/forgecroft/fcoidc/internal/trust"
)

func TestAProviderARNIsTakenApart(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string][3]string{
		"arn:aws:iam::111122223333:oidc-provider/api.forgecroft.com": {"aws", "111122223333", "api.forgecroft.com"},
		"arn:aws-cn:iam::111122223333:oidc-provider/host:443/path/":  {"aws-cn", "111122223333", "host:443/path/"},
		"arn:aws:iam::111122223333:oidc-provider/":                   {},
		"arn:aws:iam::111122223333:role/x":                           {},
		"arn:aws:iam:us-east-1:111122223333:oidc-provider/x":         {},
		"arn:aws:sts::111122223333:oidc-provider/x":                  {},
		"rn:aws:iam::111122223333:oidc-provider/x":                   {},
		"arn:aws:iam::oidc-provider/x":                               {},
		"https://api.forgecroft.com":                                 {},
		"":                                                           {},
	} {
		partition, account, path, ok := trust.SplitProviderARN(arn)
		if ok != (want != [3]string{}) {
			t.Errorf("%s: %t", arn, ok)
		}
		if got := [3]string{partition, account, path}; ok && got != want {
			t.Errorf("%s: %q, want %q", arn, got, want)
		}
	}
}
