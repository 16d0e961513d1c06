// Package tui shows a run of fcoidc on a terminal: a form for what it needs to know, a
// review of what it would do, a live board while it does it, and a summary.
//
// State is a reducer over keys and events; what is drawn is a function of the state, the
// styles and the size. Both work without a terminal. Text that comes from outside passes
// through package escape before it is measured or drawn.
package tui
