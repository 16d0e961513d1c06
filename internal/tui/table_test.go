package tui

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestColumnsShareTheScreen(t *testing.T) {
	t.Parallel()
	columns := []Column{
		{Title: "id", Min: 6, Max: 6},
		{Title: "name", Min: 5, Max: 20, Drop: 1},
		{Title: "n", Min: 3, Max: 3, Right: true, Drop: 3},
		{Title: "text", Min: 10, First: 15, Drop: 2},
	}
	for name, tt := range map[string]struct {
		room int
		want []int
	}{
		"just room for all":                   {34, []int{6, 5, 3, 10}},
		"the text first gets what it needs":   {38, []int{6, 5, 3, 14}},
		"then the name":                       {44, []int{6, 10, 3, 15}},
		"then the text has the rest":          {100, []int{6, 20, 3, 61}},
		"the least wanted goes first":         {33, []int{6, 5, 0, 14}},
		"then the next":                       {26, []int{6, 14, 0, 0}},
		"what may not be dropped stays":       {12, []int{6, 0, 0, 0}},
		"even where there is no room for it":  {3, []int{6, 0, 0, 0}},
		"what is dropped leaves room to grow": {30, []int{6, 5, 0, 11}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := (Table{columns}).Layout(tt.room).widths; !slices.Equal(got, tt.want) {
				t.Errorf("widths are %v, want %v", got, tt.want)
			}
		})
	}
}

func TestALineStandsInItsColumns(t *testing.T) {
	t.Parallel()
	layout := Table{[]Column{
		{Title: "id", Min: 4, Max: 4}, {Title: "name", Min: 6, Max: 6}, {Title: "n", Min: 3, Max: 3, Right: true}, {Title: "text", Min: 8},
	}}.Layout(36)
	s := plainStyles()
	cells := func(texts ...string) []Cell {
		var c []Cell
		for _, text := range texts {
			c = append(c, Cell{Text: text})
		}
		return c
	}
	for name, tt := range map[string]struct {
		line Line
		want string
	}{
		"all cells":              {Line{Mark: "+", Cells: cells("1", "bob", "7", "hello")}, "  + 1     bob       7  hello"},
		"selected":               {Line{Mark: "+", Selected: true, Cells: cells("1", "bob", "7", "hello")}, "› + 1     bob       7  hello"},
		"cut":                    {Line{Mark: "+", Cells: cells("12345", "roberta", "1234", "a text that is long")}, "  + 123…  rober…  12…  a text that …"},
		"wide characters":        {Line{Mark: "+", Cells: cells("1", "東京都港", "7", "x")}, "  + 1     東京…     7  x"},
		"empty cells":            {Line{Mark: "+", Cells: cells("1", "", "", "x")}, "  + 1                  x"},
		"nothing at the end":     {Line{Mark: "+", Cells: cells("1", "bob", "", "")}, "  + 1     bob"},
		"one takes what is left": {Line{Mark: "+", Span: 2, Cells: cells("1", "bob", "takes the columns after it too", "no")}, "  + 1     bob     takes the columns…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, layout.Line(s, tt.line)); diff != "" {
				t.Errorf("line differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheWindowKeepsTheCursorInSight(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ n, cursor, height, first, end int }{
		"all fit":        {5, 4, 10, 0, 5},
		"at the top":     {100, 2, 10, 0, 10},
		"in the middle":  {100, 50, 10, 45, 55},
		"at the end":     {100, 99, 10, 90, 100},
		"no rows":        {0, 0, 10, 0, 0},
		"no room":        {100, 50, 0, 50, 50},
		"less than room": {100, 50, -3, 50, 50},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if first, end := window(tt.n, tt.cursor, tt.height); first != tt.first || end != tt.end {
				t.Errorf("window is %d to %d, want %d to %d", first, end, tt.first, tt.end)
			}
		})
	}
}

func TestTextWrapsAtBlanksOnly(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"short":                          {"a b", []string{"a b"}},
		"nothing":                        {"", []string{""}},
		"a flag stays whole":             {"fcoidc bootstrap --plan-role-name X", []string{"fcoidc bootstrap", "--plan-role-name", "X"}},
		"a long word goes on at a slash": {"assumed-role/OrganizationRole/x", []string{"assumed-role/", "OrganizationRole", "/x"}},
		"a word without one is cut":      {"abcdefghijklmnopqrstuvwxyz", []string{"abcdefghijklmnop", "qrstuvwxyz"}},
		"wide characters":                {"東京東京東京東京東京", []string{"東京東京東京東京", "東京"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, wrapTo(tt.text, 16)); diff != "" {
				t.Errorf("lines differ (-want +got):\n%s", diff)
			}
		})
	}
}
