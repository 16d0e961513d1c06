package tui

import (
	"errors"
	"fmt"
	"strings"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/report"
)

// accountCount is n accounts in words.
func accountCount(n int) string {
	if n == 1 {
		return "1 account"
	}
	return fmt.Sprintf("%d accounts", n)
}

// spelled is prose in characters that the terminal can show.
func spelled(s Styles, text string) string {
	if !s.Theme.ASCII {
		return text
	}
	return strings.NewReplacer("→", ">", "—", "-").Replace(text)
}

// hinter is an error that knows what to do about it.
type hinter interface {
	error
	Hint() string
}

// hintOf is what to do about err, empty if it does not say.
func hintOf(err error) string {
	if h, ok := errors.AsType[hinter](err); ok {
		return escape.Text(h.Hint())
	}
	return ""
}

func errorText(err error) string { return escape.Text(err.Error()) }

// actionMark stands before a plan with the given decision.
func actionMark(a bootstrap.Action) report.Mark {
	switch a {
	case bootstrap.ActionCreate, bootstrap.ActionUpdate:
		return report.MarkInfo
	case bootstrap.ActionRecreate, bootstrap.ActionDelete, bootstrap.ActionBlocked:
		return report.MarkWarn
	case bootstrap.ActionNone:
		return report.MarkGood
	case bootstrap.ActionSkipped:
		return report.MarkSkip
	default:
		return report.MarkInfo
	}
}

// actionWords is a decision in words.
func actionWords(a bootstrap.Action) string {
	if a == bootstrap.ActionNone {
		return "nothing to change"
	}
	return string(a)
}

// changes reports whether a does something in the account.
func changes(a bootstrap.Action) bool {
	switch a {
	case bootstrap.ActionCreate, bootstrap.ActionUpdate, bootstrap.ActionRecreate, bootstrap.ActionDelete:
		return true
	case bootstrap.ActionNone, bootstrap.ActionBlocked, bootstrap.ActionSkipped:
	}
	return false
}

// hintAfter is the way out of err as the end of its text.
func hintAfter(err error) string {
	if h := hintOf(err); h != "" {
		return " (" + h + ")"
	}
	return ""
}
