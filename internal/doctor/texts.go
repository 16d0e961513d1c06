package doctor

import "strings"

// firstText returns the index of the first of texts that a message holds, len(texts) if it holds
// none. It reads the message once, not once for each text.
func firstText(message string) int {
	first := len(texts)
	for at := range len(message) {
		for _, i := range textsByByte[message[at]] {
			if i >= first {
				break
			}
			if strings.HasPrefix(message[at:], texts[i].part) {
				first = i
			}
		}
	}
	return first
}

// textsByByte are the indexes of texts, in order, by the byte that they begin with.
var textsByByte = func() (index [256][]int) {
	for i, t := range texts {
		index[t.part[0]] = append(index[t.part[0]], i)
	}
	return index
}()
