package tui

import "charm.land/bubbles/v2/key"

// formKeys are the keys of every page of the form.
type formKeys struct {
	Next, Back, Clear, Empty, Lower key.Binding
}

func newFormKeys() formKeys {
	return formKeys{
		Next:  key.NewBinding(key.WithKeys("enter", "tab"), key.WithHelp("enter", "next")),
		Back:  key.NewBinding(key.WithKeys("shift+tab", "ctrl+b"), key.WithHelp("shift+tab", "back")),
		Clear: key.NewBinding(key.WithKeys("esc"), key.WithHelp("esc", "clear")),
		Empty: key.NewBinding(key.WithKeys("ctrl+u"), key.WithHelp("ctrl+u", "clear")), // which the line does itself
		Lower: key.NewBinding(key.WithKeys("ctrl+l"), key.WithHelp("ctrl+l", "to lower case")),
	}
}

// pickKeys are the keys of a list to choose from. Letters and digits search in it, and
// which of the toggles works depends on the search.
type pickKeys struct {
	Toggle, ToggleFound, ToggleLast              key.Binding
	All, Up, Down, PageUp, PageDown, First, Last key.Binding
}

func newPickKeys() pickKeys {
	return pickKeys{
		Toggle:      key.NewBinding(key.WithKeys("space"), key.WithHelp("space", "choose")),
		ToggleFound: key.NewBinding(key.WithKeys("tab"), key.WithHelp("tab", "choose")),
		ToggleLast:  key.NewBinding(key.WithKeys("space", "tab"), key.WithHelp("space", "choose")),
		All:         key.NewBinding(key.WithKeys("ctrl+a"), key.WithHelp("ctrl+a", "all or none")),
		Up:          key.NewBinding(key.WithKeys("up", "ctrl+p"), key.WithHelp("up", "up")),
		Down:        key.NewBinding(key.WithKeys("down", "ctrl+n"), key.WithHelp("down", "down")),
		PageUp:      key.NewBinding(key.WithKeys("pgup"), key.WithHelp("pgup", "page up")),
		PageDown:    key.NewBinding(key.WithKeys("pgdown"), key.WithHelp("pgdn", "page down")),
		First:       key.NewBinding(key.WithKeys("home"), key.WithHelp("home", "first")),
		Last:        key.NewBinding(key.WithKeys("end"), key.WithHelp("end", "last")),
	}
}
