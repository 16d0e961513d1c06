package tui

import "slices"

// chunkSize is how many rows share a chunk. To replace one row of ten thousand copies a
// chunk and the list of chunks, about a kilobyte each.
const chunkSize = 128

type chunk [chunkSize]*row

// rowList is a list of rows that is cheap to copy: copies share the chunks that neither
// has changed.
type rowList struct {
	chunks []*chunk
	n      int
}

func newRowList(rows []row) rowList {
	l := rowList{chunks: make([]*chunk, 0, (len(rows)+chunkSize-1)/chunkSize), n: len(rows)}
	for i := range rows {
		if i%chunkSize == 0 {
			l.chunks = append(l.chunks, new(chunk))
		}
		l.chunks[i/chunkSize][i%chunkSize] = &rows[i]
	}
	return l
}

func (l rowList) at(i int) *row { return l.chunks[i/chunkSize][i%chunkSize] }

// rowEdit replaces rows of a list of its own.
type rowEdit struct {
	rowList
	owned []bool // chunks that are no longer shared
}

func (l rowList) edit() *rowEdit {
	return &rowEdit{rowList{slices.Clone(l.chunks), l.n}, make([]bool, len(l.chunks))}
}

func (e *rowEdit) set(i int, r *row) {
	at := i / chunkSize
	if !e.owned[at] {
		shared := *e.chunks[at]
		e.chunks[at], e.owned[at] = &shared, true
	}
	e.chunks[at][i%chunkSize] = r
}
