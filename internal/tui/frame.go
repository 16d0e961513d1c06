package tui

import (
	"fmt"
	"strings"
)

// The smallest screen that a frame is drawn on.
const (
	MinWidth  = 60
	MinHeight = 15
)

// Frame is what every screen has around its body.
type Frame struct {
	Title string // what this screen is about
	Aside string // at the right end of the title's line
	Body  []string
	Foot  string // the last line: a line of input or the keys
}

// bodyHeight is how many lines of a screen of height lines a frame leaves to its body.
func bodyHeight(height int) int { return height - 2 }

// Render draws f: exactly height lines, none wider than width. What does not fit is cut.
func (f Frame) Render(s Styles, width, height int) string {
	if isTooSmall(width, height) {
		return tooSmall(s, width, height, "")
	}
	lines := make([]string, 0, height)
	lines = append(lines, spread(margin+f.Title, f.Aside, width, s.Ellipsis))
	for _, line := range f.Body[:min(len(f.Body), bodyHeight(height))] {
		lines = append(lines, cutTo(line, width, s.Ellipsis))
	}
	for len(lines) < height-1 {
		lines = append(lines, "")
	}
	lines = append(lines, cutTo(margin+f.Foot, width, s.Ellipsis))
	return strings.Join(lines, "\n")
}

// isTooSmall reports whether a screen has no room for a frame.
func isTooSmall(width, height int) bool { return width < MinWidth || height < MinHeight }

// tooSmall says what a screen needs, on one that has less, and how what runs stands.
func tooSmall(s Styles, width, height int, status string) string {
	text := fmt.Sprintf("This screen needs %d columns and %d lines; the terminal has %d and %d. Make it larger to go on.",
		MinWidth, MinHeight, width, height)
	lines := wrapTo(text, width)
	if status != "" {
		lines = append(append(wrapTo(status, width), ""), lines...)
	}
	lines = lines[:min(len(lines), max(height, 1))]
	for i, line := range lines {
		lines[i] = cutTo(line, width, s.Ellipsis)
	}
	return strings.Join(lines, "\n")
}
