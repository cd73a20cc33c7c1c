// The servers of the book's section 8.3, faults and all, one for each mode.
//
//	echo      io.Copy: every byte comes back
//	reverb1   one shout of a client at a time
//	reverb2   a goroutine for every shout; pending echoes are lost at the end of input
//	ex8_4     reverb2 with its exercise 8.4: the last echo closes the connection
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

var delay = flag.Duration("delay", time.Second, "time between two echoes of a shout")

func main() {
	mode := flag.String("mode", "reverb2", "echo, reverb1, reverb2 or ex8_4")
	address := flag.String("address", "localhost:8000", "where to listen")
	flag.Parse()
	handlers := map[string]func(net.Conn){
		"echo": copyBack, "reverb1": reverb1, "reverb2": reverb2, "ex8_4": ex84,
	}
	handle, known := handlers[*mode]
	if !known {
		log.Fatalf("mode %q is unknown", *mode)
	}
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
		go handle(conn)
	}
}

func echo(conn net.Conn, shout string) {
	fmt.Fprintln(conn, "\t", strings.ToUpper(shout))
	time.Sleep(*delay)
	fmt.Fprintln(conn, "\t", shout)
	time.Sleep(*delay)
	fmt.Fprintln(conn, "\t", strings.ToLower(shout))
}

func copyBack(conn net.Conn) {
	io.Copy(conn, conn)
	conn.Close()
}

func reverb1(conn net.Conn) {
	input := bufio.NewScanner(conn)
	for input.Scan() {
		echo(conn, input.Text())
	}
	conn.Close()
}

func reverb2(conn net.Conn) {
	input := bufio.NewScanner(conn)
	for input.Scan() {
		go echo(conn, input.Text())
	}
	conn.Close()
}

func ex84(conn net.Conn) {
	var pending sync.WaitGroup
	input := bufio.NewScanner(conn)
	for input.Scan() {
		pending.Add(1)
		go func(shout string) {
			defer pending.Done()
			echo(conn, shout)
		}(input.Text())
	}
	pending.Wait()
	conn.Close()
}
