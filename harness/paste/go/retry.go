// no setting: a loop that begins anew, and looks at the status
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand"
	"net/http"
	"os"
	"strconv"
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

// attempt also says how long the server wants to be left alone, in seconds.
func attempt(url, file string) (after int, again bool, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	timer := time.AfterFunc(silence, cancel)
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return 0, false, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, true, err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case 200:
	case 408, 425, 429, 500, 502, 503, 504:
		after, _ = strconv.Atoi(answer.Header.Get("Retry-After"))
		return after, true, fmt.Errorf("%s", answer.Status)
	default:
		return 0, false, fmt.Errorf("%s", answer.Status)
	}
	out, err := os.Create(file)
	if err != nil {
		return 0, false, err
	}
	defer out.Close()
	if _, err := io.Copy(out, putOff{answer.Body, timer}); err != nil {
		return 0, true, err
	}
	return 0, false, out.Close()
}

func main() {
	for failed := 0; ; failed++ {
		after, again, err := attempt(os.Args[1], os.Args[2])
		if err == nil {
			return
		}
		if !again || failed == 5 {
			log.Fatal(err)
		}
		pause := rand.Float64() * math.Min(30, float64(int(1)<<failed))
		if after > 0 {
			pause = math.Min(120, float64(after))
		}
		time.Sleep(time.Duration(pause * float64(time.Second)))
	}
}
