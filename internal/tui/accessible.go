package tui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/report"
)

// errLeft says that the user left, or that the input is over.
var errLeft = errors.New("left")

// plain is the screens as questions and answers in lines, for screen readers and for
// terminals that cannot move a cursor.
type plain struct {
	options Options
	styles  Styles // without colours: a screen reader would read them
	in      *lines
	out     io.Writer
	form    form
	review  review
	results []bootstrap.Result
}

// runAccessible is [Run] without screens.
func runAccessible(ctx context.Context, o Options) (Outcome, error) {
	asking, cancel := untilInterrupted(ctx, o.Interrupted)
	defer cancel()
	p := &plain{options: o, styles: NewStyles(report.Theme{ASCII: o.Theme.ASCII}, true), in: &lines{bufio.NewReader(o.In)}, out: o.Out}
	err := p.run(ctx, asking)
	out := Outcome{Answers: p.form.answers, Results: p.results, Quit: p.results == nil, Interrupted: errors.Is(err, context.Canceled)}
	if errors.Is(err, errLeft) || errors.Is(err, context.Canceled) {
		err = nil
	}
	return out, err
}

// untilInterrupted is ctx until the process is asked to end. A deployment does not run
// under it: it winds down first.
func untilInterrupted(ctx context.Context, interrupted <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-interrupted:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// run goes through it all. ctx ends with the run, asking when the process shall end.
func (p *plain) run(ctx, asking context.Context) error {
	var planned Planned
	switch {
	case p.options.Planned != nil:
		planned = *p.options.Planned
	case p.options.Teardown:
	default:
		p.form = newForm(p.options)
		p.told()
		for q := p.form.following(""); q != ""; q = p.form.following(q) {
			if err := p.askQuestion(asking, q); err != nil {
				return err
			}
		}
	}
	for again := p.options.Planned == nil; ; again = true {
		if again {
			var err error
			if planned, err = p.plan(asking); err != nil {
				return err
			}
		}
		agreed, err := p.agree(asking, planned)
		if err != nil {
			return err
		}
		if agreed {
			return p.deploy(ctx, asking, planned.Plans)
		}
	}
}

// told says which answers are given already.
func (p *plain) told() {
	for _, q := range p.form.questions() {
		if source := p.form.fixed[q]; source != "" {
			p.sayf("%s: %s, from %s.", pages[q].label, p.form.answerText(q), escape.Text(source))
		}
	}
}

func (p *plain) plan(ctx context.Context) (Planned, error) {
	p.sayf("Looking at what is there. Nothing is changed.")
	planned, err := p.options.Job.Plan(ctx, p.form.answers, report.NewLines(p.out, p.options.Theme, nil))
	if err != nil {
		return Planned{}, err
	}
	p.form.revising = true // what is changed from here on is changed one by one
	return planned, nil
}

// agree shows the plans and asks what to do. It returns false if they are to be made anew.
func (p *plain) agree(ctx context.Context, planned Planned) (bool, error) {
	p.review = newReview(planned, p.options.Teardown)
	r := &p.review
	p.sayf("%s.", r.countsLine(p.styles))
	if err := report.WriteReview(p.out, p.options.Theme, planned.KeyPrefix, planned.Warnings, planned.Plans); err != nil {
		return false, err
	}
	if r.pending == 0 {
		p.sayf("There is nothing to do.")
	}
	if p.options.Teardown {
		return p.agreeTeardown(ctx)
	}
	for {
		answer, err := p.ask(ctx, p.choices())
		if err != nil {
			return false, err
		}
		switch {
		case answer == "yes" || answer == "y":
			return true, nil
		case answer == "no" || answer == "n" || answer == "q":
			return false, errLeft
		case answer == "save":
			p.save()
		case answer == "edit":
			return false, p.edit(ctx)
		case answer == "provider" && len(r.providers) > 0:
			if ok, err := p.sure(ctx, askProvider); ok || err != nil {
				p.form.answers.ReuseProvider = ok
				return false, err
			}
		case answer == "trust" && len(r.trusts) > 0:
			if ok, err := p.sure(ctx, askTrust); ok || err != nil {
				p.form.answers.AllowTrustChange = ok
				return false, err
			}
		default:
			p.sayf("%q is none of the answers; type one of them in full.", escape.Text(answer))
		}
	}
}

// choices is the question after the review, with the answers that it takes.
func (p *plain) choices() string {
	r := &p.review
	question := fmt.Sprintf("Deploy to %s of %s?", accountCount(r.pending), r.planned.Where)
	if r.pending == 0 {
		question = "Go on to the summary?"
	}
	if r.trust > 0 {
		question += fmt.Sprintf(" In %d of them it changes who may assume the roles.", r.trust)
	}
	answers := []string{"yes", "no", "edit to change an answer", "save to write fcoidc.yaml"}
	if len(r.providers) > 0 {
		answers = append(answers, "provider to let the roles trust the provider that is there")
	}
	if len(r.trusts) > 0 {
		answers = append(answers, "trust to allow the change of trust")
	}
	return question + " (" + strings.Join(answers, ", ") + "): "
}

// sure asks a question of the review that has a yes and a no.
func (p *plain) sure(ctx context.Context, q question) (bool, error) {
	p.review.ask = q
	text, more := p.review.askWords()
	for _, m := range more {
		p.sayf("%s", m)
	}
	answer, err := p.ask(ctx, text+" (yes, no): ")
	return answer == "yes" || answer == "y", err
}

func (p *plain) agreeTeardown(ctx context.Context) (bool, error) {
	if p.review.pending == 0 {
		return true, nil
	}
	p.review.ask = askNumber
	text, more := p.review.askWords()
	p.sayf("%s", strings.Join(more, " "))
	answer, err := p.ask(ctx, text+" ")
	if err != nil {
		return false, err
	}
	p.review.input = newLine(answer)
	if !p.review.confirms() {
		p.sayf("%q is not the number of accounts. Nothing was deleted.", escape.Text(answer))
		return false, errLeft
	}
	return true, nil
}

func (p *plain) save() {
	path, err := p.options.Job.Save(p.form.answers)
	if err != nil {
		p.sayf("%s%s", errorText(err), hintAfter(err))
		return
	}
	p.sayf("Wrote %s.", outside(path))
}

// edit asks one question again, and those that the new answer raises.
func (p *plain) edit(ctx context.Context) error {
	questions := p.form.editable()
	for i, line := range p.form.list() {
		p.sayf("%d  %s", i+1, line)
	}
	answer, err := p.ask(ctx, "Which answer shall be changed? (a number; enter for none): ")
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(answer)
	if err != nil || n < 1 || n > len(questions) {
		return nil //nolint:nilerr // anything else than a number means none
	}
	p.form = p.form.revise(questions[n-1])
	for q := questions[n-1]; q != ""; q = p.form.unanswered() {
		if err := p.askQuestion(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// deploy deploys, and again what failed for as long as that is wanted.
func (p *plain) deploy(ctx, asking context.Context, plans []bootstrap.Plan) error {
	for {
		sink := report.NewLines(p.out, p.options.Theme, targetsOf(plans))
		results, err := p.options.Job.Deploy(ctx, p.options.Interrupted, plans, sink)
		p.results = merged(p.results, results)
		if err != nil {
			return err
		}
		failed := failedTargets(p.results)
		if len(failed) == 0 {
			return nil
		}
		answer, err := p.ask(asking, fmt.Sprintf("%s failed. Try them again? (yes, no): ", accountCount(len(failed))))
		if err != nil || answer != "yes" && answer != "y" {
			return nil //nolint:nilerr // the deployment has ended, and its results stand
		}
		if plans, err = p.options.Job.Replan(asking, failed, sink); err != nil {
			return err
		}
	}
}

func targetsOf(plans []bootstrap.Plan) []fleet.Target {
	targets := make([]fleet.Target, len(plans))
	for i := range plans {
		targets[i] = plans[i].Target
	}
	return targets
}

func (p *plain) sayf(format string, args ...any) {
	fmt.Fprintln(p.out, p.folded(fmt.Sprintf(format, args...)))
}

// folded is text in lines that the terminal need not break.
func (p *plain) folded(text string) string {
	const narrowest = 20
	width := p.options.Theme.Width
	if width < narrowest {
		return text
	}
	var lines []string
	for l := range strings.SplitSeq(text, "\n") {
		lines = append(lines, report.Fold(l, width)...)
	}
	return strings.Join(lines, "\n")
}

// ask writes a prompt and reads a line.
func (p *plain) ask(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(p.out, p.folded(strings.TrimRight(prompt, " "))+" ")
	answer, err := p.in.next(ctx)
	if err != nil {
		fmt.Fprintln(p.out) // what is said next is no answer
	}
	return answer, err
}

// lines reads lines one at a time.
type lines struct{ r *bufio.Reader }

// next is the next line without blanks around it. [errLeft] says that there is none. If
// ctx ends first, the goroutine that reads stays behind until the process ends, which it
// is about to do.
func (l *lines) next(ctx context.Context) (string, error) {
	type answer struct {
		text string
		err  error
	}
	c := make(chan answer, 1)
	go func() {
		text, err := l.r.ReadString('\n')
		c <- answer{strings.TrimSpace(text), err}
	}()
	select {
	case a := <-c:
		if errors.Is(a.err, io.EOF) && a.text == "" {
			return "", errLeft
		}
		if a.err != nil && !errors.Is(a.err, io.EOF) {
			return "", a.err
		}
		return a.text, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
