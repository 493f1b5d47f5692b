// no setting: a context, and the bytes of each 30 s counted
package main

import (
	"context"
	"io"
	"log"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

var came atomic.Int64

type counted struct{ io.Reader }

func (body counted) Read(piece []byte) (int, error) {
	read, err := body.Reader.Read(piece)
	came.Add(int64(read))
	return read, err
}

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for range time.Tick(30 * time.Second) {
			if came.Swap(0) < 10*30 {
				cancel()
			}
		}
	}()
	request, err := http.NewRequestWithContext(ctx, "GET", os.Args[1], nil)
	check(err)
	answer, err := http.DefaultClient.Do(request)
	check(err)
	if answer.StatusCode != http.StatusOK {
		log.Fatal(answer.Status)
	}
	out, err := os.Create(os.Args[2])
	check(err)
	_, err = io.Copy(out, counted{answer.Body})
	check(err)
	check(out.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
