package policy

import "testing"

func benchmarkPolicy(b *testing.B) (*Document, Request) {
	b.Helper()
	d, err := Parse([]byte(forgecroftTrust))
	if err != nil {
		b.Fatal(err)
	}
	return d, forgecroftRequest("plan")
}

func BenchmarkEvaluate(b *testing.B) {
	d, r := benchmarkPolicy(b)
	b.ReportAllocs()
	for b.Loop() {
		if result := d.Evaluate(r); result.Decision != Allowed {
			b.Fatal(result.Decision)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	d, r := benchmarkPolicy(b)
	b.ReportAllocs()
	for b.Loop() {
		if d.Decide(r) != Allowed {
			b.Fatal("not allowed")
		}
	}
}

func BenchmarkEvaluateExamples(b *testing.B) {
	type question struct {
		document *Document
		request  Request
	}
	var questions []question
	for _, e := range readExamples(b) {
		d, err := Parse(e.TrustPolicy)
		if err != nil {
			b.Fatal(err)
		}
		questions = append(questions, question{d, e.request()})
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		q := questions[i%len(questions)]
		q.document.Evaluate(q.request)
	}
}

func BenchmarkParse(b *testing.B) {
	b.SetBytes(int64(len(forgecroftTrust)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse([]byte(forgecroftTrust)); err != nil {
			b.Fatal(err)
		}
	}
}
