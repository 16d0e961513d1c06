package report

import "strings"

// prose lays out one of our own pages: headings, paragraphs, code in fences and in backticks, and
// addresses on lines of their own, which is all that the pages use.
func prose(page string) part {
	var list parts
	for page = strings.Trim(page, "\n"); page != ""; page = strings.TrimLeft(page, "\n") {
		if fenced, ok := strings.CutPrefix(page, "```"); ok {
			_, fenced, _ = strings.Cut(fenced, "\n") // the language
			var inside string
			inside, page, _ = strings.Cut(fenced, "```")
			list = append(list, el("pre", block(strings.TrimRight(inside, "\n"))))
			continue
		}
		var paragraph string
		paragraph, page, _ = strings.Cut(page, "\n\n")
		if title, ok := strings.CutPrefix(paragraph, "## "); ok {
			list = append(list, el("h4", text(title)))
			continue
		}
		list = append(list, el("p", sentences(paragraph)))
	}
	return list
}

// sentences are a paragraph's lines: an address becomes a link, the others one text.
func sentences(paragraph string) part {
	var list parts
	for line := range strings.SplitSeq(paragraph, "\n") {
		if strings.HasPrefix(line, "https://") && !strings.Contains(line, " ") {
			list = append(list, el("a", class("source"), attr("href", line), attr("rel", "noreferrer"), text(line)), text(" "))
			continue
		}
		list = append(list, inline(line), text(" "))
	}
	return list
}

// inline is a line with what stands in backticks as code.
func inline(line string) part {
	var list parts
	for i, piece := range strings.Split(line, "`") {
		if i%2 == 1 {
			list = append(list, code(piece))
		} else {
			list = append(list, text(piece))
		}
	}
	return list
}
