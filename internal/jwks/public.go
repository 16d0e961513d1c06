package jwks

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
)

const (
	// minRSABits is the least that RFC 7518 §3.3 allows; what AWS makes of less is not known.
	minRSABits = 2048
	// leastRSABits is where crypto/rsa stops verifying.
	leastRSABits = 1024
	// maxRSABits keeps a hostile set from costing minutes: the work grows with the cube.
	maxRSABits = 16384
)

// curveNamed returns the curves of the algorithms that AWS takes, nil for others (RFC 7518 §6.2.1.1).
func curveNamed(name string) elliptic.Curve {
	switch name {
	case "P-256":
		return elliptic.P256()
	case "P-384":
		return elliptic.P384()
	case "P-521":
		return elliptic.P521()
	default:
		return nil
	}
}

// publicKey reads a key's numbers. The problem is "" if they are in order.
func publicKey(m members, k *Key) (key crypto.PublicKey, bits int, problem string) {
	switch k.Kty {
	case typeRSA:
		return rsaKey(m, k)
	case typeEC:
		return ecKey(m, k)
	case "":
		return nil, 0, `has no "kty" (RFC 7517 §4.1)`
	case "oct":
		return nil, 0, "is a symmetric key, with which whoever reads it can sign; AWS takes RSA and EC keys only"
	default:
		return nil, 0, fmt.Sprintf("is of type %q; AWS takes RSA and EC keys only", k.Kty)
	}
}

func rsaKey(m members, k *Key) (crypto.PublicKey, int, string) {
	if _, certificates := m["x5c"]; certificates && m["n"] == nil {
		return nil, 0, `has a certificate in "x5c" but no "n" and "e"; AWS does not read keys from certificates`
	}
	modulus, problem := number(m, "n", k)
	if problem != "" {
		return nil, 0, problem
	}
	exponent, problem := number(m, "e", k)
	if problem != "" {
		return nil, 0, problem
	}
	n, e := new(big.Int).SetBytes(modulus), new(big.Int).SetBytes(exponent)
	bits := n.BitLen()
	switch {
	case bits > maxRSABits:
		return nil, bits, fmt.Sprintf("has a modulus of %d bits; at most %d are verified with", bits, maxRSABits)
	case bits < leastRSABits || n.Bit(0) == 0:
		return nil, bits, fmt.Sprintf(`has an "n" of %d bits that is no RSA modulus to verify with`, bits)
	case e.BitLen() > 31 || e.Int64() < 3 || e.Bit(0) == 0:
		return nil, bits, `has an "e" that is no RSA exponent (odd, 3 to 2147483647)`
	case bits < minRSABits:
		k.note("has %d bits; RFC 7518 §3.3 demands at least %d", bits, minRSABits)
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, bits, ""
}

func ecKey(m members, k *Key) (crypto.PublicKey, int, string) {
	curve := curveNamed(k.Crv)
	if curve == nil {
		return nil, 0, fmt.Sprintf("is on the curve %q; AWS takes P-256, P-384 and P-521 only", k.Crv)
	}
	bits := curve.Params().BitSize
	size := (bits + 7) / 8
	point := make([]byte, 1+2*size)
	point[0] = 4 // uncompressed (SEC 1 §2.3.3)
	for i, name := range []string{"x", "y"} {
		coordinate, problem := number(m, name, k)
		if problem != "" {
			return nil, bits, problem
		}
		if len(coordinate) > size {
			return nil, bits, fmt.Sprintf("has an %q of %d bytes; a coordinate on %s has %d", name, len(coordinate), k.Crv, size)
		}
		if len(coordinate) < size {
			k.note("has an %q of %d bytes where RFC 7518 §6.2.1 demands %d; strict verifiers refuse it", name, len(coordinate), size)
		}
		copy(point[1+(i+1)*size-len(coordinate):], coordinate)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, bits, "has an \"x\" and \"y\" that are no point on " + k.Crv
	}
	return key, bits, ""
}

// number reads a member that holds a big-endian number in base64url (RFC 7518 §2).
func number(m members, name string, k *Key) (value []byte, problem string) {
	s, ok := m.text(name)
	switch {
	case m[name] == nil:
		return nil, fmt.Sprintf("has no %q (RFC 7518 §6)", name)
	case !ok:
		return nil, fmt.Sprintf("has an %q that is no string", name)
	case s == "":
		return nil, fmt.Sprintf("has an empty %q", name)
	case strings.ContainsAny(s, "+/"):
		return nil, fmt.Sprintf("has an %q in standard base64; base64url writes - and _ for + and / (RFC 7515 §2)", name)
	case strings.ContainsAny(s, "\r\n"): // which the decoder would pass over
		return nil, fmt.Sprintf("has an %q with line ends inside", name)
	}
	digits := strings.TrimRight(s, "=")
	if len(digits) < len(s) {
		k.note("has an %q padded with =, which RFC 7515 §2 forbids; strict verifiers refuse it", name)
	}
	value, err := base64.RawURLEncoding.DecodeString(digits)
	if err != nil || len(value) == 0 {
		return nil, fmt.Sprintf("has an %q that is not base64url", name)
	}
	if value[0] == 0 && k.Kty == typeRSA {
		k.note("has an %q with a leading zero byte, which RFC 7518 §2 forbids", name)
		value = bytes.TrimLeft(value, "\x00")
	}
	return value, ""
}

// certificates returns "x5c" decoded: standard base64 of DER (RFC 7517 §4.7).
func certificates(raw json.RawMessage) ([][]byte, bool) {
	var texts []string
	if json.Unmarshal(raw, &texts) != nil || len(texts) == 0 {
		return nil, false
	}
	ders := make([][]byte, len(texts))
	for i, text := range texts {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, false
		}
		ders[i] = der
	}
	return ders, true
}
