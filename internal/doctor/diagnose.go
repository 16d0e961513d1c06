package doctor

import (
	"slices"

	"github.com/forgecroft/fcoidc/internal/exchange"
)

// MaxDiagnoses is how many causes [Diagnose] returns at most.
const MaxDiagnoses = 6

// Diagnose ranks the causes of a refused exchange, the likeliest first. It returns none for an
// exchange that AWS would grant and that nobody saw refused.
//
// What the case itself shows comes before what only the symptom suggests, unless the two
// contradict each other: AWS was there, and the case may hold less than it saw.
func Diagnose(c *exchange.Case, v *exchange.Verdict) []Diagnosis {
	return new(diagnoser).diagnose(nil, c, v, readSymptom)
}

// diagnose appends the causes to a list. It uses the memory of the case before.
func (d *diagnoser) diagnose(list []Diagnosis, c *exchange.Case, v *exchange.Verdict, words func(exchange.Symptom) symptom) []Diagnosis {
	*d = diagnoser{
		c: c, v: v, symptom: classify(c, words), steps: maxSteps,
		found: d.found[:0], shape: d.shape, nearest: d.nearest[:0],
	}
	d.problems()
	d.caller()
	d.symptomOnly()
	slices.SortStableFunc(d.found, func(a, b candidate) int { return b.score - a.score })
	for i := range d.found {
		x := &d.found[i].Diagnosis
		if len(list) < MaxDiagnoses && !slices.ContainsFunc(list, func(y Diagnosis) bool { return y.Cause == x.Cause }) {
			list = append(list, *x)
		}
	}
	return list
}

type diagnoser struct {
	c       *exchange.Case
	v       *exchange.Verdict
	symptom symptom
	found   []candidate
	steps   int        // what is left of the work of comparing subjects
	shape   glob       // memory for shapes of a subject
	nearest []nearness // what nearestValue found, which is asked for several times
}

// candidate is a cause with how likely it is.
type candidate struct {
	Diagnosis
	score    int
	explains bool // whatever STS answered can come from it
}

// What speaks for a cause. A cause that the symptom can come from beats one that it cannot.
const (
	scoreShown     = 100 // the case shows it
	scoreSuggested = 50  // nothing but the symptom speaks for it
	scoreFits      = 80  // the symptom can come from it
	scoreExact     = 40  // the symptom comes from nothing else
)

// show adds a cause that the case shows. rank orders those of equal standing, 0 first.
func (d *diagnoser) show(x Diagnosis, rank int) {
	x.Shown = true
	d.add(x, scoreShown-min(rank, behindAll))
}

func (d *diagnoser) suggest(x Diagnosis, rank int) { d.add(x, scoreSuggested-min(rank, behindAll)) }

func (d *diagnoser) add(x Diagnosis, score int) {
	if i := slices.Index(d.symptom.causes, x.Cause); i >= 0 {
		score += scoreFits
		if len(d.symptom.causes) == 1 {
			score += scoreExact
		}
	}
	d.found = append(d.found, candidate{Diagnosis: x, score: score})
}

// explain adds a cause that the case shows and that makes STS's answers say nothing about the
// set-up: the call was another one than was meant, or went elsewhere.
func (d *diagnoser) explain(x Diagnosis, rank int) {
	x.Shown = true
	score := scoreShown - min(rank, behindAll)
	if d.symptom.class != classNone {
		score += scoreFits + scoreExact
	}
	d.found = append(d.found, candidate{Diagnosis: x, score: score, explains: true})
}

// fits reports whether some cause that the case shows explains the symptom.
func (d *diagnoser) fits() bool {
	return slices.ContainsFunc(d.found, func(f candidate) bool {
		return f.explains || f.Shown && (d.symptom.class == classNone || slices.Contains(d.symptom.causes, f.Cause))
	})
}

// problems turns what stands in the way into causes.
func (d *diagnoser) problems() {
	if d.v.Policy != nil && d.v.Policy.Err != nil {
		d.unreadable(d.v.Policy.Err)
	}
	foreign := d.foreignToken()
	for i := range d.v.Problems {
		p := &d.v.Problems[i]
		if foreign && slices.Contains(issuerProblems, p.Kind) {
			continue // the issuer of the right token is known to the account
		}
		if p.Kind == exchange.NotTrusted {
			d.notTrusted(i)
			continue
		}
		d.show(d.problem(p), i)
		d.besides(p, i+1)
	}
	d.servicePolicies()
}
