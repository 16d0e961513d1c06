package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// BenchmarkCall measures what a call costs beyond the SDK: a role session's GetRole, permission included.
func BenchmarkCall(b *testing.B) {
	for _, where := range []string{"memory", "folder"} {
		b.Run(where, func(b *testing.B) {
			o := Options{}
			if where == "folder" {
				o.Dir = b.TempDir()
			}
			s := newSandbox(b, o)
			r := s.accessRole(s.accounts[1])
			creds := issue(session{Account: s.accounts[1].ID, Role: r.Name, Path: r.Path, RoleID: r.ID, Name: "bench", Expires: 1 << 40})
			body := url.Values{"Action": {"GetRole"}, "Version": {"2010-05-08"}, "RoleName": {r.Name}}.Encode()
			b.ReportAllocs()
			for b.Loop() {
				request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "https://iam.amazonaws.com/", strings.NewReader(body))
				if err != nil {
					b.Fatal(err)
				}
				request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+creds.AccessKeyID+"/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0")
				request.Header.Set("X-Amz-Security-Token", creds.SessionToken)
				response, err := s.Transport().RoundTrip(request)
				if err != nil {
					b.Fatal(err)
				}
				_ = response.Body.Close()
				if response.StatusCode != http.StatusOK {
					b.Fatal(response.Status)
				}
			}
		})
	}
}

// BenchmarkWrite measures what writing an account costs while others of the folder are written.
func BenchmarkWrite(b *testing.B) {
	const accounts = 1000
	s := newSandbox(b, Options{Dir: b.TempDir(), Accounts: accounts})
	var next atomic.Int64
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			id := s.accounts[next.Add(1)%accounts].ID
			if err := s.open(id, "us-east-1", func(a *account) error { a.touch(); return nil }); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
