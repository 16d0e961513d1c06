package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// providers lists the providers of an account as one instance sees them.
func providers(t *testing.T, s *Sandbox, account string) int {
	t.Helper()
	out, err := iam.NewFromConfig(once(s.ConfigFor(account, "us-east-1"))).ListOpenIDConnectProviders(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return len(out.OpenIDConnectProviderList)
}

func accountFiles(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(accountFolder(dir, "*"), stateName))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestStateOutlivesItsSandbox(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made", "on", "the", "way")
	first := newSandbox(t, Options{Dir: dir, Accounts: 8})
	makeProvider(t, iam.NewFromConfig(first.ConfigFor(member, "us-east-1")), "https://api.forgecroft.com")
	assume(t, first.Config("us-east-1"), accessRoleARN) // a read: it leaves no file

	if files := accountFiles(t, dir); len(files) != 1 || files[0] != filepath.Join(accountFolder(dir, member), stateName) {
		t.Errorf("files of accounts that did not change: %v", files)
	}
	second := newSandbox(t, Options{Dir: dir})
	if n := len(second.Accounts()); n != 8 {
		t.Errorf("%d accounts, want the 8 of the folder", n)
	}
	if providers(t, second, member) != 1 {
		t.Error("the provider is gone")
	}
}

func TestAskingForMoreAccountsAddsThemAndForFewerHidesTheRest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, test := range []struct{ asked, shown int }{{0, DefaultAccounts}, {7, 7}, {3, 3}, {0, 7}} {
		if n := len(newSandbox(t, Options{Dir: dir, Accounts: test.asked}).Accounts()); n != test.shown {
			t.Errorf("asked for %d: %d accounts, want %d", test.asked, n, test.shown)
		}
	}
}

func TestTwoSandboxesOnOneFolderDoNotLoseEachOthersChanges(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	instances := []*Sandbox{newSandbox(t, Options{Dir: dir}), newSandbox(t, Options{Dir: dir})}
	const each = 20
	var g sync.WaitGroup
	for i, s := range instances {
		client := iam.NewFromConfig(s.Config("us-east-1"))
		g.Go(func() {
			for n := range each {
				_, err := client.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: aws.String(fmt.Sprintf("https://i%d-%d.example", i, n))})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	g.Wait()
	for i, s := range instances {
		if n := providers(t, s, management); n != 2*each {
			t.Errorf("instance %d sees %d providers, want %d", i, n, 2*each)
		}
	}
}

func TestASessionIsUnderstoodByEverySandboxOnTheFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := newSandbox(t, Options{Dir: dir, Seed: "one"}), newSandbox(t, Options{Dir: dir, Seed: "two"})
	session := assume(t, first.Config("eu-west-1"), accessRoleARN)
	session.HTTPClient = second.Client()
	whoAmI(t.Context(), t, session)
}

func TestAResetSandboxIsAsNewAlsoForThoseWhoUseIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newSandbox(t, Options{Dir: dir})
	makeProvider(t, iam.NewFromConfig(s.Config("us-east-1")), "https://api.forgecroft.com")
	if err := Reset(dir); err != nil {
		t.Fatal(err)
	}
	if n := providers(t, s, management); n != 0 {
		t.Errorf("%d providers after the reset", n)
	}
	if err := Reset(dir); err != nil {
		t.Errorf("a second reset: %v", err)
	}
	makeProvider(t, iam.NewFromConfig(s.Config("us-east-1")), "https://api.forgecroft.com")
	if n := providers(t, newSandbox(t, Options{Dir: dir}), management); n != 1 {
		t.Errorf("%d providers made after the reset, want 1", n)
	}
}

func TestAFileThatAKilledProcessLeftHalfWrittenDoesNotMatter(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newSandbox(t, Options{Dir: dir})
	makeProvider(t, iam.NewFromConfig(s.Config("us-east-1")), "https://one.example")
	left := filepath.Join(accountFolder(dir, management), stateName+".new")
	if err := os.WriteFile(left, []byte(strings.Repeat("{", 100_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	makeProvider(t, iam.NewFromConfig(s.Config("us-east-1")), "https://two.example")
	if n := providers(t, newSandbox(t, Options{Dir: dir}), management); n != 2 {
		t.Errorf("%d providers, want 2", n)
	}
}

// Two writes bring the same file back, perhaps within one tick of its clock: a reader must
// still see that it is another state.
func TestEachWriteMakesTheFileYounger(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), stateName)
	var last os.FileInfo
	for i := range 50 {
		info, err := writeJSON(path, i%10, last)
		if err != nil {
			t.Fatal(err)
		}
		onDisk, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if !(&slot{state: &accountState{}, file: info}).fresh(onDisk) {
			t.Error("what was just written counts as changed")
		}
		if last != nil && !onDisk.ModTime().After(last.ModTime()) {
			t.Errorf("write %d is of %v, the one before of %v", i, onDisk.ModTime(), last.ModTime())
		}
		last = info
	}
}

func TestAFolderThatIsNoSandboxIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	precious := filepath.Join(dir, "thesis.tex")
	if err := os.WriteFile(precious, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "thesis.tex") {
		t.Errorf("New says %v, want it to name the file", err)
	}
	if err := Reset(dir); err == nil || !strings.Contains(err.Error(), "no sandbox state folder") {
		t.Errorf("Reset says %v", err)
	}
	if _, err := os.Stat(precious); err != nil {
		t.Error(err)
	}
	if err := Reset(filepath.Join(dir, "nowhere")); err != nil {
		t.Errorf("a folder that does not exist has nothing to reset: %v", err)
	}
}

func TestStateThatCannotBeReadSaysSo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, content, part string }{
		{"damaged", `{"version":1,"roles":`, "is damaged"},
		{"empty", ``, "is damaged"},
		{"of another kind", `{}`, "is damaged"},
		{"newer", `{"version":2}`, "has format version 2, this fcoidc knows up to 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := newSandbox(t, Options{Dir: dir})
			path := filepath.Join(accountFolder(dir, management), stateName)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := iam.NewFromConfig(s.Config("us-east-1")).ListRoles(t.Context(), nil)
			wantCode(t, err, "SandboxFailure", test.part, path, "fcoidc sandbox reset")

			if err := os.WriteFile(filepath.Join(dir, markerName), []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := New(Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), test.part) {
				t.Errorf("New says %v, want %s", err, test.part)
			}
			if err := Reset(dir); err != nil {
				t.Fatal(err)
			}
			newSandbox(t, Options{Dir: dir})
		})
	}
}

func TestATextIsKeptOnceForAllAccounts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := newSandbox(t, Options{Dir: dir})
	var key string
	for range 3 {
		var err error
		if key, err = first.blobs.put("template"); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(filepath.Join(dir, blobsDir))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files (%v), want 1", len(entries), err)
	}
	if text, err := newSandbox(t, Options{Dir: dir}).blobs.get(key); err != nil || text != "template" {
		t.Errorf("got %q, %v", text, err)
	}
}
