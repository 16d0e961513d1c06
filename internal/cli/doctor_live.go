package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/issuer"
	"github.com/forgecroft/fcoidc/internal/jwks"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// lookout is a live run of doctor.
type lookout struct {
	doctorOptions
	examiner *doctor.Examiner
	world    *world
	raw      string        // the token, "" without one
	token    *claims.Token // nil without one
	options  doctor.Options

	page, snapshots *outFile // beside the results, nil where not asked for

	quiet    bool // nothing is said on the way
	noIssuer bool // the issuer is not looked at
}

// doctorLive looks at every target and says what is wrong, what to do, and how it knows.
func doctorLive(ctx context.Context, o doctorOptions, examiner *doctor.Examiner) error {
	l := lookout{doctorOptions: o, examiner: examiner}
	if err := l.readToken(); err != nil {
		return err
	}
	defer l.dropFiles()
	if err := l.createFiles(); err != nil {
		return err
	}
	if o.Keys != trust.KeysAll {
		l.Live.Targets.Sandbox.Keys = o.Keys // the world that is looked at, if it is the sandbox's
	}
	var err error
	if l.world, err = l.Live.Targets.open(ctx, o.IO); err != nil {
		return err
	}
	var partitions []string
	for _, t := range l.world.targets {
		partitions = append(partitions, t.Partition)
	}
	if err := l.Live.checkPartitions(partitions); err != nil {
		return err
	}
	limitMemory(o.IO, len(l.world.targets), memoryPerLook)
	if err := l.begin(ctx); err != nil {
		return err
	}
	run, err := l.lookUntilSettled(ctx)
	if err != nil {
		return err
	}
	return l.answer(run, func() error {
		if o.Live.Fix {
			return l.fix(ctx, run)
		}
		return exit(l.code(run))
	})
}

// answer writes the run to standard output, then to the files that were asked for, and does what
// comes after.
func (l *lookout) answer(run *doctor.Run, then func() error) error {
	done := l.write(run)
	unwritten := l.finishFiles(run)
	if done == nil {
		done = then()
	}
	return l.IO.besides(done, unwritten)
}

// createFiles begins the files that were asked for. What was seen is not for everybody to read.
func (l *lookout) createFiles() (err error) {
	if l.page, err = createPage(l.Live.Report); err != nil {
		return err
	}
	l.snapshots, err = createOut(l.Live.Save, "--save", 0o600)
	return err
}

func (l *lookout) dropFiles() {
	l.page.drop()
	l.snapshots.drop()
}

// finishFiles writes the run to the files that were asked for.
func (l *lookout) finishFiles(run *doctor.Run) error {
	return errors.Join(
		l.snapshots.finish(func(w io.Writer) error { return writeSnapshots(w, run) }),
		l.page.finish(func(w io.Writer) error {
			return writePage(w, l.IO, "fcoidc doctor", run.At, report.HTMLReport{Look: run})
		}),
	)
}

// begin looks at what all targets have in common.
func (l *lookout) begin(ctx context.Context) error {
	var seen *doctor.Issuer
	if !l.noIssuer {
		var err error
		if seen, err = l.issuer(ctx); err != nil {
			return err
		}
	}
	l.options = doctor.Options{
		Issuer: l.Live.Issuer, StackName: l.Live.StackName, PlanRole: l.Live.PlanRole, ApplyRole: l.Live.ApplyRole,
		Seen: seen, Since: l.Live.Since, Regions: l.Live.Regions, SecondOpinion: true,
		Shared: doctor.NewShared(l.organization(ctx)),
	}
	if l.token != nil {
		l.options.Token = doctor.NewToken(l.token)
	}
	return nil
}

// readToken reads the token that the flags or the environment name, if there is one.
func (l *lookout) readToken() error {
	s := &l.Live.Token
	if s.File == "" && l.IO.Getenv(webIdentityTokenFile) == "" {
		if l.Live.Try {
			return usagef("fcoidc doctor --token-file plan.jwt --try", "--try needs a token: --token-file or %s", webIdentityTokenFile)
		}
		return nil
	}
	var err error
	l.raw, l.token, err = s.token(l.IO, false)
	return err
}

// issuer looks at the issuer once, for all targets.
func (l *lookout) issuer(ctx context.Context) (*doctor.Issuer, error) {
	var o issuer.Options
	if l.world.sandbox != nil {
		var stop func()
		var err error
		if o, stop, err = serveIssuer(ctx, l.world.sandbox, l.Live.Issuer); err != nil {
			return nil, err
		}
		defer stop()
	}
	seen := issuer.Look(ctx, l.Live.Issuer, o)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if l.world.sandbox != nil {
		seen.Problems = beyondTheSandbox(seen.Problems)
	}
	var verifying []jwks.Key
	if l.token != nil && seen.Keys != nil {
		verifying = seen.Keys.Verifying(l.token.SigningInput, l.token.Signature(), l.token.Header.Alg)
	}
	return doctor.SeenIssuer(&seen, verifying, l.world.sandbox != nil), nil
}

// organization is a client for the organisation's policies, by the credentials that everything
// began with: they are the likeliest to be the management account's.
func (l *lookout) organization(ctx context.Context) doctor.OrganizationAPI {
	cfg, err := l.world.base(ctx)
	if err != nil {
		return nil // which each snapshot then tells as something that could not be looked at
	}
	return doctor.NewOrganizationClient(cfg)
}

// settle is how long to wait before another look.
const settle = 5 * time.Second

// lookUntilSettled looks at every target, and again at those whose trouble IAM's propagation can
// explain for as long as --wait says.
func (l *lookout) lookUntilSettled(ctx context.Context) (*doctor.Run, error) {
	began := time.Now()
	reports := make([]*doctor.TargetReport, len(l.world.targets))
	again := make([]int, len(reports))
	for i := range again {
		again[i] = i
	}
	for {
		if err := l.look(ctx, reports, again); err != nil {
			return nil, err
		}
		unsettled := again[:0]
		for _, i := range again {
			if reports[i].Unsettled() {
				unsettled = append(unsettled, i)
			}
		}
		again = unsettled
		if len(again) == 0 || time.Since(began)+settle > l.Live.Wait {
			run := doctor.NewRun(time.Now(), reports)
			run.Again, run.TokenFile = l.againAll(), l.tokenFile()
			return run, nil
		}
		fmt.Fprintf(l.IO.Err, "%s may not be settled yet; looking again in %s\n", report.CountAccounts(len(again)), settle)
		timer := time.NewTimer(settle)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
	}
}

// look looks at the targets of these indexes, several at a time.
func (l *lookout) look(ctx context.Context, reports []*doctor.TargetReport, indexes []int) error {
	progress := newProgress(l.IO, "looked at")
	defer progress.hide()
	var g errgroup.Group // not WithContext: one account must not cancel its neighbours
	g.SetLimit(l.Live.Targets.Concurrency)
	for _, i := range indexes {
		g.Go(func() error {
			reports[i] = l.target(ctx, &l.world.targets[i])
			if !l.quiet {
				progress.step(len(indexes))
			}
			return nil
		})
	}
	_ = g.Wait() // what went wrong is in the reports
	return ctx.Err()
}

// target looks at one target and judges it.
func (l *lookout) target(ctx context.Context, t *fleet.Target) *doctor.TargetReport {
	var s *doctor.Snapshot
	if t.Err != nil {
		s = doctor.Unreached(*t, l.options)
	} else {
		// The error is ctx's alone, which ends the run; what was seen is in the snapshot.
		s, _ = doctor.Collect(ctx, *t, doctor.NewClients(*t), l.options)
	}
	s.Asked = doctor.Asked{OrgID: l.Live.OrgID, Regions: l.Live.Regions, TokenFile: l.tokenFile()}
	s.Reach = doctor.Reach{Target: t.Again, AWS: t.AWS, Run: l.againAll()}
	r := doctor.Diagnosed(s, l.checkOptions())
	if l.Live.Try && t.Err == nil {
		r.Proved(l.try(ctx, t, r))
	}
	return r
}

func (l *lookout) checkOptions() doctor.CheckOptions {
	return doctor.CheckOptions{
		Examiner: l.examiner, OrgID: l.Live.OrgID, Regions: l.Live.Regions, Only: l.Live.Checks, Suppress: l.Live.Suppress,
		TokenFile: l.tokenFile(),
	}
}

// tokenFile is the file that the token at hand was named by, "" if a look cannot be repeated with it.
func (l *lookout) tokenFile() string {
	if l.Live.Token.File == standardInput {
		return ""
	}
	return l.Live.Token.File
}

// write writes the run to standard output.
func (l *lookout) write(run *doctor.Run) error {
	theme := l.IO.theme(l.Globals.Color, l.IO.OutTerminal)
	switch l.Output {
	case formatJSON:
		return report.WriteDoctorJSON(l.IO.Out, run)
	case formatShort:
		return report.WriteDoctorShort(l.IO.Out, theme, run)
	default:
		if err := report.WriteDoctorText(l.IO.Out, theme, run); err != nil {
			return err
		}
		if l.Live.Targets.Sandbox.Enabled && toldAWS(run) {
			fmt.Fprintln(l.IO.Err, "hint: the aws commands above go to AWS itself, unless you first do as this says: fcoidc sandbox serve --help")
		}
		return nil
	}
}

// toldAWS reports whether a fix is a command of the AWS CLI.
func toldAWS(run *doctor.Run) bool {
	return slices.ContainsFunc(run.Groups, func(g doctor.Common) bool { return strings.HasPrefix(g.Fix, "aws ") })
}

// writeSnapshots writes what was seen of each target, one document after the other.
func writeSnapshots(w io.Writer, run *doctor.Run) error {
	for _, t := range run.Targets {
		doc, err := t.Snapshot.JSON()
		if err != nil {
			return err
		}
		if _, err := w.Write(doc); err != nil {
			return err
		}
	}
	return nil
}

// code is the exit code of a run: bad findings win over accounts that could not be looked at.
func (l *lookout) code(run *doctor.Run) int {
	switch n := run.Count(doctor.NotLooked); {
	case run.Bad(l.FailOn):
		return exitBad
	case n == len(run.Targets):
		return exitFailed
	case n > 0:
		return exitPartial
	}
	return exitOK
}
