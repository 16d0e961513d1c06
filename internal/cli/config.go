package cli

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/config"
)

// configFlag is --config: a file that answers what no flag does.
type configFlag struct {
	Path string

	// Spared are the accounts that the file leaves out, beside those that flags do.
	Spared []string

	sources map[string]string // by question: what answered it, as the user knows it
	origins map[string]origin // by flag as typed: where the file answers in its stead
}

// origin is a key of the file, and where its value stands.
type origin struct {
	key   string
	place config.Place
}

// sources says, by question ("org_id", "accounts"), what answered it already: a flag, such as
// "--org-id", or a line of the file, such as "fcoidc.yaml line 3".
func (o *bootstrapOptions) sources() map[string]string { return o.Config.sources }

func (f *configFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.Path, "config", "", "`file` of answers, such as fcoidc.yaml (docs/config.md); flags win over it")
}

// apply reads the file, if one is named, and sets those flags of cmd that were not given. Flags
// that cmd does not have are passed over: one file serves several commands. Of a file that is
// wrong in parts the others are set all the same, to be judged with it.
func (f *configFlag) apply(cmd *cobra.Command, sys *IO) error {
	f.sources, f.origins = map[string]string{}, map[string]origin{}
	c, err := f.load(cmd)
	if c == nil {
		return err
	}
	return cmp.Or(err, f.set(cmd, sys, c))
}

// set sets the flags that c answers.
func (f *configFlag) set(cmd *cobra.Command, sys *IO, c *config.Config) error {
	for _, a := range answersOf(c) {
		flag := cmd.Flags().Lookup(a.flag)
		if flag == nil {
			continue
		}
		if by := overruledBy(cmd, a.flag); by != "" {
			f.sources[a.question()] = by
		} else if len(a.values) > 0 && !leftOut(cmd, a, sys, f.Path) {
			place, _ := c.Place(a.key)
			f.sources[a.question()] = fmt.Sprintf("%s line %d", place.Name, place.Line)
			f.origins["--"+a.flag] = origin{a.key, place}
			if err := set(flag.Value, a.values); err != nil {
				return usagef("", "%s: %s: %w", f.Path, a.key, err)
			}
		}
	}
	f.Spared = c.Targets.ExcludeAccounts
	return f.parameters(cmd, c)
}

// load reads the file. Without --config it is one that answers nothing. It is nil if nothing of it
// can be read.
func (f *configFlag) load(cmd *cobra.Command) (*config.Config, error) {
	if !cmd.Flags().Changed("config") {
		return &config.Config{}, nil
	}
	if f.Path == "" {
		return nil, usagef("", "--config names no file")
	}
	c, err := config.Load(f.Path)
	if err != nil {
		return c, usagef("", "%w", err)
	}
	if list := filepath.FromSlash(c.Targets.AccountsFile); list != "" && !filepath.IsAbs(list) {
		c.Targets.AccountsFile = filepath.Join(filepath.Dir(f.Path), list)
	}
	return c, nil
}

// parameters adds the file's further parameters to those of --parameter, of which each wins by its
// name.
func (f *configFlag) parameters(cmd *cobra.Command, c *config.Config) error {
	flag := cmd.Flags().Lookup(flagParameter)
	if flag == nil {
		return nil
	}
	given := parametersGiven(cmd)
	var more []string
	for _, name := range slices.Sorted(maps.Keys(c.Parameters)) {
		if slices.Contains(given, name) {
			continue
		}
		more = append(more, name+"="+c.Parameters[name])
		key := "parameters." + name
		place, _ := c.Place(key)
		f.origins["--"+flagParameter+" "+name] = origin{key, place}
	}
	return extend(flag.Value, more)
}

// overruledBy is the flag on the command line that answers the question of the given one, or "".
func overruledBy(cmd *cobra.Command, flag string) string {
	same := []string{flag}
	if flag == flagAccount || flag == flagAccountsFile {
		same = []string{flagAccount, flagAccountsFile} // who names accounts means these only
	}
	for _, name := range same {
		if cmd.Flags().Changed(name) {
			return "--" + name
		}
	}
	if slices.ContainsFunc(parametersGiven(cmd), func(name string) bool { return flagOf[name] == "--"+flag }) {
		return "--" + flagParameter
	}
	return ""
}

// parametersGiven are the names in the command line's --parameter flags.
func parametersGiven(cmd *cobra.Command) []string {
	pairs, err := cmd.Flags().GetStringArray(flagParameter)
	if err != nil {
		return nil // the command has no such flag
	}
	names := make([]string, len(pairs))
	for i, p := range pairs {
		names[i], _, _ = strings.Cut(p, "=")
	}
	return names
}

// leftOut leaves the file's profiles aside in the sandbox, which has none, so that the same file
// can be rehearsed.
func leftOut(cmd *cobra.Command, a answer, sys *IO, path string) bool {
	if sandbox, err := cmd.Flags().GetBool("sandbox"); err != nil || !sandbox || a.flag != flagProfile {
		return false
	}
	fmt.Fprintf(sys.Err, "sandbox: without the profiles of %s\n", path)
	return true
}

// list is the value of a flag that takes several.
type list interface {
	Replace(values []string) error
	GetSlice() []string
}

// set gives a flag the file's values, as if they had been typed.
func set(flag interface{ Set(value string) error }, values []string) error {
	if l, ok := flag.(list); ok {
		return l.Replace(values)
	}
	return flag.Set(values[0])
}

// extend adds to a list what it does not hold yet. Other flags have nothing to add to.
func extend(flag any, values []string) error {
	l, ok := flag.(list)
	if !ok {
		return nil
	}
	all := l.GetSlice()
	for _, v := range values {
		if !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return l.Replace(all)
}
