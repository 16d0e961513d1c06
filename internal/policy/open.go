package policy

import (
	"math/bits"
	"strings"
)

// OpenRules is a set of readings: rules that AWS does not document, or documents in
// two ways, and that this package had to choose. An outcome that rests on one may be
// different on AWS, and whoever reports it should say so.
type OpenRules uint32

// The readings.
const (
	OpenPrincipalCase        OpenRules = 1 << iota // a provider ARN that differs only in letter case does not match
	OpenPrincipalWildcard                          // "*" and {"Federated": "*"} do not name a web identity; nor does a Deny for {"AWS": "*"} or the account
	OpenEmptyOperator                              // an operator with an empty map adds no condition
	OpenNull                                       // Null: an empty string is present, any of several values may match, a set operator changes nothing
	OpenEmptyValues                                // an empty list of values: positive false, negated true
	OpenKeyCase                                    // keys of one operator that differ in case only are two conditions
	OpenOperatorCase                               // an operator's name in another letter case is that operator
	OpenManyValues                                 // several request values without a set operator never match, negated or not
	OpenAnyValueIfExists                           // ForAnyValue:…IfExists on a missing key is false
	OpenLowerCase                                  // letter case beyond ASCII is ignored by simple lower case
	OpenSubstitutedWildcard                        // * and ? in the text of a variable are plain characters
	OpenNullVariable                               // a variable whose key is empty or has several values has no value
	OpenBoolVariable                               // variables are replaced in Bool conditions
	OpenNegatedNotComparable                       // NumericNotEquals and DateNotEquals are false for what is no number or date
	OpenNumberNotation                             // 1e3, +5 and .5 are no numbers
	OpenDateNotation                               // a time without zone is UTC, four digits alone are an epoch
	OpenBoolSpelling                               // True and TRUE are true
	OpenBinaryText                                 // BinaryEquals compares with the UTF-8 bytes of a text
	OpenAddressNotation                            // a bare IPv6 address is /128, host bits of a block are masked off
	OpenNotAddress                                 // text that is no address is neither in nor outside a block
	OpenNotARN                                     // text that is no ARN, or a pattern that is none, matches neither way
)

var openRuleTexts = [...]string{
	"a provider ARN that differs only in letter case is taken not to match",
	"a wildcard or account principal is taken not to name a web identity",
	"an operator with an empty map is taken to add no condition",
	"Null is taken to count an empty string as present, to accept any of several values and to ignore set operators",
	"an empty list of values is taken to match nothing",
	"keys that differ only in letter case are taken as separate conditions",
	"an operator's name is taken to ignore letter case",
	"a key with several values is taken never to match without a set operator",
	"ForAnyValue with IfExists is taken to be false for a missing key",
	"letter case beyond ASCII is taken to be ignored by simple lower case",
	"wildcards in the text of a policy variable are taken as plain characters",
	"a policy variable whose key is empty or has several values is taken to have no value",
	"policy variables are taken to work in Bool conditions",
	"a negated comparison with what is no number or date is taken to be false",
	"exponents, a plus sign and a missing leading zero are taken not to be numbers",
	"a time without zone is taken as UTC, four digits alone as epoch seconds",
	"a boolean is taken to ignore letter case",
	"a binary comparison is taken to use the UTF-8 bytes of a text",
	"a bare IPv6 address is taken as /128, and host bits of a block are masked off",
	"text that is no IP address is taken to be neither inside nor outside a block",
	"text that is no ARN, or a pattern that is none, is taken to match neither way",
}

// List returns the readings one by one, in the order of their declaration.
func (o OpenRules) List() []OpenRules {
	var list []OpenRules
	for rest := o; rest != 0; rest &= rest - 1 {
		list = append(list, rest&-rest)
	}
	return list
}

// String says what was taken how; several readings are joined by "; ".
func (o OpenRules) String() string {
	var texts []string
	for _, rule := range o.List() {
		if n := bits.TrailingZeros32(uint32(rule)); n < len(openRuleTexts) {
			texts = append(texts, openRuleTexts[n])
		}
	}
	return strings.Join(texts, "; ")
}
