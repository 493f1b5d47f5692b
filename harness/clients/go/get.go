// Go's net/http: each URL into its FILE, as its documentation shows it.
package main

import (
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	for at := 1; at+1 < len(os.Args); at += 2 {
		get(os.Args[at], os.Args[at+1])
	}
}

func get(url, file string) {
	response, err := http.Get(url)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		log.Fatal(response.Status)
	}
	out, err := os.Create(file)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := io.Copy(out, response.Body); err != nil {
		log.Fatal(err)
	}
	if err := out.Close(); err != nil {
		log.Fatal(err)
	}
}
