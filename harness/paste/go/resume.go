// no setting: a loop with Range and If-Range; compare, then rename
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

const silence = 60 * time.Second

var (
	final = errors.New("no further attempt helps")
	url   = os.Args[1]
	size  int64       // of the file so far
	total int64  = -1 // of the object
	tag   string      // of the object, if it is a strong one
	after int         // seconds that the server wants to be left alone
	out   *os.File
)

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

// attempt adds what one answer brings; true if that is all.
func attempt() (bool, error) {
	have := size
	if tag == "" { // nothing says that the rest is of the same object
		have = 0
	}
	if have > 0 && have == total {
		return true, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	timer := time.AfterFunc(silence, cancel)
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return false, fmt.Errorf("%w: %v", final, err)
	}
	request.Header.Set("Accept-Encoding", "identity") // a range is one of the coded bytes
	if have > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		request.Header.Set("If-Range", tag)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	said := answer.Header.Get("Content-Range")
	switch {
	case have > 0 && answer.StatusCode == 416 && said == fmt.Sprintf("bytes */%d", have):
		return true, nil
	case have > 0 && answer.StatusCode == 206:
		_, text, _ := strings.Cut(said, "/")
		all, err := strconv.ParseInt(text, 10, 64)
		if text == "*" {
			all, err = total, nil
		}
		begins := strings.HasPrefix(said, fmt.Sprintf("bytes %d-", have))
		same := answer.Header.Get("ETag") == tag && (total < 0 || all == total)
		if err != nil || !begins || !same {
			tag = ""
			return false, fmt.Errorf("another range: %s", said)
		}
		total = all
	case answer.StatusCode == 200:
		if _, err := out.Seek(0, io.SeekStart); err != nil {
			return false, fmt.Errorf("%w: %v", final, err)
		}
		if err := out.Truncate(0); err != nil {
			return false, fmt.Errorf("%w: %v", final, err)
		}
		size, total, tag = 0, answer.ContentLength, answer.Header.Get("ETag")
		if !strings.HasPrefix(tag, `"`) {
			tag = ""
		}
		// A chunked body and a stream of HTTP/2 tell their end.
		if total < 0 && answer.TransferEncoding == nil && answer.ProtoMajor == 1 {
			return false, fmt.Errorf("%w: no length says that the file is whole", final)
		}
	case answer.StatusCode == 416:
		tag = ""
		return false, errors.New(answer.Status)
	case strings.Contains("408 425 429 500 502 503 504", answer.Status[:3]):
		after, _ = strconv.Atoi(answer.Header.Get("Retry-After"))
		return false, errors.New(answer.Status)
	default:
		return false, fmt.Errorf("%w: %s", final, answer.Status)
	}
	came, err := io.Copy(out, putOff{answer.Body, timer})
	size += came
	if disk := new(os.PathError); errors.As(err, &disk) {
		return false, fmt.Errorf("%w: %v", final, err)
	}
	if err != nil {
		return false, err
	}
	if total < 0 {
		return answer.StatusCode == 200, nil // the last chunk has come
	}
	if size > total {
		tag = ""
	}
	return size == total, nil
}

func main() {
	part := os.Args[2] + ".part"
	var err error
	if out, err = os.Create(part); err != nil {
		log.Fatal(err)
	}
	var most int64
	for failed := 0; ; {
		after = 0
		whole, err := attempt()
		if whole {
			break
		}
		pause := 0.0
		if err != nil {
			pause = rand.Float64() * math.Min(30, float64(int(1)<<failed))
		}
		if after > 0 {
			pause = math.Min(120, float64(after))
		}
		failed++
		if size > most { // who gets any further may go on
			failed, most = 0, size
		}
		if errors.Is(err, final) || failed > 5 {
			log.Fatalf("not whole: %v", err)
		}
		time.Sleep(time.Duration(pause * float64(time.Second)))
	}
	if err := out.Close(); err != nil {
		log.Fatal(err)
	}
	if err := os.Rename(part, os.Args[2]); err != nil {
		log.Fatal(err)
	}
}
