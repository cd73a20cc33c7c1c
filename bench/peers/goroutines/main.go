// A goroutine for every shout: the peer that Reverb is measured against.
//
// After the idea of the book's section 8.3 (reverb2, with its exercise 8.4: what is pending when
// the client half-closes is still sent), and on the wire as Reverb's echoes: TAB, SPACE, text, LF.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"time"
)

const longestLine = 65_536

func main() {
	address := flag.String("address", "127.0.0.1:8000", "where to listen")
	delay := flag.Float64("delay", 1, "seconds between the echoes of a shout")
	plain := flag.Bool("plain", false, "every byte comes back untouched")
	flag.Parse()
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Print(err)
			continue
		}
		if *plain {
			go copyBack(conn.(*net.TCPConn))
		} else {
			go reverberate(conn.(*net.TCPConn), time.Duration(*delay*float64(time.Second)))
		}
	}
}

func copyBack(conn *net.TCPConn) {
	defer conn.Close()
	io.Copy(conn, conn)
	conn.CloseWrite()
}

func reverberate(conn *net.TCPConn, delay time.Duration) {
	defer conn.Close()
	var pending sync.WaitGroup
	input := bufio.NewScanner(conn)
	input.Buffer(nil, longestLine)
	for input.Scan() {
		pending.Add(1)
		go func(shout string) {
			defer pending.Done()
			fmt.Fprintln(conn, "\t", strings.ToUpper(shout))
			time.Sleep(delay)
			fmt.Fprintln(conn, "\t", shout)
			time.Sleep(delay)
			fmt.Fprintln(conn, "\t", strings.ToLower(shout))
		}(input.Text())
	}
	pending.Wait()
	conn.CloseWrite()
}
