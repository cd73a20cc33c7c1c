// The same echoes as peers/goroutines, from a server in Go that is made to be fast.
//
// A connection has two goroutines, however many shouts are pending: one reads, one writes. All
// lines of a read stay together in one block, as Reverb keeps them. The delay is the same for all,
// so what is due needs no heap: two queues in the order of hearing, for normal and for quiet. All
// that is due is sent by one write. Without a delay nothing is ever pending, and the reader writes.
package main

import (
	"bytes"
	"flag"
	"io"
	"log"
	"net"
	"time"
)

const (
	longestLine = 65_536
	firstBuffer = 4_096 // as bufio.Scanner begins
	blocksAhead = 16    // read and not taken by the writer, which waits for the client
	mostHeld    = 1 << 20
)

// A block is the shouts of one read: whole lines, indented.
type block struct {
	text  []byte
	heard time.Time
}

func main() {
	address := flag.String("address", "127.0.0.1:8000", "where to listen")
	delay := flag.Float64("delay", 1, "seconds between the echoes of a shout")
	plain := flag.Bool("plain", false, "every byte comes back untouched")
	flag.Parse()
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	pause := time.Duration(*delay * float64(time.Second))
	for {
		accepted, err := listener.Accept()
		if err != nil {
			log.Print(err)
			continue
		}
		conn := accepted.(*net.TCPConn)
		switch {
		case *plain:
			go copyBack(conn)
		case pause == 0:
			go reverberateAtOnce(conn)
		default:
			go reverberate(conn, pause)
		}
	}
}

func copyBack(conn *net.TCPConn) {
	defer conn.Close()
	io.Copy(conn, conn)
	conn.CloseWrite()
}

func reverberateAtOnce(conn *net.TCPConn) {
	defer conn.Close()
	read(conn, func(text []byte) {
		echoes := append(bytes.ToUpper(text), text...)
		conn.Write(append(echoes, bytes.ToLower(text)...))
	})
}

func reverberate(conn *net.TCPConn, delay time.Duration) {
	defer conn.Close()
	heard := make(chan block, blocksAhead)
	go func() {
		defer close(heard)
		read(conn, func(text []byte) { heard <- block{text, time.Now()} })
	}()
	write(conn, delay, heard)
	conn.CloseWrite()
}

// read hands over the lines of each read, indented, until the input has ended; a last line without
// LF counts, and one that is too long ends the input.
func read(conn *net.TCPConn, hear func(text []byte)) {
	buffer := make([]byte, firstBuffer)
	have := 0
	for {
		n, err := conn.Read(buffer[have:])
		have += n
		full := have == len(buffer)
		if end := bytes.LastIndexByte(buffer[:have], '\n') + 1; end > 0 {
			hear(indented(buffer[:end]))
			have = copy(buffer, buffer[end:have])
		}
		switch {
		case err != nil && have > 0:
			hear(indented(append(buffer[:have:have], '\n')))
			return
		case err != nil || have > longestLine+1:
			return
		case full && len(buffer) <= longestLine:
			buffer = append(buffer, make([]byte, len(buffer)+1)...)
		}
	}
}

func indented(lines []byte) []byte {
	text := make([]byte, 0, len(lines)+2*bytes.Count(lines, []byte("\n")))
	for len(lines) > 0 {
		end := bytes.IndexByte(lines, '\n')
		text = append(text, "\t "...)
		text = append(text, bytes.TrimSuffix(lines[:end], []byte("\r"))...)
		text = append(text, '\n')
		lines = lines[end+1:]
	}
	return text
}

// write sends all echoes, each when it is due, until no more is heard and nothing is pending.
func write(conn *net.TCPConn, delay time.Duration, heard <-chan block) {
	var normal, quiet []block // blocks whose normal, or whose quiet echoes are next
	var due []byte
	held := 0
	alarm := time.NewTimer(time.Hour)
	for {
		due = due[:0]
		for now := time.Now(); ; {
			if len(normal) > 0 && !before(quiet, normal, delay) && !now.Before(normal[0].heard.Add(delay)) {
				due = append(due, normal[0].text...)
				quiet, normal = append(quiet, normal[0]), normal[1:]
			} else if len(quiet) > 0 && !now.Before(quiet[0].heard.Add(2*delay)) {
				due = append(due, bytes.ToLower(quiet[0].text)...)
				held -= len(quiet[0].text)
				quiet = quiet[1:]
			} else {
				break
			}
		}
		if len(due) > 0 {
			if _, err := conn.Write(due); err != nil {
				conn.Close() // which ends the reader
				for range heard {
				}
				return
			}
		}
		more := heard
		switch {
		case before(quiet, normal, delay):
			alarm.Reset(time.Until(quiet[0].heard.Add(2 * delay)))
		case len(normal) > 0:
			alarm.Reset(time.Until(normal[0].heard.Add(delay)))
		case heard == nil:
			return
		}
		if held > mostHeld {
			more = nil
		}
		select {
		case next, open := <-more:
			if !open {
				heard = nil
				continue
			}
			held += len(next.text)
			normal = append(normal, next)
			if _, err := conn.Write(bytes.ToUpper(next.text)); err != nil {
				conn.Close()
				for range heard {
				}
				return
			}
		case <-alarm.C:
		}
	}
}

// before tells whether the next quiet echo leaves before the next normal one.
func before(quiet, normal []block, delay time.Duration) bool {
	return len(quiet) > 0 && (len(normal) == 0 || quiet[0].heard.Add(delay).Before(normal[0].heard))
}
