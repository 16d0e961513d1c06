package bootstrap

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
)

// newSandbox makes a local AWS in memory; inside a synctest bubble its time is the bubble's.
func newSandbox(t *testing.T, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// targetsOf are all accounts of the sandbox, reached with their own administrators.
func targetsOf(s *sandbox.Sandbox) []fleet.Target {
	base := s.Config(testRegion)
	targets := make([]fleet.Target, 0, len(s.Accounts()))
	for _, a := range s.Accounts() {
		cfg := base.Copy()
		cfg.Credentials = s.ConfigFor(a.ID, testRegion).Credentials
		targets = append(targets, fleet.Target{Account: a.ID, Name: a.Name, Region: testRegion, Partition: "aws", Config: cfg})
	}
	return targets
}

// recorder is a sink that keeps all events and checks what a sink may rely on.
type recorder struct {
	t      *testing.T
	mu     sync.Mutex
	events []Event
	on     func(Event)
}

func (r *recorder) Emit(e Event) {
	if !r.mu.TryLock() {
		r.t.Error("Emit was called concurrently")
		r.mu.Lock()
	}
	defer r.mu.Unlock()
	if e.At.IsZero() {
		r.t.Errorf("an event has no time: %+v", e)
	}
	r.events = append(r.events, e)
	if r.on != nil {
		r.on(e)
	}
}

func (r *recorder) count(typ EventType) int {
	n := 0
	for _, e := range r.events {
		if e.Type == typ {
			n++
		}
	}
	return n
}

// phases are the phases of one account, in order.
func (r *recorder) phases(account string) string {
	var names []string
	for _, e := range r.events {
		if e.Target.Account == account && (e.Type == EventPhase || e.Type == EventFinished) {
			names = append(names, string(e.Phase))
		}
	}
	return strings.Join(names, " ")
}

// run plans and deploys, and fails the test if the run itself does.
func run(t *testing.T, r *Request, targets []fleet.Target) []Result {
	t.Helper()
	sink := &recorder{t: t}
	e := New(*r, sink)
	plans, err := e.Plan(t.Context(), targets)
	if err != nil {
		t.Fatal(err)
	}
	return deployed(t, e, plans)
}

func deployed(t *testing.T, e *Engine, plans []Plan) []Result {
	t.Helper()
	results, err := e.Deploy(t.Context(), nil, plans)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// tornDown plans a teardown and does it.
func tornDown(t *testing.T, r *Request, targets []fleet.Target) []Result {
	t.Helper()
	e := New(*r, &recorder{t: t})
	plans, err := e.PlanTeardown(t.Context(), targets)
	if err != nil {
		t.Fatal(err)
	}
	return deployed(t, e, plans)
}

// outcomes is how each target ended, such as "create succeeded" or
// "create failed EntityAlreadyExists".
func outcomes(results []Result) []string {
	words := make([]string, len(results))
	for i, r := range results {
		words[i] = fmt.Sprintf("%s %s", r.Action, r.Status)
		if r.Failure != nil {
			words[i] += " " + r.Failure.Code
		}
	}
	return words
}

func wantAll(t *testing.T, results []Result, want string) {
	t.Helper()
	for _, r := range results {
		if got := outcomes([]Result{r})[0]; got != want {
			t.Errorf("%s: got %q, want %q (%s) %+v", r.Target, got, want, r.Reason, r.Failure)
		}
	}
}

// callsOf is how often the sandbox was asked for an action, over all accounts.
func callsOf(s *sandbox.Sandbox, action string) int {
	n := 0
	for _, actions := range s.Calls() {
		n += actions[action]
	}
	return n
}

// mutations are the actions that changed something, sorted.
func mutations(s *sandbox.Sandbox) []string {
	seen := map[string]bool{}
	for _, actions := range s.Calls() {
		for action := range actions {
			_, verb, _ := strings.Cut(action, ":")
			if !strings.HasPrefix(verb, "Describe") && !strings.HasPrefix(verb, "Get") && !strings.HasPrefix(verb, "List") {
				seen[action] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// withCredentials is t acting with other credentials.
func withCredentials(t fleet.Target, provider func(context.Context) (aws.Credentials, error)) fleet.Target {
	t.Config.Credentials = aws.CredentialsProviderFunc(provider)
	return t
}

func total(actions map[string]int) int {
	n := 0
	for _, count := range actions {
		n += count
	}
	return n
}

// iamOf and stacksOf are SDK clients of one account, for what a test does by itself.
func iamOf(t fleet.Target) *iam.Client { return iam.NewFromConfig(t.Config) }

func stacksOf(t fleet.Target) *cloudformation.Client { return cloudformation.NewFromConfig(t.Config) }

func makeProvider(t *testing.T, target fleet.Target, audience string) {
	t.Helper()
	_, err := iamOf(target).CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String(template.DefaultIssuer), ClientIDList: []string{audience},
		ThumbprintList: []string{strings.Repeat("0", 40)},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func makeRole(t *testing.T, target fleet.Target, name, providerARN string) {
	t.Helper()
	_, err := iamOf(target).CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: &name,
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + providerARN +
			`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"api.forgecroft.com:aud":"x"}}}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// providers are the ARNs of the account's OIDC providers.
func providers(t *testing.T, target fleet.Target) []string {
	t.Helper()
	out, err := retried(func() (*iam.ListOpenIDConnectProvidersOutput, error) {
		return iamOf(target).ListOpenIDConnectProviders(t.Context(), &iam.ListOpenIDConnectProvidersInput{})
	})
	if err != nil {
		t.Fatal(err)
	}
	var arns []string
	for _, p := range out.OpenIDConnectProviderList {
		arns = append(arns, aws.ToString(p.Arn))
	}
	return arns
}

// stacksEver are the stacks the account has or had, deleted ones included.
func stacksEver(t *testing.T, target fleet.Target) []string {
	t.Helper()
	out, err := retried(func() (*cloudformation.ListStacksOutput, error) {
		return stacksOf(target).ListStacks(t.Context(), &cloudformation.ListStacksInput{})
	})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, s := range out.StackSummaries {
		ids = append(ids, aws.ToString(s.StackId))
	}
	return ids
}

// retried repeats a look of the test itself, which a sandbox with faults may refuse.
func retried[T any](look func() (T, error)) (T, error) {
	out, err := look()
	for range 20 {
		if err == nil {
			break
		}
		out, err = look()
	}
	return out, err
}
