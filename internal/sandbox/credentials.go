package sandbox

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Credentials are self-describing, so that every process on the same machine understands those
// that another one issued, without a list of them anywhere:
//
//	access key id   AKIA or ASIA, then base32 of the account number (5 bytes) and a check value (5 bytes)
//	secret key      derived from the access key id
//	session token   base64 of a JSON session and its check value
//
// The check value is keyed, so that a real access key that strays in here is not taken for a sandbox key.

const (
	adminUser        = "sandbox-admin" // whom an account's own access key belongs to
	longTermPrefix   = "AKIA"
	sessionPrefix    = "ASIA"
	checkBytes       = 5
	tokenCheckBytes  = 16
	accountNumberLen = 5
)

// session is what a session token carries.
type session struct {
	Account string `json:"a"`           // of the role
	Role    string `json:"r"`           // its name
	Path    string `json:"d"`           // the role's path
	RoleID  string `json:"i"`           // a role deleted and made anew under the same name is another role
	Name    string `json:"n"`           // RoleSessionName
	Policy  string `json:"p,omitempty"` // session policy, which narrows what the role may do
	Expires int64  `json:"e"`           // epoch seconds
	attributes
}

// principal is who acts with the session's credentials.
func (s session) principal() principal {
	return principal{Account: s.Account, Role: s.Role, Path: s.Path, RoleID: s.RoleID, Session: s.Name, Policy: s.Policy, attributes: s.attributes}
}

// AdminCredentials returns the access key of an account's administrator. The key is the
// same in every sandbox and of no use anywhere else.
func AdminCredentials(accountID string) aws.Credentials {
	id := newKeyID(longTermPrefix, accountID, "admin")
	return aws.Credentials{
		AccessKeyID:     id,
		SecretAccessKey: secretKey(id),
		Source:          "fcoidc sandbox",
		AccountID:       accountID,
	}
}

// issue returns the credentials of a session.
func issue(s session) aws.Credentials {
	payload, err := json.Marshal(s)
	if err != nil {
		panic("sandbox: a session of strings does not marshal: " + err.Error())
	}
	token := base64.StdEncoding.EncodeToString(append(payload, digest("token", string(payload))[:tokenCheckBytes]...))
	id := newKeyID(sessionPrefix, s.Account, token)
	return aws.Credentials{
		AccessKeyID:     id,
		SecretAccessKey: secretKey(id),
		SessionToken:    token,
		Source:          "fcoidc sandbox",
		CanExpire:       true,
		Expires:         time.Unix(s.Expires, 0).UTC(),
		AccountID:       s.Account,
	}
}

func newKeyID(prefix, accountID, subject string) string {
	number, _ := strconv.ParseUint(accountID, 10, 40) // an id that is no number belongs to no sandbox account and finds none
	raw := binary.BigEndian.AppendUint64(nil, number)[8-accountNumberLen:]
	raw = append(raw, digest("key", prefix, accountID, subject)[:checkBytes]...)
	return prefix + base32Text.EncodeToString(raw)
}

func secretKey(accessKeyID string) string {
	return base64.StdEncoding.EncodeToString(digest("secret", accessKeyID))[:40]
}

// keyAccount returns the account that a sandbox access key id belongs to.
func keyAccount(accessKeyID string) (account string, ok bool) {
	if len(accessKeyID) != 20 {
		return "", false
	}
	raw, err := base32Text.DecodeString(accessKeyID[4:])
	if err != nil {
		return "", false
	}
	number := binary.BigEndian.Uint64(append(make([]byte, 8-accountNumberLen, 8), raw[:accountNumberLen]...))
	account = strconv.FormatUint(number, 10)
	for len(account) < 12 {
		account = "0" + account
	}
	return account, true
}

// authenticate says who holds an access key and session token.
func authenticate(accessKeyID, token string, now time.Time) (principal, error) {
	invalid := invalidToken()
	account, ok := keyAccount(accessKeyID)
	if !ok {
		return principal{}, invalid
	}
	if token == "" {
		if accessKeyID != newKeyID(longTermPrefix, account, "admin") {
			return principal{}, invalid
		}
		return principal{Account: account}, nil
	}
	s, ok := readToken(token)
	if !ok || accessKeyID != newKeyID(sessionPrefix, s.Account, token) {
		return principal{}, invalid
	}
	if now.Unix() >= s.Expires {
		return principal{}, refuse(http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired")
	}
	return s.principal(), nil
}

func readToken(token string) (session, bool) {
	raw, err := base64.StdEncoding.DecodeString(token)
	if err != nil || len(raw) <= tokenCheckBytes {
		return session{}, false
	}
	payload, check := raw[:len(raw)-tokenCheckBytes], raw[len(raw)-tokenCheckBytes:]
	if !hmac.Equal(check, digest("token", string(payload))[:tokenCheckBytes]) {
		return session{}, false
	}
	var s session
	if err := json.Unmarshal(payload, &s); err != nil {
		return session{}, false
	}
	return s, true
}
