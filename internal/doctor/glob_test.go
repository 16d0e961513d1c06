package doctor

import (
	"math/rand/v2"
	"testing"
)

// fitsText is a naive matcher: text fits the glob.
func fitsText(g glob, text string) bool {
	if len(g) == 0 {
		return text == ""
	}
	switch t := g[0]; t.kind {
	case globRun:
		if fitsText(g[1:], text) {
			return true
		}
		return text != "" && (t.r == 0 || rune(text[0]) != t.r) && fitsText(g, text[1:])
	case globOne:
		return text != "" && fitsText(g[1:], text[1:])
	default:
		return text != "" && rune(text[0]) == t.r && fitsText(g[1:], text[1:])
	}
}

// allTexts are the texts over an alphabet to a length.
func allTexts(alphabet string, longest int) (list []string) {
	list = []string{""}
	for at := 0; at < len(list); at++ {
		if len(list[at]) < longest {
			for _, r := range alphabet {
				list = append(list, list[at]+string(r))
			}
		}
	}
	return list
}

func TestTwoGlobsMeetWhereSomeTextFitsBoth(t *testing.T) {
	t.Parallel()
	texts := allTexts("ab:", 6)
	random := rand.New(rand.NewPCG(1, 2))
	draw := func() glob {
		g := make(glob, random.IntN(4))
		for i := range g {
			g[i] = []globToken{{globChar, 'a'}, {globChar, 'b'}, {globChar, ':'}, {globOne, 0}, {globRun, 0}, {globRun, ':'}}[random.IntN(6)]
		}
		return g
	}
	for range 3000 {
		g, h := draw(), draw()
		want := false
		for _, text := range texts {
			want = want || fitsText(g, text) && fitsText(h, text)
		}
		steps := maxSteps
		if got := g.meets(h, &steps); got != want {
			t.Fatalf("%v and %v meet: %t, want %t", g, h, got, want)
		}
	}
}

func TestGlobsDoNotMeetOnceTheStepsAreUsedUp(t *testing.T) {
	t.Parallel()
	g, steps := globOf("*b*", true), 20
	if !g.meets(g, &steps) || g.meets(g, &steps) {
		t.Errorf("%d steps are left", steps)
	}
}

func TestOneEditIsOneCharacterMoreLessOtherOrTwoSwapped(t *testing.T) {
	t.Parallel()
	for _, near := range []string{"AWS_REGIO", "AWS_REGIONS", "AWS_REGIOM", "AWS_REIGON", "WAS_REGION"} {
		if !oneEdit(near, "AWS_REGION") || !oneEdit("AWS_REGION", near) {
			t.Errorf("%s is one edit away", near)
		}
	}
	for _, far := range []string{"AWS_REGION", "AWS_REG", "REGION", "AWS_REGOINS", ""} {
		if oneEdit(far, "AWS_REGION") {
			t.Errorf("%s is not one edit away", far)
		}
	}
}
