package tui

import (
	"charm.land/bubbles/v2/key"
)

// BoardKeys are the keys of the board. Stop, Retry and Summary are told here, and acted
// on by who runs the job.
type BoardKeys struct {
	Up, Down, PageUp, PageDown, Top, Bottom key.Binding
	Detail, Back, Filter, Sort, Help        key.Binding
	Stop, Suspend, Retry, Summary           key.Binding
}

// NewBoardKeys are the keys as they are documented.
func NewBoardKeys() BoardKeys {
	bind := func(label, what string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(label, what))
	}
	return BoardKeys{
		Up:       bind("↑ k", "one up", "up", "k"),
		Down:     bind("↓ j", "one down", "down", "j"),
		PageUp:   bind("pgup b", "a page up", "pgup", "b"),
		PageDown: bind("pgdn space", "a page down", "pgdown", "space"),
		Top:      bind("home g", "to the top", "home", "g"),
		Bottom:   bind("end G", "to the end", "end", "G"),
		Detail:   bind("→ enter", "details of the account", "right", "l", "enter"),
		Back:     bind("← esc", "back; without the filter", "left", "h", "esc"),
		Filter:   bind("/", "filter by account, name or state", "/"),
		Sort:     bind("s", "sort by state, order given, name, time", "s"),
		Help:     bind("?", "all keys", "?"),
		Stop:     bind("q ctrl+c", "stop: winds down, again leaves", "q", "ctrl+c"),
		Suspend:  bind("ctrl+z", "suspend", "ctrl+z"),
		Retry:    bind("r", "retry what failed", "r"),
		Summary:  bind("enter q", "summary", "enter", "q"),
	}
}

// short is b with another word for the help line, which has less room than the page of
// all keys.
func short(b key.Binding, label, what string) key.Binding {
	b.SetHelp(label, what)
	return b
}

// margin stands left of what is not a row, so that it begins where the rows' marks do.
const margin = "  "

// HelpLine is as many of the bindings as fit into room columns, most wanted first. Those
// that are disabled are left out.
func HelpLine(s Styles, room int, bindings ...key.Binding) string {
	line := ""
	for _, b := range bindings {
		if !b.Enabled() {
			continue
		}
		part := s.Strong.Paint(s.arrows.Replace(b.Help().Key)) + " " + s.Dim.Paint(b.Help().Desc)
		if line != "" {
			part = line + "   " + part
		}
		if textWidth(part) > room {
			break
		}
		line = part
	}
	return line
}

// HelpPage is a line for each of the bindings that are enabled.
func HelpPage(s Styles, bindings ...key.Binding) []string {
	column := 0
	for _, b := range bindings {
		column = max(column, textWidth(s.arrows.Replace(b.Help().Key)))
	}
	var lines []string
	for _, b := range bindings {
		if b.Enabled() {
			lines = append(lines, margin+s.Strong.Paint(padTo(s.arrows.Replace(b.Help().Key), column, false))+"   "+b.Help().Desc)
		}
	}
	return lines
}

// all is every key, in the order of the page of all keys.
func (k *BoardKeys) all() []key.Binding {
	return []key.Binding{
		k.Up, k.Down, k.PageUp, k.PageDown, k.Top, k.Bottom, k.Detail, k.Back,
		k.Filter, k.Sort, k.Retry, k.Summary, k.Stop, k.Suspend, k.Help,
	}
}
