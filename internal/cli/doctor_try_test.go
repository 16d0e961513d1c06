package cli

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/fleet"
)

// askedHosts notes whom requests are for, and answers none.
type askedHosts struct{ urls []string }

func (a *askedHosts) RoundTrip(r *http.Request) (*http.Response, error) {
	a.urls = append(a.urls, (&url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host}).String())
	return nil, errors.New("nobody is there")
}

// It changes the environment, and so runs alone.
func TestTheTokenGoesToTheSTSOfTheAccountsPartitionWhateverTheConfigurationNames(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "https://collector.example.com")
	t.Setenv("AWS_ENDPOINT_URL_STS", "https://collector.example.com")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/config")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
	for _, tt := range []struct{ region, typed, want string }{
		{"eu-west-1", "", "https://sts.eu-west-1.amazonaws.com"},
		{"us-gov-west-1", "", "https://sts.us-gov-west-1.amazonaws.com"},
		{"cn-north-1", "", "https://sts.cn-north-1.amazonaws.com.cn"},
		{"eu-west-1", "https://vpce-1.sts.example.net", "https://vpce-1.sts.example.net"},
	} {
		cfg, err := fleet.LoadConfig(t.Context(), "", tt.region)
		if err != nil {
			t.Fatal(err)
		}
		hosts := &askedHosts{}
		cfg.HTTPClient = &http.Client{Transport: hosts}
		cfg.RetryMaxAttempts = 1
		cfg.Retryer = nil
		target := fleet.Target{Region: tt.region, Config: cfg}
		l := lookout{doctorOptions: doctorOptions{IO: &IO{Err: &bytes.Buffer{}}, Live: liveFlags{Endpoint: tt.typed}}, world: &world{}}
		doctor.Try(t.Context(), doctor.NewExchangeClient(target.Config, target.Region, l.stsEndpoint(&target)), "arn:aws:iam::111122223333:role/r", "a.b.c", time.Now)
		if len(hosts.urls) != 1 || hosts.urls[0] != tt.want {
			t.Errorf("%s: asked %q, want %s", tt.region, hosts.urls, tt.want)
		}
	}
}
