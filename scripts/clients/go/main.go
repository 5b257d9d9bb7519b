// The client of net/http, told by lines of JSON what to do; remote-speaker.ts says which.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"strings"
	"sync"
	"time"
)

type target struct {
	Port   int
	TLS    bool
	HTTP2  bool
	CAFile string
}

type command struct {
	ID       int
	Of       int
	Verb     string
	Path     string
	Body     *string
	NoLength bool
	Expect   bool
}

type answer struct {
	Status     int    `json:"status"`
	Protocol   string `json:"protocol"`
	Body       string `json:"body"`
	Connection string `json:"connection"`
	Continued  bool   `json:"continued"`
}

type reply struct {
	ID     int     `json:"id"`
	Error  string  `json:"error,omitempty"`
	Answer *answer `json:"answer,omitempty"`
	Line   *string `json:"line,omitempty"`
}

type stream struct {
	lines  *bufio.Reader
	body   io.Closer
	cancel context.CancelFunc
}

type speaker struct {
	client  *http.Client
	origin  string
	mutex   sync.Mutex
	streams map[int]*stream
}

// Hides how long it is.
type unknownLength struct{ io.Reader }

func main() {
	var to target
	must(json.Unmarshal([]byte(os.Args[1]), &to))
	speaker := newSpeaker(to)
	replies := json.NewEncoder(os.Stdout)
	var writing sync.Mutex
	commands := json.NewDecoder(os.Stdin)
	for {
		var next command
		err := commands.Decode(&next)
		if errors.Is(err, io.EOF) {
			speaker.client.CloseIdleConnections()
			return
		}
		must(err)
		go func() {
			done, err := speaker.run(next)
			done.ID = next.ID
			if err != nil {
				done.Error = err.Error()
			}
			writing.Lock()
			defer writing.Unlock()
			must(replies.Encode(done))
		}()
	}
}

func newSpeaker(to target) *speaker {
	pem, err := os.ReadFile(to.CAFile)
	must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!to.HTTP2)
	protocols.SetHTTP2(to.HTTP2 && to.TLS)
	protocols.SetUnencryptedHTTP2(to.HTTP2 && !to.TLS)
	scheme := "http"
	if to.TLS {
		scheme = "https"
	}
	return &speaker{
		client: &http.Client{Transport: &http.Transport{
			Protocols:             protocols,
			TLSClientConfig:       &tls.Config{RootCAs: roots},
			ExpectContinueTimeout: 10 * time.Second,
		}},
		origin:  fmt.Sprintf("%s://127.0.0.1:%d", scheme, to.Port),
		streams: map[int]*stream{},
	}
}

func (s *speaker) run(next command) (reply, error) {
	switch next.Verb {
	case "ask":
		answer, err := s.ask(next)
		return reply{Answer: answer}, err
	case "open":
		return reply{}, s.open(next)
	case "next":
		return s.next(s.stream(next.Of))
	case "cancel":
		s.stream(next.Of).cancel()
		return reply{}, s.stream(next.Of).body.Close()
	}
	return reply{}, fmt.Errorf("unknown verb %q", next.Verb)
}

func (s *speaker) ask(next command) (*answer, error) {
	got := &answer{}
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { got.Connection = info.Conn.LocalAddr().String() },
		Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
			got.Continued = got.Continued || code == http.StatusContinue
			return nil
		},
	})
	method := http.MethodGet
	var body io.Reader
	if next.Body != nil {
		method = http.MethodPost
		body = strings.NewReader(*next.Body)
	}
	if next.NoLength {
		body = unknownLength{body}
	}
	request, err := http.NewRequestWithContext(ctx, method, s.origin+next.Path, body)
	if err != nil {
		return nil, err
	}
	if next.Body != nil {
		request.Header.Set("content-type", "application/json")
	}
	if next.Expect {
		request.Header.Set("expect", "100-continue")
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	bytes, err := io.ReadAll(response.Body)
	got.Status = response.StatusCode
	got.Body = string(bytes)
	// As the other clients write it.
	got.Protocol = strings.Replace(response.Proto, "HTTP/2.0", "HTTP/2", 1)
	return got, err
}

func (s *speaker) open(next command) error {
	ctx, cancel := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.origin+next.Path, nil)
	if err != nil {
		cancel()
		return err
	}
	response, err := s.client.Do(request)
	if err != nil {
		cancel()
		return err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.streams[next.ID] = &stream{bufio.NewReader(response.Body), response.Body, cancel}
	return nil
}

func (s *speaker) next(from *stream) (reply, error) {
	line, err := from.lines.ReadString('\n')
	if errors.Is(err, io.EOF) && line == "" {
		return reply{}, nil
	}
	line = strings.TrimSuffix(line, "\n")
	return reply{Line: &line}, err
}

func (s *speaker) stream(id int) *stream {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.streams[id]
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
