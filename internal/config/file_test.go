package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/forgecroft/fcoidc/internal/config"
)

func TestAFileThatIsWrittenIsLoaded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fcoidc.yaml")
	if err := all().Write(path, false); err != nil {
		t.Fatal(err)
	}
	got, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all(), got, answersOnly); diff != "" {
		t.Error(diff)
	}
	wantAlone(t, path)
}

func TestAFileWithOtherContentIsReplacedOnlyWhenTold(t *testing.T) {
	t.Parallel()
	for name, old := range map[string]string{"other answers": "org_id: other\n", "no answers at all": "hello", "an empty file": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "fcoidc.yaml")
			write(t, path, old)
			c := &config.Config{OrgID: "mine"}
			if err := c.Write(path, false); !errors.Is(err, config.ErrOther) {
				t.Errorf("error is %v", err)
			}
			if got := read(t, path); got != old {
				t.Errorf("the file was changed to %q", got)
			}
			if err := c.Write(path, true); err != nil {
				t.Fatal(err)
			}
			if got := read(t, path); got != string(c.Marshal()) {
				t.Errorf("the file holds %q", got)
			}
			wantAlone(t, path)
		})
	}
}

func TestAFileWithTheSameAnswersKeepsItsComments(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fcoidc.yaml")
	const ours = "# ask Kim\nversion: 1\nstack_name: 's'\n\norg_id: mine\n"
	write(t, path, ours)
	c := &config.Config{OrgID: "mine", StackName: "s"}
	for _, overwrite := range []bool{false, true} {
		if err := c.Write(path, overwrite); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != ours {
			t.Errorf("the file holds %q", got)
		}
	}
}

func TestASymbolicLinkStaysOne(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege on Windows")
	}
	dir := t.TempDir()
	file, link := filepath.Join(dir, "real.yaml"), filepath.Join(dir, "fcoidc.yaml")
	write(t, file, "org_id: other\n")
	if err := os.Symlink("real.yaml", link); err != nil {
		t.Fatal(err)
	}
	c := &config.Config{OrgID: "mine"}
	if err := c.Write(link, true); err != nil {
		t.Fatal(err)
	}
	if got := read(t, file); got != string(c.Marshal()) {
		t.Errorf("the file behind the link holds %q", got)
	}
}

func TestWhatCannotBeReadOrWrittenIsOneSentence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing.yaml")
	if _, err := config.Load(missing); err == nil || err.Error() != "there is no file "+missing {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := config.Load(dir); err == nil || err.Error() != dir+" is a folder, not a file" {
		t.Errorf("a folder: %v", err)
	}
	large := filepath.Join(dir, "large.yaml")
	write(t, large, strings.Repeat("#", 2<<20))
	if _, err := config.Load(large); err == nil || !strings.HasPrefix(err.Error(), large+":1:1: the file is larger than 1 MiB") {
		t.Errorf("a large file: %v", err)
	}
	if err := all().Write(dir, true); err == nil || !strings.HasSuffix(err.Error(), "is a folder, not a file") {
		t.Errorf("writing to a folder: %v", err)
	}
	if err := all().Write(filepath.Join(dir, "no", "fcoidc.yaml"), true); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("writing into a folder that is not there: %v", err)
	}
}

func wantAlone(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside %s: %v, %v", path, entries, err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
