package doctor

import "testing"

func TestAPlaceholderIsNoNameThatOnlyBeginsLikeOne(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"<your-org-uuid>": true, "YOUR_ORG_ID": true, "replace-me": true, "REPLACE_WITH_BRANCH": true, "todo": true, "TODO: branch": true, "changeme": true, "insert-here": true,
		"todo-list": false, "replacement-service": false, "insert-coin": false, "placeholders": false, "main": false, "": false,
	} {
		if got := isPlaceholder("branch", value); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
}
