package report

// legend says what the marks mean and what the words rest on.
func (p *page) legend() part {
	return parts{
		el("dl", class("marks"), each([]struct {
			sign sign
			says string
		}{
			{signGood, "looked at, and as it should be"},
			{signInfo, "good to know"},
			{signOpen, "as the issuer documents it; AWS does not list the condition keys that it rests on, so that only a real exchange proves it"},
			{signWarn, "works, and may not go on to"},
			{signBad, "what should work does not; critical: somebody gets in who should not"},
			{signSkip, "the question does not arise, or an earlier failure is its answer"},
			{signUnseen, "not judged: a permission, a flag or an answer was missing"},
		}, func(row struct {
			sign sign
			says string
		},
		) part {
			return el("div", el("dt", row.sign.badge()), el("dd", text(row.says)))
		})),
		el("p", text("Findings with the same cause stand together, with all the accounts that share it. A click on a fix selects it whole. fcoidc doctor --explain CODE prints what stands under “Why”.")),
		el("p", text("Everything here was read from AWS and the issuer at the time above; nothing was changed by looking.")),
	}
}
