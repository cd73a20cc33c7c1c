package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
)

// A shout is "Ab", its number, and padding; the letters tell which of its echoes one is. The
// number has six digits to the base 16 that no server changes the case of: '0' to '?'.
const (
	digits     = 6
	digitsFrom = 2
	indent     = "\t "
)

// Shape is how the shouts of a run look: all of one length, so that an echo's place is known.
type Shape struct {
	shout  []byte    // with its LF, numbered 0
	echoes [3][]byte // loud, normal and quiet, numbered 0
}

func newShape(size int, wide bool) *Shape {
	padding := bytes.Repeat([]byte("Is there anybody there? "), size/24+1)
	if wide {
		padding = bytes.Repeat([]byte("Жд"), size/4+1)
	}
	room := size - digitsFrom - digits
	padding = padding[:max(room, 0)]
	if wide && len(padding)%2 == 1 {
		padding[len(padding)-1] = 'x'
	}
	text := []byte("Ab" + "000000" + string(padding))
	shape := &Shape{shout: append(text, '\n')}
	for stage, voice := range []func([]byte) []byte{bytes.ToUpper, bytes.Clone, bytes.ToLower} {
		shape.echoes[stage] = append([]byte(indent), voice(shape.shout)...)
	}
	return shape
}

// write appends the shouts numbered from (and below to) to block.
func (shape *Shape) write(block []byte, from, to int) []byte {
	for number := from; number < to; number++ {
		at := len(block) + digitsFrom
		block = append(block, shape.shout...)
		for digit := digits - 1; digit >= 0; digit-- {
			block[at+digits-1-digit] = '0' + byte(number>>(4*digit)&15)
		}
	}
	return block
}

// Checker checks the echoes of one connection, each to the byte.
type Checker struct {
	shape *Shape
	conn  net.Conn
	next  []byte // the stage that comes next, by number of the shout
	Seen  int
	Heard func(number, stage int) error // called for every echo, if there is one to call
	data  []byte
	rest  int // bytes of an echo that has not come as a whole
}

func newChecker(shape *Shape, conn net.Conn, shouts, room int) *Checker {
	return &Checker{shape: shape, conn: conn, next: make([]byte, shouts), data: make([]byte, room)}
}

// exchange reads the echoes of all shouts while send writes those that are still to be shouted.
func (checker *Checker) exchange(send func() error) error {
	return meanwhile(send, func() error { return checker.readUntil(3 * len(checker.next)) })
}

// readUntil reads until that many echoes have been seen.
func (checker *Checker) readUntil(echoes int) error {
	for checker.Seen < echoes {
		count, err := checker.conn.Read(checker.data[checker.rest:])
		if wrong := checker.look(checker.rest + count); wrong != nil {
			return wrong
		}
		if err != nil && checker.Seen < echoes {
			return fmt.Errorf("%d of %d echoes came: %w", checker.Seen, echoes, err)
		}
	}
	if checker.Seen > echoes || checker.rest > 0 {
		return fmt.Errorf("more came than %d echoes", echoes)
	}
	return nil
}

// readEnd half-closes and reads the end of input, before which nothing more may come.
func (checker *Checker) readEnd() error {
	if err := checker.conn.(*net.TCPConn).CloseWrite(); err != nil {
		return err
	}
	count, err := checker.conn.Read(checker.data)
	if count > 0 {
		return fmt.Errorf("more came than %d echoes", checker.Seen)
	}
	if err != io.EOF {
		return err
	}
	return nil
}

func (checker *Checker) look(count int) error {
	data, size := checker.data[:count], len(checker.shape.echoes[0])
	for ; len(data) >= size; data = data[size:] {
		number, stage, err := checker.identify(data[:size])
		if err != nil {
			return err
		}
		if int(checker.next[number]) != stage {
			return fmt.Errorf("echo %d of shout %d came in the place of %d",
				stage, number, checker.next[number])
		}
		checker.next[number]++
		checker.Seen++
		if checker.Heard != nil {
			if err := checker.Heard(number, stage); err != nil {
				return err
			}
		}
	}
	checker.rest = copy(checker.data, data)
	return nil
}

func (checker *Checker) identify(echo []byte) (number, stage int, err error) {
	const from = len(indent) + digitsFrom
	if echo[len(indent)] == 'a' {
		stage = 2
	} else if echo[len(indent)+1] == 'b' {
		stage = 1
	}
	for _, digit := range echo[from : from+digits] {
		number = number<<4 | int(digit&15)
		if digit>>4 != 3 {
			return 0, 0, fmt.Errorf("torn: %q", echo)
		}
	}
	wanted := checker.shape.echoes[stage]
	if number >= len(checker.next) || !bytes.Equal(echo[:from], wanted[:from]) ||
		!bytes.Equal(echo[from+digits:], wanted[from+digits:]) {
		return 0, 0, fmt.Errorf("torn, or never shouted: %q", echo)
	}
	return number, stage, nil
}
