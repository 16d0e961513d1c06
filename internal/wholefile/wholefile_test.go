package wholefile_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/forgecroft/fcoidc/internal/wholefile"
)

func TestAFileIsThereOnceItIsWhole(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "page.html")
	for _, content := range []string{"first", "second"} {
		before, _ := os.ReadFile(path)
		f := created(t, path)
		if _, err := io.WriteString(f, content); err != nil {
			t.Fatal(err)
		}
		if now, _ := os.ReadFile(path); string(now) != string(before) {
			t.Errorf("%q was changed to %q before it was whole", before, now)
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
		f.Drop() // too late
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("it holds %q, %v", got, err)
		}
		wantAlone(t, path)
	}
}

func TestAFileThatIsDroppedLeavesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "page.html")
	created(t, path).Drop()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is a file: %v", err)
	}
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	created(t, path).Drop()
	wantAlone(t, path)
	if got, err := os.ReadFile(path); err != nil || string(got) != "old" {
		t.Errorf("it holds %q, %v", got, err)
	}
}

func TestWhatCannotBeWrittenIsKnownAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "no", "page.html")} {
		if f, err := wholefile.Create(path, 0o644); err == nil {
			f.Drop()
			t.Errorf("%s can be written", path)
		}
	}
}

func TestPermissionsAndLinksStay(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege on Windows, which has other permissions")
	}
	dir := t.TempDir()
	file, link := filepath.Join(dir, "real.html"), filepath.Join(dir, "page.html")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real.html", link); err != nil {
		t.Fatal(err)
	}
	if err := created(t, link).Commit(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(file)
	if err != nil || info.Size() != 0 || info.Mode().Perm() != 0o600 {
		t.Errorf("the file behind the link is %v, %v", info, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info, err)
	}
}

func TestADeviceStaysOne(t *testing.T) {
	t.Parallel()
	f := created(t, os.DevNull)
	if _, err := io.WriteString(f, "gone"); err != nil {
		t.Error(err)
	}
	if err := f.Commit(); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s is %v, %v", os.DevNull, info, err)
	}
}

func TestAnErrorIsWhatTheSystemSaid(t *testing.T) {
	t.Parallel()
	said := errors.New("no space left")
	for _, err := range []error{said, &fs.PathError{Op: "write", Path: "p", Err: said}, &os.LinkError{Op: "rename", Old: "p", New: "q", Err: said}} {
		if got := wholefile.Cause(err); got != said { //nolint:errorlint // because it is to be this one itself
			t.Errorf("of %v the cause is %v", err, got)
		}
	}
}

func created(t *testing.T, path string) *wholefile.File {
	t.Helper()
	f, err := wholefile.Create(path, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func wantAlone(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside %s: %v, %v", path, entries, err)
	}
}
