package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

// maxBody bounds a request. CloudFormation's largest, a template of 51,200 bytes, triples at most in a form.
const maxBody = 1 << 20

// call is one request while it is being answered.
type call struct {
	sandbox *Sandbox
	service *service
	action  string
	region  string // of the endpoint that was called
	id      string // RequestId
	request *http.Request

	accessKey string // empty: unsigned
	token     string

	form url.Values // query protocol
	body []byte     // JSON protocols

	caller principal
	acct   *account // the caller's account, locked; nil in unlocked operations
	now    time.Time
}

// scope is what the signature of a request says it is for.
type scope struct{ accessKey, region, service string }

// readScope finds the SigV4 credential scope, "AKID/20260102/eu-west-1/iam/aws4_request",
// in the Authorization header or in the query of a presigned URL.
func readScope(r *http.Request, query url.Values) (scope, bool) {
	credential := query.Get("X-Amz-Credential")
	if _, rest, ok := strings.Cut(r.Header.Get("Authorization"), "Credential="); ok {
		credential, _, _ = strings.Cut(rest, ",")
	}
	parts := strings.Split(strings.TrimSpace(credential), "/")
	if len(parts) != 5 {
		return scope{}, false
	}
	return scope{accessKey: parts[0], region: parts[2], service: parts[3]}, true
}

// newCall reads a request. Its error is an answer.
func (s *Sandbox) newCall(r *http.Request, body []byte, id string) (*call, error) {
	c := &call{sandbox: s, id: id, request: r, body: body}
	query := r.URL.Query()
	sc, signed := readScope(r, query)
	if signed {
		c.accessKey, c.region = sc.accessKey, sc.region
		c.token = r.Header.Get("X-Amz-Security-Token")
		if c.token == "" {
			c.token = query.Get("X-Amz-Security-Token")
		}
	}
	host := ""
	if !signed {
		host, c.region = hostService(cmp.Or(r.Host, r.URL.Host))
	}
	c.region = cmp.Or(c.region, "us-east-1")

	if svc := s.services[cmp.Or(sc.service, host)]; svc != nil && svc.protocol == restProtocol {
		c.service, c.action = svc, svc.paths[r.Method+" "+r.URL.Path]
		if c.action == "" {
			return c, notImitated(svc.name, r.Method+" "+r.URL.Path)
		}
		return c, nil
	}
	target, action, isJSON := splitTarget(r.Header.Get("X-Amz-Target"))
	if isJSON {
		c.action = action
	} else {
		c.form = query
		if r.Method == http.MethodPost && len(body) > 0 {
			form, err := url.ParseQuery(string(body))
			if err != nil {
				return c, refuse(http.StatusBadRequest, "MalformedQueryString", "the request's body is no form: %v", err)
			}
			c.form = unpinned(form)
		}
		c.action = c.form.Get("Action")
	}

	c.service = s.findService(sc.service, host, target, c.form.Get("Version"))
	if c.service == nil {
		return c, notImitated(cmp.Or(sc.service, host, "unsigned request"), cmp.Or(c.action, r.Method+" "+r.URL.Path))
	}
	if c.action == "" {
		return c, refuse(http.StatusBadRequest, "MissingAction", "%s %s names no Action", r.Method, r.URL.Path)
	}
	return c, nil
}

// splitTarget takes an X-Amz-Target apart: "AWSOrganizationsV20161128.ListRoots". Some clients
// write a package before it, "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents".
func splitTarget(header string) (target, action string, ok bool) {
	dot := strings.LastIndex(header, ".")
	if dot < 0 {
		return "", "", false
	}
	target = header[:dot]
	return target[strings.LastIndex(target, ".")+1:], header[dot+1:], true
}

// unpinned copies short values, so that one that is kept in an account's state does not keep
// the whole request in memory, the template it carries included.
func unpinned(form url.Values) url.Values {
	const short = 1024
	for _, values := range form {
		for i, v := range values {
			if len(v) <= short {
				values[i] = strings.Clone(v)
			}
		}
	}
	return form
}

// findService names the service from the signature's scope, else from the X-Amz-Target,
// the host or the API version of an unsigned request.
func (s *Sandbox) findService(signed, host, target, version string) *service {
	if signed != "" {
		return s.services[signed]
	}
	if svc := s.services[host]; svc != nil {
		return svc
	}
	for _, svc := range s.services {
		if target != "" && svc.target == target || version != "" && svc.version == version {
			return svc
		}
	}
	return nil
}

// awsHost is a host name of an AWS service. Only unsigned requests are read by it.
var awsHost = lazyregexp.New(`^([a-z0-9]+)(?:-fips)?\.(?:([a-z]+(?:-[a-z]+)+-\d)\.)?amazonaws\.(?:com|com\.cn|eu)(?::\d+)?$`)

// hostService takes service and Region from an AWS host name, such as sts.eu-west-1.amazonaws.com.
func hostService(host string) (service, region string) {
	if m := awsHost.FindStringSubmatch(host); m != nil {
		return m[1], m[2]
	}
	return "", ""
}

// partition of the endpoint that was called.
func (c *call) partition() string { return partitionOf(c.region) }

// get returns a parameter of the query protocol, empty if it was not given.
func (c *call) get(name string) string { return c.form.Get(name) }

// has says whether a parameter of the query protocol was given, be it empty.
func (c *call) has(name string) bool { return c.form.Has(name) }

// need returns a parameter that must be given.
func (c *call) need(name string) (string, error) {
	if v := c.form.Get(name); v != "" {
		return v, nil
	}
	return "", missing(strings.ToLower(name[:1]) + name[1:])
}

// list returns a list parameter: Name.member.1, Name.member.2, ...
func (c *call) list(name string) []string {
	var out []string
	for i := 1; ; i++ {
		key := name + ".member." + strconv.Itoa(i)
		if !c.form.Has(key) {
			return out
		}
		out = append(out, c.form.Get(key))
	}
}

// decode reads the input of the JSON protocol.
func (c *call) decode(into any) error {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.body, into); err != nil {
		return refuse(http.StatusBadRequest, "SerializationException", "the request's body does not fit %s: %v", c.action, err)
	}
	return nil
}
