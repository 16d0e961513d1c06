package sandbox

import (
	"encoding/json"
	"strings"
	"time"
)

// trailRecord is an event as CloudTrail writes it into CloudTrailEvent (CloudTrail User Guide,
// "CloudTrail record contents"; IAM User Guide, "Example AWS STS API event in CloudTrail log file").
type trailRecord struct {
	EventVersion        string           `json:"eventVersion"`
	UserIdentity        trailIdentity    `json:"userIdentity"`
	EventTime           string           `json:"eventTime"`
	EventSource         string           `json:"eventSource"`
	EventName           string           `json:"eventName"`
	AWSRegion           string           `json:"awsRegion"`
	SourceIPAddress     string           `json:"sourceIPAddress"`
	UserAgent           string           `json:"userAgent"`
	ErrorCode           string           `json:"errorCode,omitempty"`
	ErrorMessage        string           `json:"errorMessage,omitempty"`
	RequestParameters   trailRequest     `json:"requestParameters"`
	ResponseElements    *trailResponse   `json:"responseElements"`
	AdditionalEventData trailExtra       `json:"additionalEventData"`
	RequestID           string           `json:"requestID"`
	EventID             string           `json:"eventID"`
	ReadOnly            bool             `json:"readOnly"`
	Resources           []trailRecordARN `json:"resources,omitempty"`
	EventType           string           `json:"eventType"`
	ManagementEvent     bool             `json:"managementEvent"`
	RecipientAccountID  string           `json:"recipientAccountId"`
	EventCategory       string           `json:"eventCategory"`
	TLSDetails          trailTLS         `json:"tlsDetails"`
}

type trailIdentity struct {
	Type             string `json:"type"`
	PrincipalID      string `json:"principalId,omitempty"`
	UserName         string `json:"userName,omitempty"`
	IdentityProvider string `json:"identityProvider,omitempty"`
}

type trailRequest struct {
	PrincipalTags     map[string]string `json:"principalTags,omitempty"`
	TransitiveTagKeys []string          `json:"transitiveTagKeys,omitempty"`
	SourceIdentity    string            `json:"sourceIdentity,omitempty"`
	DurationSeconds   int               `json:"durationSeconds,omitempty"`
	RoleARN           string            `json:"roleArn"`
	RoleSessionName   string            `json:"roleSessionName"`
}

type trailResponse struct {
	Subject     string           `json:"subjectFromWebIdentityToken"`
	Provider    string           `json:"provider"`
	Audience    string           `json:"audience"`
	Credentials trailCredentials `json:"credentials"`
	AssumedRole trailAssumedRole `json:"assumedRoleUser"`
}

// trailCredentials lacks the session token, which AWS logs: it opens the session.
type trailCredentials struct {
	AccessKeyID string `json:"accessKeyId"`
	Expiration  string `json:"expiration"`
}

type trailAssumedRole struct {
	ID  string `json:"assumedRoleId"`
	ARN string `json:"arn"`
}

type trailExtra struct {
	VerificationMethod  string               `json:"identityProviderConnectionVerificationMethod,omitempty"`
	RequestDetails      *trailRequestDetails `json:"RequestDetails,omitempty"`
	RoleAuthorizedByIdp bool                 `json:"RoleAuthorizedByIdp,omitempty"`
}

type trailRequestDetails struct {
	ServingRegion string `json:"awsServingRegion"`
	EndpointType  string `json:"endpointType"`
}

type trailRecordARN struct {
	AccountID string `json:"accountId"`
	Type      string `json:"type"`
	ARN       string `json:"ARN"`
}

type trailTLS struct {
	Version string `json:"tlsVersion"`
	Host    string `json:"clientProvidedHostHeader"`
}

// record is the event of a call in an account.
func (w *webIdentityCall) record(account string) trailRecord {
	endpoint, host := "regional", "sts."+w.Region+".amazonaws.com"
	if w.Global {
		endpoint, host = "global", "sts.amazonaws.com"
	}
	r := trailRecord{
		EventVersion: "1.08", EventTime: instant(w.At), EventSource: trailSource, EventName: trailEventName, AWSRegion: w.Region,
		UserIdentity:    trailIdentity{Type: "WebIdentityUser", UserName: w.Subject, IdentityProvider: w.Provider},
		SourceIPAddress: either(w.SourceIP, "127.0.0.1"), UserAgent: w.UserAgent,
		ErrorCode: w.Code, ErrorMessage: w.Message,
		RequestParameters: trailRequest{
			PrincipalTags: w.Tags, TransitiveTagKeys: w.TransitiveTags, SourceIdentity: w.SourceIdentity,
			DurationSeconds: w.Duration, RoleARN: w.RoleARN, RoleSessionName: w.SessionName,
		},
		AdditionalEventData: trailExtra{
			RequestDetails: &trailRequestDetails{w.Region, endpoint}, RoleAuthorizedByIdp: w.RoleAsserted,
		},
		RequestID: w.RequestID, EventID: w.ID, ReadOnly: true, EventType: "AwsApiCall", ManagementEvent: true,
		RecipientAccountID: account, EventCategory: "Management", TLSDetails: trailTLS{"TLSv1.3", host},
	}
	if w.Provider != "" {
		r.UserIdentity.PrincipalID = w.Provider + ":" + w.Audience + ":" + w.Subject
		r.AdditionalEventData.VerificationMethod = "IAMTrustStore"
	}
	if w.Code == "" {
		r.ResponseElements = w.response()
		r.Resources = []trailRecordARN{{account, "AWS::IAM::Role", w.RoleARN}}
	}
	return r
}

func (w *webIdentityCall) response() *trailResponse {
	account, name, _ := splitRoleARN(w.RoleARN) // STS granted it, so it is one
	p := principal{Account: account, Role: name, RoleID: w.RoleID, Session: w.SessionName}
	return &trailResponse{
		Subject: w.Subject, Provider: w.Provider, Audience: w.Audience,
		Credentials: trailCredentials{w.AccessKeyID, w.Expires.UTC().Format("Jan 2, 2006, 3:04:05 PM")},
		AssumedRole: trailAssumedRole{p.userID(), p.arn(strings.Split(w.RoleARN, ":")[1])},
	}
}

// trailEvent is an event in the answer of LookupEvents.
type trailEvent struct {
	EventID         string `json:"EventId"`
	EventName       string
	ReadOnly        string
	AccessKeyID     string `json:"AccessKeyId,omitempty"`
	EventTime       int64
	EventSource     string
	Username        string `json:",omitempty"`
	Resources       []trailResource
	CloudTrailEvent string
}

type trailResource struct{ ResourceType, ResourceName string }

func (w *webIdentityCall) event(account string) (trailEvent, error) {
	text, err := json.Marshal(w.record(account))
	if err != nil {
		return trailEvent{}, err
	}
	e := trailEvent{
		EventID: w.ID, EventName: trailEventName, ReadOnly: "true", AccessKeyID: w.AccessKeyID, EventTime: epoch(w.At),
		EventSource: trailSource, Username: w.Subject, CloudTrailEvent: string(text), Resources: []trailResource{},
	}
	if w.Code == "" {
		r := w.response()
		e.Resources = []trailResource{
			{"AWS::IAM::AccessKey", w.AccessKeyID},
			{"AWS::STS::AssumedRole", r.AssumedRole.ID},
			{"AWS::STS::AssumedRole", r.AssumedRole.ARN},
			{"AWS::IAM::Role", w.RoleARN},
		}
	}
	return e, nil
}

const (
	trailSource    = "sts.amazonaws.com"
	trailEventName = "AssumeRoleWithWebIdentity"

	// trailKept is how far back the event history reaches (CloudTrail User Guide, "Working with
	// CloudTrail event history").
	trailKept = 90 * 24 * time.Hour
)
