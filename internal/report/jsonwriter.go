package report

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"

	"github.com/forgecroft/fcoidc/internal/escape"
)

// jsonWriter appends the members of JSON objects. It is for the lines of a batch, of which
// there are very many; it writes what encoding/json would, with what acts on a terminal as
// \u escapes.
type jsonWriter struct{ b []byte }

func (w *jsonWriter) name(name string) {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' {
		w.b = append(w.b, ',')
	}
	w.b = append(append(append(w.b, '"'), name...), '"', ':')
}

func (w *jsonWriter) text(name, value string) {
	w.name(name)
	w.string(value)
}

// optional leaves out an empty text.
func (w *jsonWriter) optional(name, value string) {
	if value != "" {
		w.text(name, value)
	}
}

func (w *jsonWriter) orNull(name, value string, known bool) {
	w.name(name)
	if !known {
		w.b = append(w.b, "null"...)
		return
	}
	w.string(value)
}

func (w *jsonWriter) number(name string, n int) {
	w.name(name)
	w.b = strconv.AppendInt(w.b, int64(n), 10)
}

func (w *jsonWriter) boolean(name string, v bool) {
	w.name(name)
	w.b = strconv.AppendBool(w.b, v)
}

func (w *jsonWriter) texts(name string, list []string) {
	w.name(name)
	w.b = append(w.b, '[')
	for i, s := range list {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.string(s)
	}
	w.b = append(w.b, ']')
}

func (w *jsonWriter) raw(name string, value []byte) {
	w.name(name)
	w.b = append(w.b, value...)
}

// open begins an object or array; as an element it needs no name.
func (w *jsonWriter) open(name string, bracket byte) {
	switch {
	case name != "":
		w.name(name)
	case len(w.b) > 0 && w.b[len(w.b)-1] == '}':
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, bracket)
}

func (w *jsonWriter) close(bracket byte) { w.b = append(w.b, bracket) }

func (w *jsonWriter) string(s string) { w.b = escape.AppendString(w.b, s) }

// writeTo writes what was built, indented.
func (w *jsonWriter) writeTo(out io.Writer) error {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, w.b, "", "  "); err != nil {
		return err
	}
	pretty.WriteByte('\n')
	_, err := pretty.WriteTo(out)
	return err
}
