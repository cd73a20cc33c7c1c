package main

import (
	"fmt"
	"net"
)

// idle tells the bytes of memory per connection that is open and says nothing.
func idle(options *Options) (Figures, error) {
	var conns []net.Conn
	var at [2]float64
	shape := newShape(options.size, options.wide)
	for step, count := range []int{options.from, options.to} {
		for len(conns) < count {
			conn, err := dial(options)
			if err != nil {
				return nil, err
			}
			defer conn.Close()
			conns = append(conns, conn)
		}
		// Connections are accepted in turn: when the last one answers, all are there.
		last := conns[count-1]
		if _, err := last.Write(shape.write(nil, 0, 1)); err != nil {
			return nil, err
		}
		if err := newChecker(shape, last, 1, 1024).readUntil(3); err != nil {
			return nil, err
		}
		at[step] = memory(options.pid)
	}
	return slope(at, options.from, options.to)
}

// pending tells the bytes of memory per shout whose echoes are not due for long, in blocks or one
// by one: then each is sent when the server has heard the one before.
func pending(options *Options) (Figures, error) {
	shape := newShape(options.size, options.wide)
	checkers := make([]*Checker, options.conns)
	for index := range checkers {
		conn, err := dial(options)
		if err != nil {
			return nil, err
		}
		defer conn.Close()
		checkers[index] = newChecker(shape, conn, options.to/options.conns, blockSize)
	}
	var at [2]float64
	sent := 0
	for step, count := range []int{options.from, options.to} {
		until := count / options.conns
		err := forEach(options.conns, func(index int) error {
			checker := checkers[index]
			atOnce := until - sent
			if options.single {
				atOnce = 1
			}
			for from := sent; from < until; from += atOnce {
				block := shape.write(nil, from, from+atOnce)
				if _, err := checker.conn.Write(block); err != nil {
					return err
				}
				if err := checker.readUntil(from + atOnce); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		sent = until
		at[step] = memory(options.pid)
	}
	return slope(at, options.from, options.to)
}

func slope(at [2]float64, from, to int) (Figures, error) {
	if at[0] == 0 {
		return nil, fmt.Errorf("the server's process is not known")
	}
	return Figures{"memory": at[1], "each": (at[1] - at[0]) / float64(to-from)}, nil
}
