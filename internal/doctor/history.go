package doctor

import "time"

// History is what CloudTrail tells of refused exchanges.
type History struct {
	Since   time.Time     `json:"since"`
	Regions []string      `json:"regions"` // that were asked
	Stopped string        `json:"stopped,omitempty"`
	Refused []RefusedCall `json:"refused,omitempty"` // newest first
}

// RefusedCall is one refused AssumeRoleWithWebIdentity call, as far as its event tells. CloudTrail
// shows neither the phase nor the organization of the token. Empty fields are not in the event.
type RefusedCall struct {
	At       time.Time `json:"at"`
	Region   string    `json:"region"`
	RoleARN  string    `json:"role_arn,omitempty"`
	Session  string    `json:"session_name,omitempty"`
	Provider string    `json:"provider,omitempty"`
	Subject  string    `json:"subject,omitempty"`
	Audience string    `json:"audience,omitempty"`
	Code     string    `json:"error_code"`
	Message  string    `json:"error_message,omitempty"`
	Duration int       `json:"duration_seconds,omitempty"`
}
