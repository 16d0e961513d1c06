package claims

import (
	"strings"
)

// Around says in words what a file holds besides the token that [Find] found in it; "" if that is
// nothing but the end of its line. Clients that are told of the file send it as it is: AWS's SDKs
// take no quotes, no prefix and no byte order mark away. A line end does no harm, since the usual
// recipes (jq -r .value > file) write one.
func Around(pasted []byte, raw string) string {
	text := decodeText(pasted)
	switch {
	case len(text) != len(pasted):
		return "UTF-16, where a token is plain text"
	case strings.HasPrefix(text, "\ufeff"):
		return "a byte order mark before the token"
	}
	before, after, whole := strings.Cut(text, raw)
	lower := strings.ToLower(before)
	switch {
	case strings.HasPrefix(strings.TrimLeft(text, blanks), "{"), strings.HasPrefix(strings.TrimLeft(text, blanks), "["):
		return "JSON around the token"
	case !whole:
		return "line breaks within the token"
	case strings.Contains(lower, "authorization"):
		return "the name of a header before the token"
	case strings.Contains(lower, "bearer"):
		return "the word Bearer before the token"
	case strings.Trim(before, blanks) == "" && strings.Trim(after, blanks) == "":
		if before != "" || strings.Trim(after, "\r\n") != "" {
			return "blanks around the token"
		}
		return ""
	case strings.Trim(before+after, blanks+"\"'`") == "":
		return "quotes around the token"
	}
	return "other text around the token"
}
