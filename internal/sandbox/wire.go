package sandbox

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
)

// answer is a finished HTTP response.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// members is a list of the query protocol. It writes <Name></Name> when empty, as AWS does;
// botocore leaves a list that is missing out of its answer altogether.
type members[T any] struct {
	Member []T `xml:"member"`
}

func listOf[T any](items []T) members[T] { return members[T]{items} }

// success encodes a result.
func (c *call) success(result any) (*answer, error) {
	if c.service.protocol != queryProtocol {
		if result == nil {
			result = struct{}{}
		}
		body, err := json.Marshal(result)
		if err != nil {
			return nil, err
		}
		return c.answer(http.StatusOK, c.service.protocol.contentType(), body), nil
	}
	var b bytes.Buffer
	b.WriteString(`<` + c.action + `Response xmlns="` + c.service.namespace + `">`)
	if result != nil {
		e := xml.NewEncoder(&b)
		if err := e.EncodeElement(result, xml.StartElement{Name: xml.Name{Local: c.action + "Result"}}); err != nil {
			return nil, err
		}
		if err := e.Close(); err != nil {
			return nil, err
		}
	}
	b.WriteString(`<ResponseMetadata><RequestId>` + c.id + `</RequestId></ResponseMetadata></` + c.action + `Response>`)
	return c.answer(http.StatusOK, "text/xml", b.Bytes()), nil
}

// contentType of the JSON protocols.
func (p protocol) contentType() string {
	if p == restProtocol {
		return "application/json"
	}
	return "application/x-amz-json-1.1"
}

// jsonCodes are the codes that services of the JSON protocol use for what all services refuse.
// They come with status 400, but from a REST service with the one that they have.
var jsonCodes = map[string]string{
	"AccessDenied":               "AccessDeniedException",
	"ExpiredToken":               "ExpiredTokenException",
	"InvalidClientTokenId":       "UnrecognizedClientException",
	"MissingAuthenticationToken": "MissingAuthenticationTokenException",
	"ValidationError":            "ValidationException",
}

// failure encodes an error. A request whose service is unknown is answered as the query protocol does,
// unless it came with an X-Amz-Target.
func (c *call) failure(e *apiError) *answer {
	if c.service != nil && c.service.protocol != queryProtocol || c.service == nil && c.form == nil {
		kind, member := jsonProtocol, "Message"
		if c.service != nil && c.service.protocol == restProtocol {
			kind, member = restProtocol, "message"
		}
		if code, ok := jsonCodes[e.Code]; ok {
			status := http.StatusBadRequest
			if kind == restProtocol {
				status = e.Status
			}
			e = refuse(status, code, "%s", e.Message)
		}
		body, _ := json.Marshal(map[string]string{"__type": e.Code, member: e.Message}) // two strings always marshal
		a := c.answer(e.Status, kind.contentType(), body)
		a.header.Set("X-Amzn-Errortype", e.Code)
		return a
	}
	namespace := "https://fcoidc.invalid/sandbox"
	if c.service != nil {
		namespace = c.service.namespace
	}
	var b bytes.Buffer
	b.WriteString(`<ErrorResponse xmlns="` + namespace + `"><Error><Type>` + e.fault() + `</Type><Code>`)
	_ = xml.EscapeText(&b, []byte(e.Code)) // a bytes.Buffer accepts every write
	b.WriteString(`</Code><Message>`)
	_ = xml.EscapeText(&b, []byte(e.Message))
	b.WriteString(`</Message></Error><RequestId>` + c.id + `</RequestId></ErrorResponse>`)
	return c.answer(e.Status, "text/xml", b.Bytes())
}

func (c *call) answer(status int, contentType string, body []byte) *answer {
	return &answer{
		status: status,
		header: http.Header{
			"Content-Type":     {contentType},
			"X-Amzn-Requestid": {c.id},
		},
		body: body,
	}
}
