// no setting: refuse an answer without a length, compare, then rename
package main

import (
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	url, file := os.Args[1], os.Args[2]
	request, err := http.NewRequest("GET", url, nil)
	check(err)
	request.Header.Set("Accept-Encoding", "identity") // a coded body has another length
	answer, err := http.DefaultClient.Do(request)
	check(err)
	if answer.StatusCode != http.StatusOK {
		log.Fatal(answer.Status)
	}
	// A chunked body and a stream of HTTP/2 tell their end.
	if answer.ContentLength < 0 && answer.TransferEncoding == nil && answer.ProtoMajor == 1 {
		log.Fatal("no length: nothing would say that the file is whole")
	}
	out, err := os.Create(file + ".part")
	check(err)
	size, err := io.Copy(out, answer.Body)
	check(err)
	if answer.ContentLength >= 0 && size != answer.ContentLength {
		log.Fatalf("%d of %d bytes", size, answer.ContentLength)
	}
	check(out.Close())
	check(os.Rename(file+".part", file))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
