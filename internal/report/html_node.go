package report

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/forgecroft/fcoidc/internal/escape"
)

// part is what an element is made of: attributes, texts, other elements. Whatever stands in one
// passes through package escape when it is added, and through html.Render when it is written.
type part interface{ addTo(parent *html.Node) }

// element is a node of the page.
type element struct{ *html.Node }

func (e element) addTo(parent *html.Node) { parent.AppendChild(e.Node) }

// el makes an element.
func el(tag string, parts ...part) element {
	n := &html.Node{Type: html.ElementNode, Data: tag, DataAtom: atom.Lookup([]byte(tag))}
	for _, p := range parts {
		p.addTo(n)
	}
	return element{n}
}

// text is one line of text.
type text string

func (t text) addTo(parent *html.Node) { addText(parent, escape.Text(string(t))) }

// block is text of several lines.
type block string

func (b block) addTo(parent *html.Node) { addText(parent, escape.Block(string(b))) }

func addText(parent *html.Node, s string) {
	parent.AppendChild(&html.Node{Type: html.TextNode, Data: s})
}

// stylesheet is the content of a style element: it is ours, and HTML does not escape it.
type stylesheet string

func (s stylesheet) addTo(parent *html.Node) { addText(parent, string(s)) }

// parts are added in their order.
type parts []part

func (p parts) addTo(parent *html.Node) {
	for _, one := range p {
		one.addTo(parent)
	}
}

// attribute is one of an element's attributes.
type attribute struct{ key, value string }

func (a attribute) addTo(parent *html.Node) {
	parent.Attr = append(parent.Attr, html.Attribute{Key: a.key, Val: escape.Text(a.value)})
}

func attr(key, value string) attribute { return attribute{key, value} }

func class(names string) attribute { return attribute{"class", names} }

func id(value string) attribute { return attribute{"id", value} }

// to links to a place in the page.
func to(id string) attribute { return attribute{"href", "#" + id} }

// when is what it holds, or nothing.
func when(condition bool, p ...part) part {
	if !condition {
		return parts(nil)
	}
	return parts(p)
}

// each is a part for every item.
func each[T any](items []T, of func(T) part) part {
	list := make(parts, len(items))
	for i, item := range items {
		list[i] = of(item)
	}
	return list
}

// code is something that is typed, named or compared letter by letter.
func code(s string) element { return el("code", text(s)) }

// name is a name that others gave, which may run from right to left: it does not turn the text
// around it.
func name(s string) element { return el("bdi", text(s)) }

// small print.
func small(s string) element { return el("small", text(s)) }

// screenReader is text for those who cannot see the mark beside it.
func screenReader(s string) element { return el("span", class("sr"), text(s)) }

// scrolls lets what is wider than the page scroll by itself; it can be reached by keyboard.
func scrolls(label string, p ...part) element {
	return el("div", class("scroll"), attr("role", "region"), attr("aria-label", label), attr("tabindex", "0"), parts(p))
}

// paste is text to be copied whole: one click selects it.
func paste(s string) element { return el("pre", class("paste"), block(strings.TrimRight(s, "\n"))) }
