// Client.Timeout is a total: a timer of 60 s that each read puts off
package main

import (
	"context"
	"io"
	"log"
	"net/http"
	"os"
	"time"
)

const silence = 60 * time.Second

// putOff is a body whose reads put off a timer.
type putOff struct {
	io.Reader
	timer *time.Timer
}

func (body putOff) Read(piece []byte) (int, error) {
	body.timer.Reset(silence)
	defer body.timer.Stop() // while the disk writes, nobody waits for the server
	return body.Reader.Read(piece)
}

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	timer := time.AfterFunc(silence, cancel)
	request, err := http.NewRequestWithContext(ctx, "GET", os.Args[1], nil)
	check(err)
	answer, err := http.DefaultClient.Do(request)
	check(err)
	if answer.StatusCode != http.StatusOK {
		log.Fatal(answer.Status)
	}
	out, err := os.Create(os.Args[2])
	check(err)
	_, err = io.Copy(out, putOff{answer.Body, timer})
	check(err)
	check(out.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
