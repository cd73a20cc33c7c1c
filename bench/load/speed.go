package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"time"
)

const blockSize = 65_536

// throughput sends shouts on all connections, as fast as they go or in bursts, and reads all
// their echoes.
func throughput(options *Options) (Figures, error) {
	checkers, err := connect(options, options.shouts/options.conns)
	if err != nil {
		return nil, err
	}
	own, cpu := processCPU(os.Getpid()), processCPU(options.pid)
	began := time.Now()
	err = forEach(len(checkers), func(index int) error {
		if options.burst > 0 {
			return bursts(checkers[index], options.burst)
		}
		return checkers[index].exchange(func() error { return flood(checkers[index]) })
	})
	took := time.Since(began).Seconds()
	if err != nil {
		return nil, err
	}
	own, cpu = processCPU(os.Getpid())-own, processCPU(options.pid)-cpu
	shouts := float64(options.conns * (options.shouts/options.conns - 1))
	figures := Figures{
		"took":     took,
		"shouts":   shouts / took,
		"bytes":    3 * shouts * float64(len(checkers[0].shape.echoes[0])) / took,
		"cpu":      cpu / shouts,
		"load_cpu": own,
		"ceiling":  shouts / own,
		"memory":   memory(options.pid),
	}
	return figures, end(checkers)
}

// connect opens the connections; each has shouted once, so that the server knows it.
func connect(options *Options, shouts int) ([]*Checker, error) {
	shape := newShape(options.size, options.wide)
	room := max(2*len(shape.echoes[0]), min(4*blockSize, 1<<26/options.conns))
	checkers := make([]*Checker, options.conns)
	for index := range checkers {
		conn, err := dial(options)
		if err != nil {
			return nil, err
		}
		checkers[index] = newChecker(shape, conn, shouts, room)
	}
	return checkers, forEach(len(checkers), func(index int) error {
		checker := checkers[index]
		if _, err := checker.conn.Write(shape.write(nil, 0, 1)); err != nil {
			return err
		}
		return checker.readUntil(3)
	})
}

func end(checkers []*Checker) error {
	return forEach(len(checkers), func(index int) error {
		defer checkers[index].conn.Close()
		return checkers[index].readEnd()
	})
}

// bursts sends all shouts but the first, which has been sent; some at a time, and the next when
// all echoes of those have come.
func bursts(checker *Checker, burst int) error {
	var block []byte
	for from, shouts := 1, len(checker.next); from < shouts; from += burst {
		to := min(from+burst, shouts)
		block = checker.shape.write(block[:0], from, to)
		if _, err := checker.conn.Write(block); err != nil {
			return err
		}
		if err := checker.readUntil(3 * to); err != nil {
			return err
		}
	}
	return nil
}

// flood sends all shouts but the first as fast as they go.
func flood(checker *Checker) error {
	shape, shouts := checker.shape, len(checker.next)
	atOnce := max(1, blockSize/len(shape.shout))
	block := make([]byte, 0, min(atOnce, shouts)*len(shape.shout))
	for from := 1; from < shouts; from += atOnce {
		block = shape.write(block[:0], from, min(from+atOnce, shouts))
		if _, err := checker.conn.Write(block); err != nil {
			return err
		}
	}
	return nil
}

// plain sends blocks on each connection, as fast as they go or one by one, and reads every byte
// back.
func plain(options *Options) (Figures, error) {
	// Its length has no common factor with what is read or sent: a byte out of place shows.
	pattern := make([]byte, blockSize+1)
	for index := range pattern {
		pattern[index] = byte(index * index >> 3)
	}
	doubled := append(bytes.Clone(pattern), pattern...)
	share := options.bytes / options.conns
	atOnce := share
	if options.burst > 0 {
		atOnce = options.burst * blockSize
	}
	conns := make([]*net.TCPConn, options.conns)
	for index := range conns {
		var err error
		if conns[index], err = dial(options); err != nil {
			return nil, err
		}
		defer conns[index].Close()
	}
	began := time.Now()
	err := forEach(options.conns, func(index int) error {
		conn, data := conns[index], make([]byte, 4*blockSize)
		for from := 0; from < share; from += atOnce {
			to := min(from+atOnce, share)
			send := func() error { return sendPattern(conn, doubled, from, to) }
			read := func() error { return readPattern(conn, data, pattern, from, to) }
			if err := meanwhile(send, read); err != nil {
				return err
			}
		}
		return nil
	})
	took := time.Since(began).Seconds()
	return Figures{"took": took, "bytes": float64(share*options.conns) / took}, err
}

func sendPattern(conn *net.TCPConn, doubled []byte, from, to int) error {
	for sent := from; sent < to; {
		at := sent % (len(doubled) / 2)
		count, err := conn.Write(doubled[at : at+min(blockSize, to-sent)])
		if err != nil {
			return err
		}
		sent += count
	}
	return nil
}

func readPattern(conn *net.TCPConn, data, pattern []byte, from, to int) error {
	for read := from; read < to; {
		count, err := conn.Read(data)
		for part := data[:count]; len(part) > 0; {
			wanted := pattern[read%len(pattern):]
			size := min(len(part), len(wanted))
			if !bytes.Equal(part[:size], wanted[:size]) {
				return fmt.Errorf("bytes came back changed after %d", read)
			}
			part, read = part[size:], read+size
		}
		if err != nil && read < to {
			return fmt.Errorf("%d of %d bytes came back: %w", read, to, err)
		}
	}
	return nil
}
