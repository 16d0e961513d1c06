package policy

import "testing"

func TestStringOperators(t *testing.T) {
	t.Parallel()
	runConditions(t, v2012, []conditionCase{
		{"equal", `{"StringEquals": {"P:sub": "x"}}`, `{"P:sub": "x"}`, true, 0},
		{"case counts", `{"StringEquals": {"P:sub": "X"}}`, `{"P:sub": "x"}`, false, 0},
		{"* is plain in StringEquals", `{"StringEquals": {"P:sub": "repo:acme/*"}}`, `{"P:sub": "repo:acme/app"}`, false, 0},
		{"* equals *", `{"StringEquals": {"P:sub": "repo:acme/*"}}`, `{"P:sub": "repo:acme/*"}`, true, 0},
		{"empty equals empty", `{"StringEquals": {"P:sub": ""}}`, `{"P:sub": ""}`, true, 0},
		{"a JSON number as text", `{"StringEquals": {"P:sub": 42}}`, `{"P:sub": "42"}`, true, 0},
		{"a JSON boolean as text", `{"StringEquals": {"P:sub": true}}`, `{"P:sub": "true"}`, true, 0},
		{"StringNotEquals", `{"StringNotEquals": {"P:sub": "x"}}`, `{"P:sub": "X"}`, true, 0},
		{"case ignored", `{"StringEqualsIgnoreCase": {"P:sub": "ABC"}}`, `{"P:sub": "aBc"}`, true, 0},
		{"case ignored, other", `{"StringEqualsIgnoreCase": {"P:sub": "ABC"}}`, `{"P:sub": "abd"}`, false, 0},
		{"case ignored, * is plain", `{"StringEqualsIgnoreCase": {"P:sub": "A*"}}`, `{"P:sub": "abc"}`, false, 0},
		{"case ignored, negated", `{"StringNotEqualsIgnoreCase": {"P:sub": "ABC"}}`, `{"P:sub": "abc"}`, false, 0},
		{"case ignored beyond ASCII", `{"StringEqualsIgnoreCase": {"P:sub": "\u00c4"}}`, `{"P:sub": "\u00e4"}`, true, OpenLowerCase},
		{"the same beyond ASCII", `{"StringEqualsIgnoreCase": {"P:sub": "X\u00c4"}}`, `{"P:sub": "x\u00c4"}`, true, 0},
		{"no full case folding", `{"StringEqualsIgnoreCase": {"P:sub": "\u017f"}}`, `{"P:sub": "s"}`, false, OpenLowerCase},
	})
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	runConditions(t, v2012, []conditionCase{
		{"* takes nothing, too", `{"StringLike": {"P:sub": "repo:acme/*"}}`, `{"P:sub": "repo:acme/"}`, true, 0},
		{"anchored at the start", `{"StringLike": {"P:sub": "repo:acme/*"}}`, `{"P:sub": "x:repo:acme/y"}`, false, 0},
		{"anchored at the end", `{"StringLike": {"P:sub": "*acme"}}`, `{"P:sub": "repo:acme/y"}`, false, 0},
		{"* crosses separators and line ends", `{"StringLike": {"P:sub": "a*z"}}`, `{"P:sub": "a/b:c\nz"}`, true, 0},
		{"? takes one", `{"StringLike": {"P:sub": "pla?"}}`, `{"P:sub": "plan"}`, true, 0},
		{"? takes no less", `{"StringLike": {"P:sub": "pla?"}}`, `{"P:sub": "pla"}`, false, 0},
		{"? takes no more", `{"StringLike": {"P:sub": "pla?"}}`, `{"P:sub": "plane"}`, false, 0},
		{"? takes a character outside the BMP", `{"StringLike": {"P:sub": "a?b"}}`, `{"P:sub": "a\ud83d\ude00b"}`, true, 0},
		{"?? takes no single character", `{"StringLike": {"P:sub": "a??b"}}`, `{"P:sub": "a\ud83d\ude00b"}`, false, 0},
		{"* backs up", `{"StringLike": {"P:sub": "*ab?*cd"}}`, `{"P:sub": "abxabcabycdzcd"}`, true, 0},
		{"*? before non-ASCII", `{"StringLike": {"P:sub": "*?\u00e4"}}`, `{"P:sub": "\u00e4\u00e4\u00e4"}`, true, 0},
		{"* splits no character", `{"StringLike": {"P:sub": "*??b*"}}`, `{"P:sub": "\u20acbx"}`, false, 0},
		{"case counts", `{"StringLike": {"P:sub": "REPO:*"}}`, `{"P:sub": "repo:x"}`, false, 0},
		{"* of a present key", `{"StringLike": {"P:sub": "*"}}`, `{"P:sub": ""}`, true, 0},
		{"* of a missing key", `{"StringLike": {"P:sub": "*"}}`, `{}`, false, 0},
		{"negated", `{"StringNotLike": {"P:sub": ["a*", "b*"]}}`, `{"P:sub": "bc"}`, false, 0},
	})
}

func TestNumericOperators(t *testing.T) {
	t.Parallel()
	runConditions(t, v2012, []conditionCase{
		{"less, as numbers", `{"NumericLessThan": {"P:n": "10"}}`, `{"P:n": "9"}`, true, 0},
		{"less, equal", `{"NumericLessThan": {"P:n": "10"}}`, `{"P:n": "10.0"}`, false, 0},
		{"at most", `{"NumericLessThanEquals": {"P:n": 10}}`, `{"P:n": "10.0"}`, true, 0},
		{"more", `{"NumericGreaterThan": {"P:n": "-1.5"}}`, `{"P:n": "-1.25"}`, true, 0},
		{"at least", `{"NumericGreaterThanEquals": {"P:n": "2"}}`, `{"P:n": "-3"}`, false, 0},
		{"equal in another notation", `{"NumericEquals": {"P:n": "007.50"}}`, `{"P:n": "7.5"}`, true, 0},
		{"minus zero", `{"NumericEquals": {"P:n": "-0"}}`, `{"P:n": "0.0"}`, true, 0},
		{"exact beyond a float", `{"NumericEquals": {"P:n": "9007199254740993"}}`, `{"P:n": "9007199254740992"}`, false, 0},
		{"not equal", `{"NumericNotEquals": {"P:n": ["1", "2"]}}`, `{"P:n": "3"}`, true, 0},
		{"no number", `{"NumericEquals": {"P:n": "12"}}`, `{"P:n": "12abc"}`, false, 0},
		{"empty", `{"NumericEquals": {"P:n": "12"}}`, `{"P:n": ""}`, false, 0},
		{"not equal of no number", `{"NumericNotEquals": {"P:n": "12"}}`, `{"P:n": "abc"}`, false, OpenNegatedNotComparable},
		{"an exponent", `{"NumericEquals": {"P:n": "1000"}}`, `{"P:n": "1e3"}`, false, OpenNumberNotation},
		{"a plus", `{"NumericEquals": {"P:n": "5"}}`, `{"P:n": "+5"}`, false, OpenNumberNotation},
		{"no leading zero", `{"NumericEquals": {"P:n": ".5"}}`, `{"P:n": "0.5"}`, false, OpenNumberNotation},
		{"infinity", `{"NumericGreaterThan": {"P:n": "5"}}`, `{"P:n": "Inf"}`, false, 0},
		{"hexadecimal", `{"NumericGreaterThan": {"P:n": "5"}}`, `{"P:n": "0x10"}`, false, 0},
		{"variables stay text", `{"NumericEquals": {"P:n": "${P:m}"}}`, `{"P:n": "5", "P:m": "5"}`, false, 0},
	})
}

func TestDateOperators(t *testing.T) {
	t.Parallel()
	const ten = `"2026-03-01T10:00:00Z"`
	at := func(s string) string { return `{"aws:EpochTime": "` + s + `"}` }
	runConditions(t, v2012, []conditionCase{
		{"epoch before", `{"DateLessThan": {"aws:EpochTime": ` + ten + `}}`, at("1772359199"), true, 0},
		{"epoch at", `{"DateLessThan": {"aws:EpochTime": ` + ten + `}}`, at("1772359200"), false, 0},
		{"epoch in the policy", `{"DateEquals": {"aws:EpochTime": 1772359200}}`, at("2026-03-01T10:00:00Z"), true, 0},
		{"another zone", `{"DateEquals": {"aws:EpochTime": ` + ten + `}}`, at("2026-03-01T11:00:00+01:00"), true, 0},
		{"a western zone", `{"DateEquals": {"aws:EpochTime": ` + ten + `}}`, at("2026-03-01T04:30-05:30"), true, 0},
		{"a day is its midnight", `{"DateEquals": {"aws:EpochTime": "2026-03-01"}}`, at("2026-03-01T00:00Z"), true, 0},
		{"a month is its first", `{"DateEquals": {"aws:EpochTime": "2026-03"}}`, at("2026-03-01"), true, 0},
		{"a fraction", `{"DateGreaterThan": {"aws:EpochTime": ` + ten + `}}`, at("2026-03-01T10:00:00.5Z"), true, 0},
		{"fractions compare", `{"DateEquals": {"aws:EpochTime": "2026-03-01T10:00:00.50Z"}}`, at("2026-03-01T10:00:00.5Z"), true, 0},
		{"at most", `{"DateLessThanEquals": {"aws:EpochTime": ` + ten + `}}`, at("2026-03-01T10:00Z"), true, 0},
		{"at least", `{"DateGreaterThanEquals": {"aws:EpochTime": ` + ten + `}}`, at("2026-03-01T09:59:59Z"), false, 0},
		{"not equal", `{"DateNotEquals": {"aws:EpochTime": ` + ten + `}}`, at("2026-03-01T10:00:01Z"), true, 0},
		{"prose is no date", `{"DateEquals": {"aws:EpochTime": "2026-03-01"}}`, at("March 1, 2026"), false, 0},
		{"no such day", `{"DateGreaterThan": {"aws:EpochTime": "2020-01"}}`, at("2026-02-29"), false, 0},
		{"a leap day", `{"DateGreaterThan": {"aws:EpochTime": "2020-01"}}`, at("2028-02-29"), true, 0},
		{"no such hour", `{"DateGreaterThan": {"aws:EpochTime": "2020-01"}}`, at("2026-02-01T24:00Z"), false, 0},
		{"an hour of one digit", `{"DateGreaterThan": {"aws:EpochTime": "2020-01"}}`, at("2026-02-01T9:00:00Z"), false, 0},
		{"an hour alone", `{"DateGreaterThan": {"aws:EpochTime": "2020-01"}}`, at("2026-02-01T09Z"), false, 0},
		{"a month with a time", `{"DateGreaterThan": {"aws:EpochTime": "2020-01"}}`, at("2026-02T09:00Z"), false, 0},
		{"no wildcards", `{"DateEquals": {"aws:EpochTime": "2026-03-*"}}`, at("2026-03-01"), false, 0},
		{"not equal of no date", `{"DateNotEquals": {"aws:EpochTime": ` + ten + `}}`, at("soon"), false, OpenNegatedNotComparable},
		{"no zone", `{"DateEquals": {"aws:EpochTime": ` + ten + `}}`, at("2026-03-01T10:00:00"), true, OpenDateNotation},
		{"four digits", `{"DateEquals": {"aws:EpochTime": "2026"}}`, at("1970-01-01T00:33:46Z"), true, OpenDateNotation},
	})
}

func TestBool(t *testing.T) {
	t.Parallel()
	runConditions(t, v2012, []conditionCase{
		{"true", `{"Bool": {"aws:SecureTransport": "true"}}`, `{"aws:SecureTransport": "true"}`, true, 0},
		{"a JSON boolean", `{"Bool": {"aws:SecureTransport": false}}`, `{"aws:SecureTransport": "false"}`, true, 0},
		{"other", `{"Bool": {"aws:SecureTransport": "true"}}`, `{"aws:SecureTransport": "false"}`, false, 0},
		{"no boolean", `{"Bool": {"aws:SecureTransport": "true"}}`, `{"aws:SecureTransport": "yes"}`, false, 0},
		{"another spelling", `{"Bool": {"aws:SecureTransport": "True"}}`, `{"aws:SecureTransport": "true"}`, true, OpenBoolSpelling},
		{"another spelling of the opposite", `{"Bool": {"aws:SecureTransport": "True"}}`, `{"aws:SecureTransport": "false"}`, false, 0},
		{"a variable", `{"Bool": {"aws:SecureTransport": "${P:b}"}}`, `{"aws:SecureTransport": "true", "P:b": "true"}`, true, OpenBoolVariable},
	})
}

func TestBinaryEquals(t *testing.T) {
	t.Parallel()
	runConditions(t, v2012, []conditionCase{
		{"the bytes of the text", `{"BinaryEquals": {"P:sub": "aGVsbG8="}}`, `{"P:sub": "hello"}`, true, OpenBinaryText},
		{"other bytes", `{"BinaryEquals": {"P:sub": "aGVsbG8="}}`, `{"P:sub": "hellO"}`, false, OpenBinaryText},
		{"no base64", `{"BinaryEquals": {"P:sub": "hello"}}`, `{"P:sub": "hello"}`, false, 0},
		{"variables stay text", `{"BinaryEquals": {"P:sub": "${P:x}"}}`, `{"P:sub": "hello", "P:x": "aGVsbG8="}`, false, 0},
	})
}

func TestIPAddresses(t *testing.T) {
	t.Parallel()
	from := func(s string) string { return `{"aws:SourceIp": "` + s + `"}` }
	runConditions(t, v2012, []conditionCase{
		{"in a block", `{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`, from("203.0.113.7"), true, 0},
		{"outside", `{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`, from("203.0.114.7"), false, 0},
		{"negated, in", `{"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`, from("203.0.113.7"), false, 0},
		{"negated, outside all", `{"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}`, from("198.51.100.1"), true, 0},
		{"a bare IPv4 address", `{"IpAddress": {"aws:SourceIp": "203.0.113.7"}}`, from("203.0.113.7"), true, 0},
		{"the other family is outside", `{"IpAddress": {"aws:SourceIp": "2001:db8::/32"}}`, from("203.0.113.7"), false, 0},
		{"the other family is outside, negated", `{"NotIpAddress": {"aws:SourceIp": "::/0"}}`, from("203.0.113.7"), true, 0},
		{"all of IPv4", `{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}`, from("203.0.113.7"), true, 0},
		{"all of IPv6", `{"IpAddress": {"aws:SourceIp": "::/0"}}`, from("2001:db8::1"), true, 0},
		{"IPv6 as a number", `{"IpAddress": {"aws:SourceIp": "2001:db8::/32"}}`, from("2001:DB8:0::1"), true, 0},
		{"a bare IPv6 address", `{"IpAddress": {"aws:SourceIp": "2001:db8::1"}}`, from("2001:DB8:0::1"), true, OpenAddressNotation},
		{"host bits are masked off", `{"IpAddress": {"aws:SourceIp": "203.0.113.9/24"}}`, from("203.0.113.7"), true, OpenAddressNotation},
		{"no address", `{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`, from("AWS Internal"), false, OpenNotAddress},
		{"no address, negated", `{"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`, from("AWS Internal"), false, OpenNotAddress},
		{"variables stay text", `{"IpAddress": {"aws:SourceIp": "${P:ip}"}}`, `{"aws:SourceIp": "203.0.113.7", "P:ip": "203.0.113.7"}`, false, 0},
	})
}

func TestARNOperators(t *testing.T) {
	t.Parallel()
	const value = `{"P:sub": "arn:aws:svc:eu-west-1:999988887777:a/b:111122223333:c/d"}`
	runConditions(t, v2012, []conditionCase{
		{"StringLike crosses parts", `{"StringLike": {"P:sub": "arn:aws:svc:*:111122223333:c/*"}}`, value, true, 0},
		{"ArnLike does not", `{"ArnLike": {"P:sub": "arn:aws:svc:*:111122223333:c/*"}}`, value, false, 0},
		{"the sixth part is the rest", `{"ArnLike": {"P:sub": "arn:aws:svc:*:999988887777:a/*/d"}}`, value, true, 0},
		{"? in a part", `{"ArnLike": {"P:sub": "arn:aws:svc:eu-west-?:9999*:*"}}`, value, true, 0},
		{"ArnEquals takes wildcards", `{"ArnEquals": {"P:sub": "arn:aws:svc:*:*:*"}}`, value, true, 0},
		{"case counts", `{"ArnLike": {"P:sub": "arn:aws:SVC:*:*:*"}}`, value, false, 0},
		{"negated, matching", `{"ArnNotEquals": {"P:sub": "arn:aws:svc:*:*:*"}}`, value, false, 0},
		{"negated, other", `{"ArnNotLike": {"P:sub": "arn:aws:other:*:*:*"}}`, value, true, 0},
		{"a pattern of few parts", `{"ArnLike": {"P:sub": "*"}}`, value, false, OpenNotARN},
		{"a pattern of few parts, negated", `{"ArnNotLike": {"P:sub": "arn:aws:s3"}}`, value, false, OpenNotARN},
		{"a value that is no ARN", `{"ArnLike": {"P:sub": "arn:aws:svc:*:*:*"}}`, `{"P:sub": "x"}`, false, OpenNotARN},
		{"a value that is no ARN, negated", `{"ArnNotEquals": {"P:sub": "arn:aws:svc:*:*:*"}}`, `{"P:sub": "x"}`, false, OpenNotARN},
		{
			"a variable", `{"ArnEquals": {"P:sub": "arn:aws:svc:eu-west-1:${P:acct}:*"}}`,
			`{"P:sub": "arn:aws:svc:eu-west-1:999988887777:a", "P:acct": "999988887777"}`, true, 0,
		},
		{"a variable for the whole", `{"ArnEquals": {"P:sub": "${P:x}"}}`, `{"P:sub": "arn:aws:svc:::a", "P:x": "arn:aws:svc:::a"}`, true, 0},
	})
}
