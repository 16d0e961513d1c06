package doctor

import (
	"slices"
	"strings"
	"testing"
)

func TestTheFirstTextIsTheOneThatASearchForEachFinds(t *testing.T) {
	t.Parallel()
	messages := []string{"", "x", "nothing of the kind", "network timeout: no such host", "token expired: token too old"}
	for _, text := range texts {
		messages = append(messages, text.part, "an error: "+text.part+".", text.part[1:], text.part[:len(text.part)-1])
		for _, other := range texts {
			messages = append(messages, text.part+" "+other.part, text.part[:len(text.part)/2]+other.part)
		}
	}
	for _, message := range messages {
		want := slices.IndexFunc(texts, func(x textOfError) bool { return strings.Contains(message, x.part) })
		if want < 0 {
			want = len(texts)
		}
		if got := firstText(message); got != want {
			t.Errorf("%q: text %d, want %d", message, got, want)
		}
	}
}
