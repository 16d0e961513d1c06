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
	if c.service.protocol == jsonProtocol {
		if result == nil {
			result = struct{}{}
		}
		body, err := json.Marshal(result)
		if err != nil {
			return nil, err
		}
		return c.answer(http.StatusOK, "application/x-amz-json-1.1", body), nil
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

// jsonCodes are the codes that services of the JSON protocol use for what all services refuse.
// They come with status 400.
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
	if c.service != nil && c.service.protocol == jsonProtocol || c.service == nil && c.form == nil {
		if code, ok := jsonCodes[e.Code]; ok {
			e = refuse(http.StatusBadRequest, code, "%s", e.Message)
		}
		body, _ := json.Marshal(map[string]string{"__type": e.Code, "Message": e.Message}) // two strings always marshal
		a := c.answer(e.Status, "application/x-amz-json-1.1", body)
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
