package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/report"
)

// doctorBatch answers every line of a file, in order, on all cores. What it holds at a time does
// not grow with the file.
func doctorBatch(ctx context.Context, o doctorOptions, newExaminer func() *doctor.Examiner) error {
	from := o.IO.In
	if o.Batch != standardInput {
		f, err := os.Open(o.Batch)
		if err != nil {
			return fileError(o.Batch, "--batch", err)
		}
		defer func() { _ = f.Close() }() // opened for reading: nothing is lost
		from = f
	}
	defer debug.SetGCPercent(debug.SetGCPercent(batchGCPercent))
	b := batch{newExaminer: newExaminer, workers: runtime.GOMAXPROCS(0)}
	return b.run(ctx, from, o.IO.Out)
}

// batchGCPercent lets the heap grow further than usual before it is collected, in percent of what
// is alive. A batch keeps a few megabytes alive and drops some kilobytes a line, so that Go's
// usual 100 would collect every few hundred lines.
const batchGCPercent = 400

// batch answers lines in chunks: each is read whole, answered by one worker and written in its turn.
// Each worker has an examiner of its own: what it keeps of policies and issuers is looked up for
// every line, and cores that share it wait for each other.
type batch struct {
	newExaminer func() *doctor.Examiner
	workers     int
}

// chunk is a stretch of whole lines with the answers to them.
type chunk struct {
	lines    strings.Builder // so that the lines are parts of one text without a further copy
	answers  []byte
	answered chan struct{}
}

// chunkSize is how much is read at a time, in bytes, unless a line is longer.
const chunkSize = 128 << 10

// run answers what from holds until it ends, ctx is cancelled or to takes no more. Lines that come
// one by one are answered one by one.
func (b *batch) run(ctx context.Context, from io.Reader, to io.Writer) error {
	interrupted := ctx.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	from = untilDone{from, ctx.Done()}
	work := make(chan *chunk)
	ordered := make(chan *chunk, 2*b.workers)
	free := make(chan *chunk, 4*b.workers)
	for range b.workers {
		w := worker{examiner: b.newExaminer()}
		go func() {
			for c := range work {
				w.answer(c)
				c.answered <- struct{}{}
			}
		}()
	}
	read := make(chan error, 1)
	go func() {
		defer close(ordered)
		defer close(work)
		read <- split(ctx, from, free, work, ordered)
	}()
	var failed error
	for c := range ordered {
		select {
		case <-c.answered:
		case <-interrupted: // a line that takes long is not waited for
			return context.Canceled
		}
		if failed == nil {
			if _, failed = to.Write(c.answers); failed != nil {
				cancel()
			}
		}
		select {
		case free <- c:
		default:
		}
	}
	if err := <-read; failed == nil {
		return err
	}
	return fmt.Errorf("write the answers: %w", failed) // which is why reading ended
}

// split reads chunks and hands each to the workers and, in order, to the writer.
func split(ctx context.Context, from io.Reader, free <-chan *chunk, work, ordered chan<- *chunk) error {
	r := bufio.NewReaderSize(from, chunkSize)
	for {
		var c *chunk
		select {
		case c = <-free:
		default:
			c = &chunk{answered: make(chan struct{}, 1)}
		}
		c.lines.Reset()
		c.answers = c.answers[:0]
		err := fill(r, &c.lines)
		if c.lines.Len() > 0 {
			for _, to := range []chan<- *chunk{ordered, work} {
				select {
				case to <- c:
				case <-ctx.Done():
					if to != ordered { // the writer waits for it
						c.answered <- struct{}{}
					}
					return ctx.Err()
				}
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read the cases: %w", err)
		}
	}
}

// fill reads the whole lines that have come, at least one. Of a line that is too long for a case it
// keeps enough to say so.
func fill(r *bufio.Reader, lines *strings.Builder) error {
	start, dropping := 0, false
	for {
		part, err := r.ReadSlice('\n')
		if !dropping {
			if lines.Len() == 0 {
				lines.Grow(len(part) + r.Buffered())
			}
			lines.Write(part)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			dropping = lines.Len()-start > exchange.MaxSize
			continue
		}
		if dropping {
			lines.WriteByte('\n')
			dropping = false
		}
		start = lines.Len()
		if err != nil {
			return err
		}
		if come, _ := r.Peek(r.Buffered()); bytes.IndexByte(come, '\n') < 0 {
			return nil
		}
	}
}

// worker answers one line after the other, and uses the memory of the last for the next.
type worker struct {
	examiner  *doctor.Examiner
	reader    exchange.Reader
	judgement doctor.Judgement
}

func (w *worker) answer(c *chunk) {
	for line := range strings.SplitSeq(c.lines.String(), "\n") {
		if line = strings.TrimSpace(strings.TrimPrefix(line, byteOrderMark)); line == "" {
			continue
		}
		read, err := w.reader.Read(line)
		if err != nil {
			c.answers = report.AppendBatchError(c.answers, exchange.ID(line), err)
		} else {
			w.examiner.ExamineInto(&w.judgement, read, false)
			c.answers = report.AppendAnswer(c.answers, &w.judgement)
		}
		c.answers = append(c.answers, '\n')
	}
}
