package sandbox

import (
	"fmt"
	"net/http"
)

// apiError is an answer that refuses: what an AWS client sees as a service error.
type apiError struct {
	Status  int    // HTTP status
	Code    string // AWS's error code, such as EntityAlreadyExists
	Message string
}

func (e *apiError) Error() string { return e.Code + ": " + e.Message }

// fault says whose fault the query protocol calls it.
func (e *apiError) fault() string {
	if e.Status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

func refuse(status int, code, format string, args ...any) *apiError {
	return &apiError{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

func noSuchEntity(format string, args ...any) *apiError {
	return refuse(http.StatusNotFound, "NoSuchEntity", format, args...)
}

func alreadyExists(format string, args ...any) *apiError {
	return refuse(http.StatusConflict, "EntityAlreadyExists", format, args...)
}

func deleteConflict(message string) *apiError {
	return refuse(http.StatusConflict, "DeleteConflict", "%s", message)
}

func limitExceeded(format string, args ...any) *apiError {
	return refuse(http.StatusConflict, "LimitExceeded", format, args...)
}

func malformedPolicy(format string, args ...any) *apiError {
	return refuse(http.StatusBadRequest, "MalformedPolicyDocument", format, args...)
}

func invalidInput(format string, args ...any) *apiError {
	return refuse(http.StatusBadRequest, "InvalidInput", format, args...)
}

func validationError(format string, args ...any) *apiError {
	return refuse(http.StatusBadRequest, "ValidationError", format, args...)
}

func accessDenied(format string, args ...any) *apiError {
	return refuse(http.StatusForbidden, "AccessDenied", format, args...)
}

// notImitated is the answer to everything this package does not do.
func notImitated(service, action string) *apiError {
	return refuse(http.StatusNotImplemented, "NotImplemented",
		"the sandbox does not imitate %s:%s; see docs/sandbox.md", service, action)
}

// missing is AWS's text for a required parameter that was not given.
func missing(parameter string) *apiError {
	return validationError("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", parameter)
}

// invalidToken is the answer to credentials that name nobody.
func invalidToken() *apiError {
	return refuse(http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid.")
}
