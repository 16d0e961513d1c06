package bootstrap

import "testing"

func TestMaxFailuresStopsAtANumberOrAShare(t *testing.T) {
	t.Parallel()
	tests := []struct {
		limit         string
		failed, total int
		want          bool
	}{
		{"1", 0, 10, false},
		{"1", 1, 10, true},
		{"3", 2, 10, false},
		{"3", 3, 10, true},
		{"50%", 1, 3, false},
		{"50%", 2, 3, true},
		{"10%", 1, 10, true},
		{"100%", 9, 10, false},
		{"100%", 10, 10, true},
	}
	for _, tt := range tests {
		m, err := ParseMaxFailures(tt.limit)
		if err != nil {
			t.Fatal(err)
		}
		if m.String() != tt.limit {
			t.Errorf("%q is written as %q", tt.limit, m)
		}
		if got := m.reached(tt.failed, tt.total); got != tt.want {
			t.Errorf("%s, %d of %d failed: reached = %v", tt.limit, tt.failed, tt.total, got)
		}
	}
	if (MaxFailures{}).reached(100, 100) {
		t.Error("without a limit a run stopped")
	}
	for _, bad := range []string{"", "0", "-1", "0%", "101%", "x", "5 %", "1.5"} {
		if _, err := ParseMaxFailures(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
